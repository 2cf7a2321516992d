import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { codeMessage, eventually, loginCode, receiveNews } from '#simulator/testing.ts'

interface Process {
  readonly child: ChildProcess
  readonly url: string
  call(method: string, path: string, body?: object): Promise<any>
  end(signal?: NodeJS.Signals): Promise<number | null>
}

const main = fileURLToPath(new URL('../../simulator/main.ts', import.meta.url))
const to = '+5511987654321'
/** Those of a test that failed would keep the run waiting. */
const children = new Set<ChildProcess>()

/** `npm run simulator`, on any port. */
async function start(environment: Record<string, string>): Promise<Process> {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [main], {
    env: { PATH, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.add(child)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)))
  const url = await eventually(() => /is at (\S+) \(phone/.exec(output)?.[1])
  const ask = async (method: string, path: string, body?: object, headers = {}) => {
    const answer = await fetch(url + path, {
      method,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    return answer.json() as any
  }
  const { access_token: token } = await ask('GET', '/meta')
  return {
    child,
    url,
    call: (method, path, body) => ask(method, path, body, { authorization: `Bearer ${token}` }),
    end: (signal = 'SIGTERM') => (child.kill(signal), exited),
  }
}

describe('the simulator as a process of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'centang-simulator-'))
  after(() => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  })

  it('comes back from a kill with its templates, its webhook URL and new ids', async () => {
    const environment = { CENTANG_DATA_DIR: join(folder, 'kept') }
    const first = await start(environment)
    const facts = await first.call('GET', '/meta')
    const hook = await receiveNews(facts.verify_token)
    const graph = `/meta/v26.0/${facts.waba_id}`
    const send = (running: Process) =>
      running.call('POST', `/meta/v26.0/${facts.phone_number_id}/messages`, codeMessage(to, '4711'))
    const { id } = await first.call('POST', `${graph}/message_templates`, loginCode('pt_BR'))
    const callback = { override_callback_uri: hook.url, verify_token: facts.verify_token }
    assert.deepEqual(await first.call('POST', `${graph}/subscribed_apps`, callback), { success: true })
    const sentBefore = await send(first)
    assert.match(sentBefore.messages[0].id, /^wamid\./)
    await first.end('SIGKILL')

    const second = await start(environment)
    assert.deepEqual(await second.call('GET', '/meta'), facts, 'the same account')
    const listed = await second.call('GET', `${graph}/message_templates`)
    assert.deepEqual(
      listed.data.map((one: any) => one.id),
      [id],
    )
    hook.posted.length = 0
    const sentAfter = await send(second)
    assert.notEqual(sentAfter.messages[0].id, sentBefore.messages[0].id)
    await eventually(() => hook.posted.some(({ raw }) => raw.includes('delivered')))
    assert.deepEqual(await second.call('DELETE', `${graph}/message_templates?name=login_code`), { success: true })
    assert.equal(await second.end(), 0)

    const third = await start(environment)
    assert.deepEqual(await third.call('GET', `${graph}/message_templates`), { data: [] })
    assert.equal(await third.end(), 0)
    await hook.stop()
  })

  it('is set up by its environment', async () => {
    const file = join(folder, 'elsewhere.json')
    const hook = await receiveNews('x')
    const running = await start({
      CENTANG_SIMULATOR_FILE: file,
      CENTANG_SIMULATOR_LIMITS: 'off',
      CENTANG_SIMULATOR_CALLBACK_URL: hook.url,
      CENTANG_SIMULATOR_CALLBACK_HOSTS: '203.0.113.9, gateway.example:81',
    })
    const facts = await running.call('GET', '/meta')
    await running.call('POST', `/meta/v26.0/${facts.waba_id}/message_templates`, loginCode('pt_BR'))
    const ids = new Set<string>()
    for (let index = 0; index < 60; index++) {
      const { messages } = await running.call('POST', `/meta/${facts.phone_number_id}/messages`, codeMessage(to, '1'))
      ids.add(messages[0].id)
    }
    assert.equal(ids.size, 60, 'no limit for one person')
    await eventually(() => hook.posted.length > 0)
    const sendSms = async (callbackUrl: string) => {
      const answer = await fetch(`${running.url}/sms/send`, {
        method: 'POST',
        headers: { authorization: `Bearer ${facts.sms.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ to, from: 'x', text: '1', callback_url: callbackUrl }),
      })
      return answer.status
    }
    assert.deepEqual(
      [
        await sendSms('http://203.0.113.9/'),
        await sendSms('http://gateway.example:81/'),
        await sendSms('http://203.0.113.8/'),
      ],
      [202, 202, 400],
    )
    assert.match(readFileSync(file, 'utf8'), /login_code/)
    assert.ok(!readFileSync(file, 'utf8').includes(facts.access_token))
    assert.equal(await running.end(), 0)
    await hook.stop()
  })
})
