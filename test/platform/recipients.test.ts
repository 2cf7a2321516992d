import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { accessIds } from '#access/core/ids.ts'
import { operatorBusinessId } from '#platform/core/caller.ts'
import { spellId } from '#platform/core/id.ts'
import { Database } from '#platform/database/database.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import { eraseAnswers } from '#platform/http/erase-answers.ts'
import { IdempotencyStore } from '#platform/http/idempotency-store.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import { exitCodes } from '../../src/cli/exit.ts'
import { runCommand } from '../cli/run-command.ts'
import { bearer, codeOn, operatorKey, eventually, freshNumber, wrongCode } from '../kit/api.ts'
import { freshDatabase } from '../kit/database.ts'
import { dump } from '../kit/leaks.ts'
import { temporaryFolder } from '../kit/processes.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'

const masterKey = Buffer.alloc(32, 7).toString('base64')

describe('a person', () => {
  let server: TestServer
  let sid: string
  before(async () => {
    server = await startTestServer({ CENTANG_MASTER_KEY: masterKey })
    const [application] = await server.database.query<{ id: string }>('select id from application')
    const id = spellId(accessIds.application, application?.id as string)
    sid = (await server.call('GET', `/v1/applications/${id}/credentials`)).body.twilio.account_sid
  })
  after(() => server.stop())

  const basic = () => ({ authorization: `Basic ${Buffer.from(`${sid}:${server.key}`).toString('base64')}` })
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const asTwilio = (path: string, fields: Record<string, string>) =>
    server.call('POST', path, new URLSearchParams(fields).toString(), { ...basic(), ...form })
  const erase = (to: string, headers = {}) => server.call('POST', '/v1/recipients/erase', { to }, headers)
  const exported = async (to: string, kind?: string): Promise<any[]> => {
    const { status, body } = await server.call('POST', '/v1/recipients/export', { to })
    assert.equal(status, 200)
    return body.data.filter((one: { kind: string }) => kind === undefined || one.kind === kind)
  }

  it('is handed over and erased in every spelling, and nobody else with them', async () => {
    // One phone of Buenos Aires, in its two spellings.
    const [one, other] = ['+5491123456789', '+541123456789']
    const stranger = freshNumber()
    for (const number of [one, stranger])
      assert.equal((await asTwilio('/v2/SafeList/Numbers', { PhoneNumber: number })).status, 201)
    const found = await exported(other, 'safe_numbers')
    assert.deepEqual(
      found.map((item) => item.phone_number),
      [one],
    )
    const { status, body } = await erase(other)
    assert.equal(status, 200)
    assert.equal(body.erased.safe_numbers, 1)
    assert.ok(!JSON.stringify(body).includes('1123456789'), 'the answer repeats no number')
    assert.deepEqual(await exported(one), [])
    assert.equal((await exported(stranger, 'safe_numbers')).length, 1)
    assert.equal((await erase(other)).body.erased.safe_numbers, 0, 'a second time finds nothing')
  })

  it('is refused in a sentence when it is no number, and needs a key that may do everything', async () => {
    const bad = await erase('nobody')
    assert.deepEqual([bad.status, bad.body.code], [422, 'recipient_invalid'])
    const unknown = await server.call('POST', '/v1/recipients/export', { to: freshNumber(), cursor: 'x' })
    assert.deepEqual([unknown.status, unknown.body.errors[0].path], [400, 'body/cursor'])
    const made = await server.call('POST', '/v1/api_keys', { scopes: ['verify', 'chat', 'read'] })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    for (const path of ['erase', 'export']) {
      const { status, body } = await server.call(
        'POST',
        `/v1/recipients/${path}`,
        { to: freshNumber() },
        bearer(made.body.key),
      )
      assert.deepEqual([status, body.code], [403, 'permission_missing'])
    }
  })

  it('leaves of a verification what counts, and gives nobody another guess or sending', async () => {
    const number = freshNumber()
    const start = () => server.call('POST', '/v1/verifications', { to: number, metadata: { name: 'Budi' } })
    const first = await start()
    const code = await codeOn(server, number)
    const check = (id: string, guess = wrongCode(code)) =>
      server.call('POST', `/v1/verifications/${id}/check`, { code: guess })
    for (let n = 0; n < 3; n++) await check(first.body.id)
    const budget = () =>
      server.database.query(
        `select failed_at, failed_consecutive, sent_at from recipient where failed_consecutive > 0 order by person`,
      )
    const before = await budget()
    assert.equal(before.length, 1)
    const [handed] = await exported(number, 'verifications')
    assert.partialDeepStrictEqual(handed, { to: number, status: 'pending', metadata: { name: 'Budi' }, checks: 3 })
    assert.equal(handed.deliveries.length, 1)

    const { body } = await erase(number)
    assert.equal(body.erased.verifications, 1)
    assert.deepEqual(await budget(), before, 'not one guess is given back, and not one send')
    assert.deepEqual(await exported(number, 'verifications'), [])
    const left = await server.call('GET', `/v1/verifications/${first.body.id}`)
    assert.partialDeepStrictEqual(left.body, { to: 'erased', status: 'canceled', metadata: null })
    assert.equal(left.body.deliveries.length, 1)
    assert.equal(left.body.timeline.at(-1).reason, 'erased')
    const late = await check(first.body.id, code)
    assert.deepEqual([late.status, late.body.code], [409, 'verification_closed'], 'the right code is too late')
    const text = await dump(server)
    assert.ok(!text.includes(number.slice(1)), 'the number is nowhere')
    assert.ok(!text.includes(Buffer.from(number.slice(1)).toString('base64')))

    const second = await start()
    assert.equal(second.status, 201)
    await check(second.body.id, wrongCode(await codeOn(server, number, 2)))
    const [after] = await budget()
    assert.deepEqual([after?.['failed_consecutive'], after?.['sent_at'].length], [4, 2], 'counted on from where it was')
  })

  it('leaves of a chat what counts, and is nobody that the business knows', async () => {
    const number = freshNumber()
    const said = await server.call('POST', '/v1/messages', {
      to: number,
      template: {
        name: 'appointment',
        language: 'id',
        parameters: ['Budi Santoso', '1 Des'],
        payloads: ['yes:1', 'no'],
      },
      metadata: { who: 'Budi Santoso' },
    })
    assert.equal(said.status, 201, JSON.stringify(said.body))
    const shown = await eventually(async () =>
      (await server.simulate('GET', `/handsets/${number}/messages`)).body.messages.find(
        (one: any) => one.buttons.length,
      ),
    )
    await server.simulate('POST', `/handsets/${number}/messages/${shown.id}/press`, { button: 'yes:1' })
    const handed = await eventually(async () => {
      const found = await exported(number, 'messages')
      return found.length === 2 && found
    })
    assert.deepEqual(
      handed.map((one) => String(one.direction)).toSorted((a, b) => a.localeCompare(b)),
      ['in', 'out'],
    )
    assert.equal(handed[0].contact[0].address, number)

    const { body } = await erase(number)
    assert.equal(body.erased.messages, 2)
    assert.deepEqual(await exported(number, 'messages'), [])
    const text = await dump(server)
    for (const trace of [number.slice(1), 'Budi Santoso', 'yes:1']) assert.ok(!text.includes(trace), trace)
    const left = await server.call('GET', `/v1/messages/${said.body.id}`)
    assert.equal(left.status, 200, JSON.stringify(left.body))
    assert.equal((await erase(number)).body.erased.messages, 0)
  })

  it('is not found by what a late receipt brings', async () => {
    const number = freshNumber()
    await server.simulate('POST', '/faults', { kind: 'drop_receipts', to: number })
    await server.call('POST', '/v1/verifications', { to: number })
    await codeOn(server, number)
    await erase(number)
    assert.ok(!(await dump(server)).includes(number.slice(1)))
  })

  it('leaves no answer behind that names them, and a repeat of the request is told so', async () => {
    const [person, stranger] = [freshNumber(), freshNumber()]
    const say = (to: string) =>
      server.call(
        'POST',
        '/v1/messages',
        { to, text: 'Halo' },
        { 'idempotency-key': to === person ? 'say to a person' : 'say to a stranger' },
      )
    const first = await say(person)
    assert.ok(JSON.stringify(first.body).includes(person), 'the answer names them')
    const [, theirs] = [first, await say(stranger)]
    const { body } = await erase(person)
    assert.equal(body.erased.answers, 1)
    const again = await say(person)
    assert.deepEqual([again.status, again.body.code], [409, 'idempotency_answer_gone'])
    // Of nothing but the number of the request.
    const { request_id: _, ...answer } = (await say(stranger)).body
    const { request_id: __, ...before } = theirs.body
    assert.deepEqual(answer, before)
  })

  it('is in no Idempotency-Key that was made of their number, whoever asked for what', async () => {
    const number = freshNumber()
    const headers = { 'idempotency-key': `for ${number}` }
    const [{ id: rowId }] = (await server.database.query<{ id: string }>('select id from business limit 1')) as [any]
    const path = `/v1/businesses/${spellId(accessIds.business, rowId)}/budgets/reset`
    const reset = (recipient: string) =>
      server.call('POST', path, { recipient }, { ...headers, ...bearer(operatorKey) })
    for (const { status } of [
      await server.call('POST', '/v1/verifications', { to: number }, headers),
      await server.call('POST', '/v1/messages', { to: number, text: 'Halo' }, { 'idempotency-key': `say ${number}` }),
      await reset(number),
    ])
      assert.ok(status < 300, String(status))
    assert.equal((await reset(freshNumber())).body.code, 'idempotency_key_reused')
    await erase(number)
    const { body } = await server.call('POST', '/v1/verifications', { to: number }, headers)
    assert.equal(body.to, 'erased', 'the key stays used')
    assert.ok(!(await dump(server)).includes(number.slice(1)))
  })

  it('loses what was answered to the operator about them too, where their business erases them', async () => {
    const number = freshNumber()
    const keyring = new Keyring(new Map([[1, randomBytes(32)]]))
    const database = new Database({
      connectionString: server.database.url,
      statementTimeoutMs: 5000,
      lockTimeoutMs: 2000,
      poolSize: 2,
    })
    const store = new IdempotencyStore(database, keyring, () => new Date())
    const [mine, another] = [uuidv7(Date.now()), uuidv7(Date.now())]
    const once = (key: string, aboutBusinessId: string) =>
      store.once(
        { businessId: operatorBusinessId, aboutBusinessId },
        { key: `operator:${key} ${aboutBusinessId}`, fingerprint: Buffer.alloc(16) },
        async () => ({ status: 200, body: { to: key === 'named' ? number : freshNumber() } }),
      )
    const person = (modes: readonly boolean[]) => {
      const before = new Date(Date.now() + 1000)
      return { businessId: mine, modes, spelled: number, key: '', before }
    }
    try {
      for (const [key, about] of [
        ['named', mine],
        ['other', mine],
        ['named', another],
      ] as const)
        await once(key, about)
      assert.equal(await eraseAnswers({ database, keyring }, person([false])), 0, 'a test key reaches nothing live')
      assert.equal(await eraseAnswers({ database, keyring }, person([true, false])), 1)
      await assert.rejects(once('named', mine), { code: 'idempotency_answer_gone' })
      for (const [key, about] of [
        ['other', mine],
        ['named', another],
      ] as const)
        assert.equal((await once(key, about)).status, 200)
    } finally {
      await database.close()
    }
  })

  it('stays out of what is kept of erasing them: a MAC that no other business shares', async () => {
    const number = freshNumber()
    await erase(number)
    const rows = await server.database.query<{ person_key: string }>('select person_key from erasure')
    assert.ok(rows.length >= 1)
    const digits = number.slice(1)
    for (const { person_key: key } of rows) assert.match(key, /^[\w-]{22}$/)
    assert.ok(!(await dump(server)).includes(digits))
    const [secret] = await server.database.query<{ sealed: Buffer }>(`select sealed from secret where name = 'people'`)
    assert.equal(secret?.sealed.readUInt32BE(0), 1, 'sealed under the master key')
  })

  it('is erased again after an older backup has brought them back', async () => {
    const folder = temporaryFolder()
    const [backup, list] = [join(folder, 'old.backup'), join(folder, 'erasures.jsonl')]
    const restored = await freshDatabase({ migrated: false })
    const environmentOf = (url: string) => ({ DATABASE_URL: url, CENTANG_MASTER_KEY: masterKey })
    try {
      const [gone, stays] = ['+5215512345678', freshNumber()]
      for (const number of [gone, stays]) await asTwilio('/v2/SafeList/Numbers', { PhoneNumber: number })
      assert.equal((await runCommand(['backup', backup], environmentOf(server.database.url))).code, exitCodes.ok)
      await erase('+525512345678')
      const exportedList = await runCommand(['erasures', 'export', list], environmentOf(server.database.url))
      assert.equal(exportedList.code, exitCodes.ok, exportedList.err)
      const lines = readFileSync(list, 'utf8')
      assert.ok(!lines.includes('5512345678') && lines.includes('"person_key"'))

      writeFileSync(`${list}.bad`, `${lines}{"id":1}\n`)
      const refused = await runCommand(['restore', backup, '--erasures', `${list}.bad`], environmentOf(restored.url))
      assert.equal(refused.code, exitCodes.usage)
      assert.match(refused.err, /no list of erasures: see line \d+/)

      const { code, err, out } = await runCommand(['restore', backup, '--erasures', list], environmentOf(restored.url))
      assert.equal(code, exitCodes.ok, err)
      assert.match(err, /[1-9]\d* rows of theirs are gone/)
      assert.match(out, /rows are restored/)
      const left = await restored.query<{ phone_number: string }>('select phone_number from safe_number')
      assert.ok(left.some((row) => row.phone_number === stays))
      assert.ok(!left.some((row) => row.phone_number.endsWith('5512345678')))
      const again = await runCommand(['erasures', 'replay', list, '--json'], environmentOf(restored.url))
      assert.equal(JSON.parse(again.out).erased.rows, 0, 'a second time finds nothing')
    } finally {
      await restored.drop()
      rmSync(folder, { recursive: true })
    }
  })

  it('comes back without the list: the control of the replay', async () => {
    const folder = temporaryFolder()
    const backup = join(folder, 'old.backup')
    const restored = await freshDatabase({ migrated: false })
    const environmentOf = (url: string) => ({ DATABASE_URL: url, CENTANG_MASTER_KEY: masterKey })
    try {
      const number = freshNumber()
      await asTwilio('/v2/SafeList/Numbers', { PhoneNumber: number })
      await runCommand(['backup', backup], environmentOf(server.database.url))
      await erase(number)
      await runCommand(['restore', backup], environmentOf(restored.url))
      const left = await restored.query<{ phone_number: string }>('select phone_number from safe_number')
      assert.ok(left.some((row) => row.phone_number === number))
    } finally {
      await restored.drop()
      rmSync(folder, { recursive: true })
    }
  })
})
