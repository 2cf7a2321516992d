import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { exitCodes } from '../../src/cli/exit.ts'
import { freePort } from '../kit/processes.ts'
import { codeOn, eventually, freshNumber, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { type Ran, runCommand, spawnCommand } from './run-command.ts'

const nobody = (prefix: string): string => `${prefix}_${'0'.repeat(31)}1`

/** The command line of people who use a running server. */
describe('the command line over HTTP', () => {
  let server: SharedServer
  let environment: Record<string, string>
  before(async () => {
    server = await sharedServer()
    environment = { CENTANG_URL: server.url, CENTANG_API_KEY: server.key }
  })
  after(() => server.stop())

  const run = (words: readonly string[], input?: string): Promise<Ran> => runCommand(words, environment, input)

  async function sent(to: string, ...words: string[]): Promise<{ id: string; code: string }> {
    const ran = await run(['send', to, '--json', ...words])
    assert.equal(ran.code, exitCodes.ok, ran.err)
    return { id: JSON.parse(ran.out).id, code: await codeOn(server, to) }
  }

  describe('send and check', () => {
    it('sends a code and says how to check it', async () => {
      const to = freshNumber()
      const { code, out, err } = await run(['send', to, '--channel', 'sms', '--locale', 'id', '--purpose', 'login'])
      assert.equal(code, exitCodes.ok, err)
      const [, id] = /\n(ver_\w{32})\ncentang check \1 <code>\n$/.exec(out) ?? []
      assert.match(out, new RegExp(`^A code is on its way to \\${to} by sms, valid until \\d\\d:\\d\\d:\\d\\d\\.\n`))
      const { body } = await server.call('GET', `/v1/verifications/${id}`)
      assert.deepEqual([body.channel, body.locale, body.purpose], ['sms', 'id', 'login'])
    })

    it('ends check with 1 for a wrong code and with 0 for the right one, however it is typed', async () => {
      const { id, code } = await sent(freshNumber())
      const wrong = await run(['check', id, wrongCode(code)])
      assert.deepEqual([wrong.code, wrong.out], [exitCodes.failed, '✗ Wrong. 4 more may be tried.\n'])
      const right = await run(['check', id, code.slice(0, 3), code.slice(3)])
      assert.deepEqual([right.code, right.out], [exitCodes.ok, '✓ Right: the verification is approved.\n'])
      const closed = await run(['check', id, code])
      assert.equal(closed.code, exitCodes.failed)
      assert.match(
        closed.err,
        /^The verification has already ended\.\nStart a new verification\.\n {2}verification_closed, /,
      )
    })

    it('waits for the code, tells a wrong one, sends again on request', async () => {
      const to = freshNumber()
      const command = spawnCommand(['send', to, '--wait', '--json'], environment)
      const code = await codeOn(server, to)
      command.child.stdin?.write(`${wrongCode(code)}\n\n`)
      await eventually(async () => command.err().includes('✗ Wrong. 4 more may be tried.'))
      command.child.stdin?.write('resend\n')
      await eventually(async () => command.err().includes('The code was sent a moment ago.'))
      command.child.stdin?.write('next\n')
      await eventually(async () => command.err().includes('On its way by sms (sending 2).'))
      command.child.stdin?.write(`${code}\n`)
      const { code: exitCode, out, err } = await command.ended
      assert.equal(exitCode, exitCodes.ok, err)
      const { valid, status } = JSON.parse(out)
      assert.deepEqual([valid, status], [true, 'approved'])
    })

    it('fails when nobody types the right code', async () => {
      const none = await run(['send', freshNumber(), '--wait'], '')
      assert.equal(none.code, exitCodes.failed)
      assert.match(none.err, /Nothing was verified\. Later: centang check ver_\w{32} <code>\n$/)
      const to = freshNumber()
      const { code } = await sent(to)
      // The same verification again: it is pending.
      const five = await run(['send', to, '--wait'], `${wrongCode(code)}\n`.repeat(6))
      assert.equal(five.code, exitCodes.failed)
      assert.equal(five.out, '')
    })
  })

  describe('what is there', () => {
    it('lists verifications, pages on, and shows one with its timeline', async () => {
      const to = freshNumber()
      const { id, code } = await sent(to, '--purpose', 'first')
      await run(['check', id, code])
      const second = await sent(to, '--purpose', 'second')
      const list = await run(['verifications', 'list', '--to', to, '--limit', '1'])
      assert.match(list.out, new RegExp(`^${second.id}  pending  \\${to}  whatsapp  [\\d-]+ [\\d:]+\n$`))
      const [, cursor = ''] = /There are more: --cursor (ver_\w+)\n/.exec(list.err) ?? []
      const next = JSON.parse((await run(['verifications', 'list', '--to', to, '--cursor', cursor, '--json'])).out)
      assert.deepEqual(
        next.data.map((one: { id: string }) => one.id),
        [id],
      )
      const none = await run(['verifications', 'list', '--to', to, '--status', 'blocked'])
      assert.deepEqual([none.code, none.out, none.err], [exitCodes.ok, '', 'There are none.\n'])
      const { out } = await run(['verifications', 'get', id])
      assert.match(out, new RegExp(`^${id}  approved\n  to +\\${to}  \\(test: nothing left the simulator\\)\n`))
      assert.match(out, /\n {2}whatsapp: (sent|delivered|read)\n/)
      assert.match(out, /\n {2}\d\d:\d\d:\d\d +verification\.started/)
      assert.match(out, /verification\.approved/)
      assert.doesNotMatch(out, new RegExp(`\\b${code}\\b`))
    })

    it('makes a key, finds the one in use, and revokes', async () => {
      const made = await run(['keys', 'create', '--scope', 'verify', '--scope', 'read', '--expires', '2d'])
      assert.match(made.out, /^ck_test_\S+\n$/, 'only the key, for a script')
      const [, id = ''] =
        /^This is (key_\w{32}), for verify, read\. The key is shown this once\.\n$/.exec(made.err) ?? []
      const mine = { ...environment, CENTANG_API_KEY: made.out.trim() }
      const list = await runCommand(['keys', 'list'], mine)
      assert.match(
        list.out,
        new RegExp(
          `^${id}  test  …${made.out.trim().slice(-4)}  verify\\+read  made .*  (never used|used .*) +until .* ← the one you use$`,
          'm',
        ),
      )
      assert.equal(list.out.match(/the one you use/g)?.length, 1)
      const revoked = await run(['keys', 'revoke', id])
      assert.equal(revoked.out, `${id} is revoked.\n`)
      assert.match((await run(['keys', 'list'])).out, new RegExp(`^${id} .*  revoked `, 'm'))
      await eventually(async () => (await runCommand(['keys', 'list'], mine)).code === exitCodes.credentials, 12_000)
    })
  })

  describe('what is set up', () => {
    it('shows applications, and lets an auth server in whose secret stands in no command line', async () => {
      const applications = await run(['applications'])
      assert.match(applications.out, /^app_\w{32}  .*whatsapp, sms$/m)
      const { data } = JSON.parse((await run(['applications', '--json'])).out)
      assert.ok(applications.out.startsWith(data[0].id))
      const shown = await run(['applications', 'show', data[0].id])
      assert.match(shown.out, new RegExp(`^id +${data[0].id}\naudience +${data[0].id}  \\(.* \`aud\``))
      assert.match(shown.out, /^Twilio +account AC\w{32}, key SK\w{32}, service VA\w{32}$/m)
      const whole = JSON.parse((await run(['applications', 'show', data[0].id, '--json'])).out)
      assert.deepEqual([whole.id, typeof whole.credentials.vonage.application_id], [data[0].id, 'string'])
      assert.equal((await run(['applications', 'show', 'app_nobody'])).code, exitCodes.failed)
      const secret = `v1,whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`
      const made = await run(['gateways', 'create', 'supabase'], `${secret}\n`)
      assert.match(made.out, /^gwy_\w{32}\n$/)
      assert.match(made.err, /Give this URL to supabase: http/)
      const id = made.out.trim()
      const listed = await run(['gateways', 'list'])
      assert.match(listed.out, new RegExp(`^${id}  test  supabase  .* http`, 'm'))
      assert.ok(!listed.out.includes('whsec_'))
      assert.equal((await run(['gateways', 'remove', id])).code, 0)
      assert.ok(!(await run(['gateways', 'list'])).out.includes(id))
      assert.equal((await run(['gateways', 'create', 'supabase'])).code, exitCodes.usage, 'nobody typed a secret')
    })

    it('makes a webhook endpoint and takes it away', async () => {
      const made = await run(['webhooks', 'create', 'https://shop.example/hooks', '--events', 'verification.approved'])
      assert.match(made.out, /^whsec_\S+\n$/)
      const id = /whe_\w{32}/.exec(made.err)?.[0] as string
      assert.match((await run(['webhooks', 'list'])).out, new RegExp(id))
      assert.equal((await run(['webhooks', 'remove', id])).code, 0)
      assert.ok(!(await run(['webhooks', 'list'])).out.includes(id))
      const refused = await run(['webhooks', 'create', 'http://10.0.0.1/x'])
      assert.equal(refused.code, exitCodes.failed)
      assert.match(refused.err, /CENTANG_WEBHOOK_HOSTS/)
    })
  })

  describe('listen', () => {
    let usual: Record<string, string>
    // A business that nothing else happens to: what the tests before have sent is still arriving.
    beforeEach(async () => {
      usual = environment
      environment = { ...environment, CENTANG_API_KEY: (await server.freshBusiness()).key }
    })
    afterEach(() => {
      environment = usual
    })

    it('shows a verification live, a line an event', async () => {
      const command = spawnCommand(['listen', '--count', '2'], environment)
      await eventually(async () => command.err().includes('Listening.'))
      const { id } = await sent(freshNumber())
      const { code, out, err } = await command.ended
      assert.equal(code, exitCodes.ok, err)
      const lines = out.trimEnd().split('\n')
      assert.equal(lines.length, 2)
      assert.match(lines[0] ?? '', new RegExp(`^\\d\\d:\\d\\d:\\d\\d  verification\\.started +whatsapp +${id}$`))
      assert.match(lines[1] ?? '', new RegExp(`^\\d\\d:\\d\\d:\\d\\d  delivery\\.sent +whatsapp +${id}$`))
      assert.match(err, /Go on from here with: centang listen --after \d+-\d+-\d+\n$/)
    })

    it('goes on after an event, so that nothing is missed between two runs', async () => {
      const first = spawnCommand(['listen', '--count', '1', '--json'], environment)
      await eventually(async () => first.err().includes('Listening.'))
      const { id } = await sent(freshNumber())
      const { out } = await first.ended
      const { id: cursor, type } = JSON.parse(out)
      assert.equal(type, 'verification.started')
      const second = await run(['listen', '--after', cursor, '--count', '1', '--json'])
      const next = JSON.parse(second.out)
      assert.deepEqual([next.type, next.verification_id], ['delivery.sent', id])
    })

    it('comes back by itself, with what happened meanwhile', async () => {
      // In between stands a proxy that cuts the first connection before there was an event.
      let connections = 0
      const leaving = new AbortController()
      const proxy = createServer((request, response) => {
        const headers = {
          authorization: `Bearer ${environment['CENTANG_API_KEY']}`,
          'last-event-id': request.headers['last-event-id'] ?? '',
        }
        const isFirst = ++connections === 1
        const { signal } = leaving
        const asked = fetch(server.url + request.url, { headers: headers as Record<string, string>, signal })
        const pass = async (answer: Response): Promise<void> => {
          response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
          for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
            response.write(chunk)
            if (!isFirst) continue
            await sent(freshNumber())
            response.destroy()
            break
          }
        }
        void asked.then(pass).catch(() => response.destroy())
      })
      await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
      const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
      const ran = await spawnCommand(['listen', '--count', '1', '--json'], { ...environment, CENTANG_URL: url }).ended
      leaving.abort()
      proxy.close()
      proxy.closeAllConnections()
      assert.equal(ran.code, exitCodes.ok, ran.err)
      assert.match(ran.err, /The connection ended; again in 0\.5 seconds\.\nConnected again\.\n/)
      assert.equal(JSON.parse(ran.out).type, 'verification.started', 'what happened while nobody was connected')
    })

    it('ends well when it is stopped', async () => {
      const command = spawnCommand(['listen'], environment)
      await eventually(async () => command.err().includes('Listening.'))
      command.child.kill('SIGINT')
      const { code } = await command.ended
      assert.equal(code, exitCodes.ok)
    })
  })

  it('says commands as they are typed where it was started', async () => {
    const help = (environment: Record<string, string>) => spawnCommand(['keys', '--help'], environment).ended
    assert.match((await help({})).out, /\n {2}\$ centang |Usage: centang keys/)
    const inClone = await spawnCommand(['keys', 'create', '--help'], { npm_command: 'exec' }).ended
    assert.match(inClone.out, /\$ npx centang keys create/)
    assert.ok(!/[^x] centang /.test(inClone.out.replaceAll('npx centang', '')), inClone.out)
    const refused = await spawnCommand(['keys', 'list'], { npm_lifecycle_event: 'centang' }).ended
    assert.equal(refused.code, exitCodes.usage)
  })

  describe('what goes wrong', () => {
    const fails = async (words: readonly string[], exitCode: number, says: RegExp, more = {}): Promise<void> => {
      const ran = await runCommand(words, { ...environment, ...more })
      assert.match(ran.err, says, words.join(' '))
      assert.deepEqual([ran.code, ran.out], [exitCode, ''], words.join(' '))
    }

    it('is told apart: no server, something else, a wrong key, no key', async () => {
      const url = `http://127.0.0.1:${await freePort()}`
      const { unreachable, credentials, usage } = exitCodes
      await fails(['keys', 'list'], unreachable, /can't be reached \(ECONNREFUSED\)\.\nStart it/, { CENTANG_URL: url })
      await fails(['listen'], unreachable, /can't be reached/, { CENTANG_URL: url })
      const other = createServer((_request, response) => response.end('<h1>hello</h1>'))
      await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
      const { port } = other.address() as AddressInfo
      await fails(['keys', 'list'], unreachable, /is not Centang/, { CENTANG_URL: `http://127.0.0.1:${port}` })
      await fails(['listen'], unreachable, /is not Centang/, { CENTANG_URL: `http://127.0.0.1:${port}` })
      other.close()
      const key = `ck_test_${randomUUID()}`
      await fails(['keys', 'list'], credentials, /The API key is unknown/, { CENTANG_API_KEY: key })
      await fails(['listen'], credentials, /The API key is unknown/, { CENTANG_API_KEY: key })
      await fails(['keys', 'list'], usage, /An API key is needed: set CENTANG_API_KEY/, { CENTANG_API_KEY: '' })
      await fails(['keys', 'list'], usage, /has characters that no key has/, { CENTANG_API_KEY: 'ck_test_\n' })
      await fails(['keys', 'list'], usage, /must be an http or https URL/, { CENTANG_URL: 'verify.example.com' })
    })

    it('says which id, number or option', async () => {
      const { failed, usage } = exitCodes
      await fails(['check', nobody('ver'), '123456'], failed, /There is no such verification/)
      await fails(['verifications', 'get', '../keys'], failed, /There is no such verification/)
      await fails(['keys', 'revoke', nobody('key')], failed, /There is nothing under that id/)
      await fails(['send', '0812'], failed, /not a phone number in E\.164 form.*\n.*recipient_invalid, request /s)
      await fails(['send', '+6281234567890', '--channel', 'pigeon'], usage, /Allowed choices are whatsapp/)
      await fails(['verifications', 'list', '--limit', '0'], usage, /whole number from 1 to 100/)
      await fails(['send'], usage, /missing required argument 'to'/)
      await fails(['fly'], usage, /unknown command 'fly'/)
    })

    it('is JSON where JSON was asked for', async () => {
      const ran = await run(['check', nobody('ver'), '123456', '--json'])
      assert.deepEqual([ran.code, ran.out, JSON.parse(ran.err).code], [exitCodes.failed, '', 'verification_not_found'])
      const usage = await run(['send', '--json'])
      assert.deepEqual([usage.code, usage.out, JSON.parse(usage.err).code], [exitCodes.usage, '', 'usage'])
    })
  })
})
