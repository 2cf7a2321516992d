import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { receiveNews, runSimulator, type Running } from '#simulator/testing.ts'
import { exitCodes } from '#cli/exit.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { temporaryFolder } from '../kit/processes.ts'
import { type Ran, runCommand } from './run-command.ts'

const publicUrl = 'https://verify.example.test'
const nobody = (prefix: string): string => `${prefix}_${'0'.repeat(31)}1`

/** Going live by the command line, as an operator does it. */
describe('the command line', () => {
  const masterKey = randomBytes(32).toString('base64')
  const folder = temporaryFolder()
  let database: TestDatabase
  let simulator: Running
  let business = ''
  let application = ''
  /** The sender that most of these are about. */
  let sender = ''
  let whatsapp: { provider: string; config: Record<string, unknown>; secrets: Record<string, string> }

  before(async () => {
    ;[database, simulator] = await Promise.all([freshDatabase(), runSimulator()])
    const { body } = await simulator.call('GET', '/meta')
    whatsapp = {
      provider: 'whatsapp-cloud-api',
      config: {
        phone_number_id: body.phone_number_id,
        waba_id: body.waba_id,
        template_name: 'login_code',
        template_languages: ['id', 'en_US'],
        base_url: `${simulator.url}/meta`,
      },
      secrets: { access_token: body.access_token, app_secret: body.app_secret, verify_token: body.verify_token },
    }
    const { out } = await run(['businesses', 'create', 'Toko Sari', '--live', '--brand', 'Sari'])
    business = /biz_\w{32}/.exec(out)?.[0] ?? ''
    application = /app_\w{32}/.exec(out)?.[0] ?? ''
    sender = await add(whatsapp)
  })
  after(async () => {
    await simulator.stop()
    await database.drop()
  })

  /** Whatever a command says, it shows no secret but the verify token, which `show` is for. */
  async function run(words: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
    const { code, out, err } = await runCommand(words, {
      DATABASE_URL: database.url,
      CENTANG_MASTER_KEY: masterKey,
      CENTANG_PUBLIC_URL: publicUrl,
      // A live sender may not call a simulator; as a gateway that the operator names, it may.
      CENTANG_PROVIDER_HOSTS: new URL(simulator.url).host,
      ...environment,
    })
    for (const name of ['access_token', 'app_secret'] as const)
      assert.ok(!(out + err).includes(whatsapp?.secrets[name] ?? 'not yet known'), `${name} is shown`)
    return { code, out, err }
  }

  async function fails(
    words: readonly string[],
    says: RegExp,
    environment?: Record<string, string>,
    code: number = exitCodes.failed,
  ): Promise<Ran> {
    const ran = await run(words, environment)
    assert.match(ran.err, says, words.join(' '))
    assert.equal(ran.code, code)
    assert.equal(ran.out, '', 'what failed printed nothing that looks like a result')
    return ran
  }

  let files = 0
  function fileOf(content: unknown): string {
    const path = join(folder, `sender-${files++}.json`)
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
    return path
  }

  async function add(content: object): Promise<string> {
    const { code, out, err } = await run(['senders', 'add', business, fileOf(content)])
    assert.equal(code, 0, err)
    return /snd_\w{32}/.exec(out)?.[0] ?? ''
  }

  async function change(content: object): Promise<void> {
    const { code, err } = await run(['senders', 'update', sender, fileOf(content)])
    assert.equal(code, 0, err)
  }

  it('makes a business, and keys that are kept as hashes', async () => {
    assert.match(business, /^biz_/)
    const rows = () =>
      database.query<{ live: boolean; hint: string; hash: Buffer }>('select * from api_key order by id')
    assert.deepEqual(
      (await rows()).map(({ live }) => live),
      [true],
    )
    const [application_] = await database.query<{ brand: string }>('select brand from application')
    assert.equal(application_?.brand, 'Sari')
    const test = await run(['businesses', 'add-key', business, application])
    assert.match(test.out, /^ck_test_\S{20,}\nIt is shown this once\.\n$/)
    const live = await run(['businesses', 'add-key', business, application, '--live', '--countries', 'id,SG'])
    assert.deepEqual(await database.query('select live, changes from guard_policy'), [
      { live: true, changes: { countries: ['ID', 'SG'] } },
    ])
    const key = /^ck_live_\S+/.exec(live.out)?.[0] ?? 'none'
    const [, , last] = await rows()
    assert.deepEqual([last?.live, last?.hint], [true, key.slice(-4)])
    assert.ok(!JSON.stringify(await rows()).includes(key))
  })

  it('adds a sender, lists and shows it without its secrets', async () => {
    const list = await run(['senders', 'list', business])
    assert.ok(list.out.includes(`${sender}  live  whatsapp  whatsapp-cloud-api\n`), list.out)
    assert.ok(!list.out.includes(whatsapp.secrets['verify_token'] as string))
    const show = await run(['senders', 'show', sender])
    assert.ok(show.out.includes(`webhook       ${publicUrl}/webhooks/${sender}\n`), show.out)
    assert.ok(show.out.includes(`verify token  ${whatsapp.secrets['verify_token']}\n`), show.out)
    const [row] = await database.query<{ text: string }>('select sender::text as text from sender limit 1')
    assert.ok(!row?.text.includes(whatsapp.secrets['access_token'] as string), 'sealed in the database')
  })

  it('says what is wrong with a file, and adds nothing', async () => {
    const one = { provider: 'carrier-pigeon', config: {}, secrets: {} }
    const sms = { url: 'https://sms.example.test', body: { to: '{{to}}', text: '{{txt}}' } }
    const cases: [string, RegExp][] = [
      ['nowhere.json', /^There is no file nowhere\.json\.$/m],
      [fileOf('{ "provider": '), /is not JSON/],
      [fileOf(one), /provider must be one of .*sms-http.*whatsapp-cloud-api/],
      [fileOf({ ...whatsapp, config: { waba_id: '12' }, secrets: null }), /config.*waba_id.*secrets/s],
      [fileOf({ ...one, provider: 'sms-http', config: sms }), /config\/body\/text has a placeholder/],
    ]
    await Promise.all(cases.map(([file, says]) => fails(['senders', 'add', business, file], says, {}, exitCodes.usage)))
    const rows = await database.query('select from sender')
    assert.equal(rows.length, 1)
  })

  it('changes a sender, but not into one of another provider', async () => {
    const config = { ...whatsapp.config, template_minutes: [5] }
    const read = async () => (await database.query<{ config: object }>('select config from sender'))[0]?.config
    await change({ config })
    assert.deepEqual(await read(), config)
    const update = (content: unknown, says: RegExp) =>
      fails(['senders', 'update', sender, fileOf(content)], says, {}, exitCodes.usage)
    await Promise.all([
      update({ provider: 'sms-http', config: {} }, /This sender is of whatsapp-cloud-api/),
      update({ config: { template_name: 'x' } }, /config.*phone_number_id/),
    ])
    assert.deepEqual(await read(), config)
    await change({ config: whatsapp.config })
  })

  it('names an id that is none, of another kind, or of nothing', async () => {
    await Promise.all([
      fails(['senders', 'list', 'toko-sari'], /^toko-sari is not the id of a business\.$/m, {}, exitCodes.usage),
      fails(['senders', 'add', nobody('biz'), fileOf(whatsapp)], /^There is no business biz_0+1\.$/m),
      fails(['businesses', 'add-key', business, business], /is not the id of an application/, {}, exitCodes.usage),
      fails(['businesses', 'add-key', business, nobody('app')], /There is no application app_0+1 of this business/),
      fails(['doctor', nobody('snd')], /^There is no sender snd_0+1\.$/m),
    ])
  })

  it('makes the templates and points the webhook here', async () => {
    const made = await run(['templates', sender])
    assert.equal(made.code, 0, made.err)
    assert.deepEqual(
      made.out.trim().split('\n'),
      [1, 2, 3, 5, 10].flatMap((minutes) =>
        ['id', 'en_US'].map((language) => `login_code_${minutes}m ${language}: APPROVED`),
      ),
    )
    const here = await receiveNews(whatsapp.secrets['verify_token'] as string)
    const { origin } = new URL(here.url)
    const pointed = await run(['senders', 'subscribe', sender], { CENTANG_PUBLIC_URL: origin })
    assert.equal(pointed.out, `Meta sends receipts to ${origin}/webhooks/${sender}\n`, pointed.err)
    assert.equal(simulator.simulator.world.account.wabaCallback?.url, `${origin}/webhooks/${sender}`)
    await here.stop()
    await fails(['senders', 'subscribe', sender], /The webhook could not be set: \(#2200\)/, {
      CENTANG_PUBLIC_URL: origin,
    })
    simulator.simulator.world.account.wabaCallback = undefined
  })

  it('lists the templates as Meta has them, and prints JSON where it is asked for', async () => {
    const list = await run(['templates', 'list', sender])
    assert.equal(list.code, 0, list.err)
    assert.match(list.out, /^login_code_1m +(id|en_US) +AUTHENTICATION +APPROVED$/m)
    const json = JSON.parse((await run(['templates', 'list', sender, '--json'])).out)
    assert.equal(json.data.length, 10)
    const senders = JSON.parse((await run(['senders', 'list', business, '--json'])).out)
    assert.deepEqual([senders.data[0].id, senders.data[0].mode], [sender, 'live'])
    const show = JSON.parse((await run(['senders', 'show', sender, '--json'])).out)
    assert.deepEqual(
      [show.webhook_url, show.verify_token],
      [`${publicUrl}/webhooks/${sender}`, whatsapp.secrets['verify_token']],
    )
    const findings = JSON.parse((await run(['doctor', sender, '--json'])).out)
    assert.ok(findings.data.some((one: { check: string }) => one.check === 'access token'))
    const made = JSON.parse((await run(['businesses', 'create', 'Toko Json', '--json'])).out)
    assert.match(made.api_key, /^ck_test_/)
  })

  it('examines a set-up: 0 when it is well, 1 when it is not, each finding with its mend', async () => {
    const { account } = simulator.simulator.world
    account.appCallbackUrl = `${publicUrl}/webhooks/${sender}`
    const well = await run(['doctor', sender])
    assert.equal(well.code, 0, well.out + well.err)
    assert.deepEqual(
      well.out
        .split('\n')
        .filter((line) => /^[✓!✗]/.test(line))
        .map((line) => line.slice(0, line.indexOf(':'))),
      [
        '✓ access token',
        '✓ app secret',
        '✓ number',
        ...Array.from({ length: 5 }, () => '✓ template'),
        '✓ webhook',
        '! handshake',
      ],
    )
    account.numberStatus = 'DISCONNECTED'
    account.appCallbackUrl = 'https://elsewhere.example.test'
    const sick = await run(['doctor', sender])
    account.numberStatus = 'CONNECTED'
    assert.equal(sick.code, 1)
    assert.match(sick.out, /^✗ number: Its status is DISCONNECTED.*\n {4}→ Register it/m)
    assert.match(sick.out, /^✗ webhook: Meta sends receipts to https:\/\/elsewhere.*\n {4}→ Run/m)

    await change({ secrets: { ...whatsapp.secrets, app_secret: 'secret of another app' } })
    const forged = await run(['doctor', sender])
    assert.equal(forged.code, 1)
    assert.match(forged.out, /^✗ app secret: .*\n {4}→ Copy App dashboard/m)
    await change({ secrets: whatsapp.secrets })
  })

  it('says who did not answer, and what a provider cannot do', async () => {
    await change({ config: { ...whatsapp.config, base_url: 'http://127.0.0.1:9' } })
    await fails(['templates', sender], /^127\.0\.0\.1:9: ECONNREFUSED$/m, { CENTANG_PROVIDER_HOSTS: '127.0.0.1:9' })
    await fails(['doctor', sender], /This sender may not call 127\.0\.0\.1:9/)
    const away = await run(['doctor', sender], { CENTANG_PROVIDER_HOSTS: '127.0.0.1:9' })
    assert.equal(away.code, 1)
    assert.match(away.out, /^✗ network: Meta can't be reached from here: 127\.0\.0\.1:9: ECONNREFUSED\.\n {4}→ /m)
    for (const check of ['network', 'access token', 'number', 'template', 'webhook'])
      assert.match(away.out, new RegExp(`^– ${check}: .{20}`, 'm'))
    await change({ config: whatsapp.config })
    const config = { url: 'https://sms.example.test', body: { to: '{{to}}', text: '{{text}}' } }
    const sms = await add({ provider: 'sms-http', config, secrets: {} })
    const looked = await run(['doctor', sms])
    assert.deepEqual([looked.code, looked.out.match(/^– .*$/gm)?.length], [0, 2], looked.out)
    assert.match(looked.out, /^– one message: .*centang send/m)
    assert.match(looked.out, new RegExp(`^– receipt: .*enter ${publicUrl}/webhooks/${sms} at the gateway`, 'm'))
    await fails(['templates', sms], /^Senders of sms-http have no templates\.$/m)
    await fails(['templates', 'list', sms], /^Senders of sms-http have no templates\.$/m)
    const url = `/webhooks/${sms}`
    await fails(['senders', 'subscribe', sms], new RegExp(`sms-http cannot be subscribed from here: enter .*${url} at`))
    const shown = await run(['senders', 'show', sms])
    assert.match(shown.out, new RegExp(`^webhook {2}.*${url}\n$`, 'm'), shown.err)
  })

  it('lists the businesses of the server, and takes a sender away when it is sure', async () => {
    const { data } = JSON.parse((await run(['businesses', 'list', '--json'])).out)
    assert.ok(
      data.some(
        (one: { id: string; application_ids: string[] }) =>
          one.id === business && one.application_ids.includes(application),
      ),
    )
    assert.match((await run(['businesses', 'list'])).out, new RegExp(`^${business}  ${application}  `, 'm'))
    const config = { url: 'https://sms.example.test', body: { to: '{{to}}', text: '{{text}}' } }
    const sms = await add({ provider: 'sms-http', config, secrets: {} })
    await fails(['senders', 'remove', sms], /Nothing will be sent from .* --yes/, undefined, exitCodes.usage)
    assert.match((await run(['senders', 'remove', sms, '--yes'])).out, /^Removed\./)
    assert.ok(!(await run(['senders', 'list', business])).out.includes(sms))
  })

  it('sends a test message, and says what the provider answers', async () => {
    const sent = await run(['senders', 'test', sender, '+6281234567890'])
    assert.deepEqual([sent.code, sent.out.startsWith('Accepted as wamid.')], [0, true], sent.out + sent.err)
    const refused = await run(['senders', 'test', sender, '+6281234560001', '--json'])
    assert.equal(JSON.parse(refused.out).outcome === 'accepted' ? 0 : 1, refused.code)
    await fails(['senders', 'test', sender, 'nobody'], /recipient/i)
  })

  it('never calls its own public address for a live sender: the simulator may be mounted there', async () => {
    const environment = { CENTANG_PUBLIC_URL: new URL(simulator.url).origin }
    await fails(['templates', sender], /This sender may not call/, environment)
  })

  it('rotates the master key: what was sealed under the old one opens under the new one alone', async () => {
    const [{ count } = { count: 0 }] = await database.query<{ count: number }>(
      'select count(*)::int as count from sender',
    )
    const second = randomBytes(32).toString('base64')
    const both = { CENTANG_MASTER_KEY: `2:${second},1:${masterKey}` }
    const rotated = await run(['master-keys', 'rotate'], both)
    assert.match(rotated.out, new RegExp(`^${count} senders moved to master key 2\\.`, 'm'))
    assert.match((await run(['master-keys', 'rotate'], both)).out, /^0 senders moved/m)
    const show = await run(['senders', 'show', sender], { CENTANG_MASTER_KEY: `2:${second}` })
    assert.ok(show.out.includes(whatsapp.secrets['verify_token'] as string), show.err)
    await fails(['senders', 'show', sender], /CENTANG_MASTER_KEY does not have/)
  })

  it('asks for a master key and a database instead of guessing', async () => {
    const keyless = { CENTANG_MASTER_KEY: '' }
    const required = /CENTANG_MASTER_KEY is required outside the demo/
    await fails(['senders', 'list', business], required, keyless, exitCodes.usage)
    const away = { DATABASE_URL: 'postgres://nobody@127.0.0.1:9/x' }
    await fails(['senders', 'list', business], /The database can't be reached/, away, exitCodes.unreachable)
  })

  it('says that the database is away when its host is silent, or hangs up', async () => {
    const hosts = [createServer((socket) => socket.unref()), createServer((socket) => socket.destroy())]
    await Promise.all(
      hosts.map(async (host) => {
        await once(host.unref().listen(0, '127.0.0.1'), 'listening')
        const environment = { DATABASE_URL: `postgres://nobody@127.0.0.1:${(host.address() as AddressInfo).port}/x` }
        const says = /^The database can't be reached \(.+\)\. Check DATABASE_URL\.$/m
        await fails(['senders', 'list', business], says, environment, exitCodes.unreachable)
      }),
    )
  })
})
