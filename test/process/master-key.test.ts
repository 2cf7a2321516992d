import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Sender } from '#messaging/core/sender.ts'
import { Database } from '#platform/database/database.ts'
import { checkMasterKeys, WrongMasterKey } from '#platform/keys/key-check.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import { type NewSender, SenderStore } from '#messaging/store/senders.ts'
import { BusinessStore } from '#access/store/businesses.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { freePort, main, spawnServer, stopServer, temporaryFolder } from '../kit/processes.ts'
import { codeOn, eventually, freshNumber, wrongCode } from '../kit/api.ts'
import { startTestServer } from '../kit/server.ts'

const [first, second, third] = [randomBytes(32), randomBytes(32), randomBytes(32)]
const spell = (...keys: [number, Buffer][]): string =>
  keys.map(([version, bytes]) => `${version}:${bytes.toString('base64')}`).join(',')
const keyringOf = (...keys: [number, Buffer][]): Keyring => new Keyring(new Map(keys))

/** The command line as an operator runs it. */
function run(words: readonly string[], environment: Record<string, string>) {
  const ran = spawnSync(process.execPath, [main, ...words], {
    // Away from the checkout, whose .env is read there.
    cwd: '/',
    env: { PATH: process.env['PATH'], ...environment },
    encoding: 'utf8',
  })
  return { code: ran.status, out: ran.stdout, err: ran.stderr }
}

describe('the master key in the database', () => {
  let own: TestDatabase
  let database: Database
  before(async () => {
    own = await freshDatabase()
    database = open(own)
  })
  after(async () => {
    await database.close()
    await own.drop()
  })

  const open = ({ url }: TestDatabase): Database =>
    new Database({ connectionString: url, statementTimeoutMs: 5000, lockTimeoutMs: 2000, poolSize: 4 })

  it('is recognised, in every step of a rotation, and another one is refused', async () => {
    const check = (...keys: [number, Buffer][]) => checkMasterKeys(database, keyringOf(...keys))
    await check([0, third])
    await check([1, first])
    await check([1, first])
    await assert.rejects(check([1, second]), /another key as version 1 .*keys forget 1/)
    await assert.rejects(
      check([2, second]),
      /made with master key 1, and CENTANG_MASTER_KEY does not have it \(found: 2\)/,
    )
    await assert.rejects(check([0, third]), /found: only the demo's/)
    await check([1, first], [2, second])
    await check([2, second], [1, first])
    await check([2, second])
    const noted = await own.query<{ version: number }>('select version from key_check order by version')
    assert.deepEqual(
      noted.map(({ version }) => version),
      [0, 1, 2],
      'what was refused noted nothing',
    )
  })

  it('is one, when two servers begin an empty database with two', async () => {
    const empty = await freshDatabase()
    const databases = [open(empty), open(empty)] as const
    const begun = await Promise.allSettled([
      checkMasterKeys(databases[0], keyringOf([1, first])),
      checkMasterKeys(databases[1], keyringOf([1, second])),
    ])
    const refused = begun.filter(({ status }) => status === 'rejected')
    assert.equal(refused.length, 1)
    assert.ok(refused[0]?.status === 'rejected' && refused[0].reason instanceof WrongMasterKey)
    for (const one of databases) await one.close()
    await empty.drop()
  })

  it('that is wrong keeps a server from starting, with a sentence; that is lost can be forgotten', async () => {
    const fresh = await freshDatabase()
    const environment = (key: string) => ({ DATABASE_URL: fresh.url, CENTANG_MASTER_KEY: key })
    assert.equal(run(['migrate'], environment(spell([1, first]))).code, 0)
    const server = spawnServer(await freePort(), environment(spell([1, second])))
    assert.equal(await server.exited, 1)
    assert.match(
      server.output(),
      /another key as version 1 than this database was made with\. .*Put the right one back/,
    )
    assert.doesNotMatch(server.output(), /\n\s+at /, 'no stack')
    assert.match(
      run(['master-keys', 'forget', '7', '--yes'], environment(spell([1, second]))).err,
      /knows no master key 7/,
    )
    const unasked = run(['master-keys', 'forget', '1'], environment(spell([1, second])))
    assert.deepEqual([unasked.code, unasked.out], [2, ''], unasked.err)
    assert.match(unasked.err, /Pending codes of master key 1 die.* --yes/)
    assert.match(
      run(['master-keys', 'forget', '1', '--yes'], environment(spell([1, second]))).out,
      /Master key 1 is forgotten/,
    )
    const started = spawnServer(await freePort(), environment(spell([1, second])))
    await started.ready
    await stopServer(started)
    await fresh.drop()
  })

  it('that is missing is told; whoever asks for the stack is given the lines of the source, also of the bundle', () => {
    const create = (environment: Record<string, string>) =>
      run(['businesses', 'create', 'Toko'], { DATABASE_URL: own.url, ...environment }).err
    assert.match(create({}), /^The settings can't be used:\n {2}CENTANG_MASTER_KEY is required outside the demo\..*\n$/)
    // The database has one already, so that what is thrown comes from deep within.
    assert.match(
      create({ CENTANG_MASTER_KEY: spell([7, first]), CENTANG_LOG_LEVEL: 'debug' }),
      /\n {4}at \w+ \(file:.*\/src\/platform\/keys\/key-check\.ts:\d+:\d+\)\n/,
    )
  })
})

describe('senders under several master keys', () => {
  const now = new Date()
  let own: TestDatabase
  let database: Database
  let businessId = ''
  before(async () => {
    own = await freshDatabase()
    database = new Database({ connectionString: own.url, statementTimeoutMs: 5000, lockTimeoutMs: 2000, poolSize: 4 })
    businessId = (await new BusinessStore(database).create({ name: 'Toko' }, now)).id
  })
  after(async () => {
    await database.close()
    await own.drop()
  })
  const told: string[] = []
  const storeOf = (...keys: [number, Buffer][]): SenderStore =>
    new SenderStore(database, keyringOf(...keys), (id) => told.push(id))
  const secretOf = ({ secrets }: Sender): string => secrets['api'] ?? ''
  const byText = (a: string, b: string): number => a.localeCompare(b)
  const senderWith = (api: string, shared = false): NewSender => ({
    businessId,
    live: false,
    channel: 'sms',
    provider: 'sms-http',
    purpose: 'authentication',
    shared,
    config: {},
    secrets: { api },
  })

  it('are all read with both keys; one that can’t be read is told of once, and takes no other with it', async () => {
    const lost = await storeOf([1, first]).create(senderWith('under 1', true), now)
    const kept = await storeOf([2, second]).create(senderWith('under 2'), now)
    const both = storeOf([2, second], [1, first])
    assert.deepEqual((await both.listUsable(businessId)).map(secretOf).toSorted(byText), ['under 1', 'under 2'])
    const onlyNew = storeOf([2, second])
    for (const asked of [businessId, '00000000-0000-7000-8000-00000000000a'])
      assert.deepEqual(
        (await onlyNew.listUsable(asked)).map(({ id }) => id),
        asked === businessId ? [kept.id] : [],
      )
    assert.deepEqual(told, [lost.id])
    assert.equal(await onlyNew.findUsable(lost.id), undefined, 'no signature can be right')
    const shown = await onlyNew.find(lost.id)
    assert.deepEqual([shown?.isReadable, shown?.secrets], [false, {}])
    // Mended by giving it its secrets anew.
    await onlyNew.change(businessId, lost.id, { secrets: { api: 'anew' } }, now)
    assert.equal((await onlyNew.findUsable(lost.id))?.secrets['api'], 'anew')
    await storeOf([1, first]).change(businessId, lost.id, { secrets: { api: 'under 1' } }, now)
  })

  it('are moved to the current key by `keys rotate`, which tells of those it could not read', async () => {
    const environment = (key: string) => ({ DATABASE_URL: own.url, CENTANG_MASTER_KEY: key })
    await storeOf([3, third]).create(senderWith('under 3'), now)
    const rotated = run(['master-keys', 'rotate'], environment(spell([2, second], [1, first])))
    assert.match(rotated.out, /^1 senders moved to master key 2\./m)
    assert.match(rotated.err, /1 senders could not be read/)
    assert.equal(rotated.code, 1)
    const complete = run(['master-keys', 'rotate'], environment(spell([2, second], [3, third])))
    assert.match(complete.out, /^1 senders moved to master key 2\./m)
    assert.equal(complete.code, 0)
    assert.deepEqual((await storeOf([2, second]).listUsable(businessId)).map(secretOf).toSorted(byText), [
      'under 1',
      'under 2',
      'under 3',
    ])
    assert.match(run(['master-keys', 'rotate'], environment(spell([2, second]))).out, /^0 senders moved/m)
  })
})

describe('a server that goes on', () => {
  it('from the demo to a key of its own, on the same data folder, starts and sends', async () => {
    const dataFolder = temporaryFolder()
    const port = await freePort()
    const demo = spawnServer(port, { CENTANG_DATA_DIR: dataFolder })
    await demo.ready
    await stopServer(demo)
    const key = readFileSync(join(dataFolder, 'demo-key'), 'utf8').trim()
    const environment = { CENTANG_DATA_DIR: dataFolder, CENTANG_MASTER_KEY: spell([1, first]), CENTANG_SIMULATOR: 'on' }
    const live = spawnServer(port, environment)
    await live.ready
    const start = await fetch(`${live.url}/v1/verifications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ to: '+6281234567890' }),
    })
    assert.equal(start.status, 201)
    const { id } = (await start.json()) as { id: string }
    await eventually(async () => {
      const found = await fetch(`${live.url}/v1/verifications/${id}`, { headers: { authorization: `Bearer ${key}` } })
      return ((await found.json()) as { deliveries: { status: string }[] }).deliveries[0]?.status === 'delivered'
    })
    assert.doesNotMatch(live.output(), new RegExp(key), 'outside the demo its key is not printed')
    await stopServer(live)
    // The key forgotten, this is no demo again: it would begin to lose what the other key protects.
    const forgotten = spawnServer(port, { CENTANG_DATA_DIR: dataFolder })
    assert.equal(await forgotten.exited, 1)
    assert.match(forgotten.output(), /CENTANG_MASTER_KEY does not have it \(found: only the demo's\)/)
    rmSync(dataFolder, { recursive: true, force: true })
  })

  it('outside the demo mounts no simulator, with a demo key or without', async () => {
    const server = await startTestServer({ CENTANG_SIMULATOR: 'auto' })
    assert.equal(server.app.simulator, undefined)
    assert.equal((await server.simulate('GET', '/phone')).status, 404)
    await server.stop()
  })

  it('through a rotation checks the codes of before, and knows the requests of before', async () => {
    const world = await startTestServer({ CENTANG_MASTER_KEY: spell([1, first]) })
    const { database, key } = world
    const environment = { DATABASE_URL: database.url, CENTANG_DEMO_KEY: key, CENTANG_SIMULATOR: 'off' }
    const transaction = { id: 'order-7', amount: '150000.00', currency: 'IDR', payee: 'Toko Budi' }
    const numbers = [freshNumber(), freshNumber()] as const
    const call = (url: string, path: string, body: object, idempotencyKey?: string) =>
      fetch(`${url}/v1/verifications${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        body: JSON.stringify(body),
      }).then(async (answer) => ({ status: answer.status, body: (await answer.json()) as any }))

    const plain = await call(world.url, '', { to: numbers[0] }, 'asked-before')
    const bound = await call(world.url, '', { to: numbers[1], transaction })
    const codes = [await codeOn(world, numbers[0]), await codeOn(world, numbers[1])] as const
    for (const [step, keys] of [spell([1, first], [2, second]), spell([2, second], [1, first])].entries()) {
      const server = spawnServer(await freePort(), { ...environment, CENTANG_MASTER_KEY: keys })
      await server.ready
      const again = await call(server.url, '', { to: numbers[0] }, 'asked-before')
      assert.equal(again.body.id, plain.body.id, `step ${step}: an honest retry`)
      const sameOrder = (await call(server.url, '', { to: numbers[1], transaction })).body.id as string
      assert.notEqual(sameOrder, bound.body.id, `step ${step}`)
      const [own] = await database.query<{ code: string }>(
        `select 'ver_' || replace(code_id::text, '-', '') as code from verification where id = $1`,
        [sameOrder.replace('ver_', '')],
      )
      assert.equal(own?.code, bound.body.id, `step ${step}: it shares the code of before`)
      const wrong = await call(server.url, `/${plain.body.id}/check`, { code: wrongCode(codes[0]) })
      assert.equal(wrong.body.valid, false)
      if (step === 1) {
        const checked = await call(server.url, `/${plain.body.id}/check`, { code: codes[0] })
        assert.equal(checked.body.valid, true)
        const ofBound = await call(server.url, `/${bound.body.id}/check`, { code: codes[1], transaction })
        assert.equal(ofBound.body.valid, true)
      }
      await stopServer(server)
    }
    await world.stop()
  })
})
