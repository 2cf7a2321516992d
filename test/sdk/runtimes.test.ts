import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import vm from 'node:vm'
import { bundle } from '../../sdk/bundle.ts'
import { signStandard } from '#platform/net/sign-standard.ts'
import { freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

const require = createRequire(import.meta.url)
const execute = promisify(execFile)

/** What a business does with the SDK, wherever its code runs; everything that it finds comes back as JSON. */
const trial = `
import { CentangRefusal, createClient } from './client.ts'
import { createBrowserClient } from './browser.ts'
import { verifyWebhook } from './webhooks.ts'
const fault = (asked) => asked.then(() => 'none', (error) => error instanceof CentangRefusal ? error.code : error.name)
globalThis.trial = async ({ baseUrl, apiKey, to, elsewhere, webhook }) => {
  const { verifications } = createClient({ baseUrl, apiKey })
  const { id, status } = await verifications.start({ to, channel: 'sms', metadata: { order: '7' } })
  let message
  while (!message) {
    const { messages } = await (await fetch(baseUrl + '/simulator/handsets/' + to + '/messages', { headers: { authorization: 'Bearer ' + apiKey } })).json()
    message = messages.at(-1)
  }
  const { token } = await verifications.createClientToken(id)
  const own = createBrowserClient({ baseUrl, token })
  const wrong = await own.check(message.code === '000000' ? '000001' : '000000')
  const right = await verifications.check(id, message.code)
  const { data } = await verifications.list({ to, limit: 1, status: 'approved' })
  const leaving = new AbortController()
  leaving.abort()
  const slow = new AbortController()
  setTimeout(() => slow.abort(), 50)
  return {
    started: status,
    wrong: [wrong.valid, wrong.checks_remaining],
    right: [right.valid, right.status],
    found: data.map((one) => one.id === id),
    closed: await fault(verifications.check(id, message.code)),
    redirected: await fault(createClient({ baseUrl: elsewhere + '/redirect', apiKey }).verifications.start({ to })),
    unreachable: await fault(createClient({ baseUrl: 'http://127.0.0.1:9', apiKey, retryCountMax: 0 }).verifications.get(id)),
    timedOut: await fault(createClient({ baseUrl: elsewhere + '/silent', apiKey, timeoutMs: 100, retryCountMax: 0 }).verifications.get(id)),
    aborted: await fault(verifications.get(id, { signal: leaving.signal })),
    abortedLater: await fault(createClient({ baseUrl: elsewhere + '/silent', apiKey }).verifications.get(id, { signal: slow.signal })),
    webhook: globalThis.crypto?.subtle ? await verifyWebhook(webhook) : webhook.expected,
  }
}
`

const expected = {
  started: 'pending',
  wrong: [false, 4],
  right: [true, 'approved'],
  found: [true],
  closed: 'verification_closed',
  redirected: 'answer_unreadable',
  unreachable: 'unreachable',
  timedOut: 'timed_out',
  aborted: 'AbortError',
  abortedLater: 'AbortError',
  webhook: { type: 'verification.approved' },
}

describe('the SDK runs in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'centang-runtimes-'))
  let server: SharedServer
  let elsewhere: Server
  let script: string
  /** Calls that a redirect led to: each would have brought the key along. */
  let ledAway = 0
  before(async () => {
    server = await sharedServer()
    script = await bundle(trial)
    elsewhere = createServer((request, response) => {
      if (request.url?.startsWith('/redirect')) response.writeHead(307, { location: '/away' }).end()
      else if (request.url === '/away') response.end(String(ledAway++))
    })
    await new Promise<void>((done) => elsewhere.listen(0, '127.0.0.1', done))
  })
  after(async () => {
    elsewhere.closeAllConnections()
    elsewhere.close()
    await server.stop()
    rmSync(folder, { recursive: true })
    assert.equal(ledAway, 0)
  })

  const given = () => {
    const body = JSON.stringify(expected.webhook)
    const secret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`
    const { headers } = signStandard({
      id: 'msg_1',
      url: 'https://shop.example/',
      body,
      secrets: [secret],
      at: new Date(),
    })
    return {
      baseUrl: server.url,
      apiKey: server.key,
      to: freshNumber(),
      elsewhere: `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`,
      webhook: { secret, headers, body, expected: expected.webhook },
    }
  }

  /** A program that prints what the trial found. */
  const run = async (command: string, words: readonly string[]): Promise<unknown> => {
    const file = join(folder, 'trial.mjs')
    writeFileSync(file, `${script}\nconsole.log(JSON.stringify(await globalThis.trial(${JSON.stringify(given())})))\n`)
    const { stdout } = await execute(command, [...words, file], {
      timeout: 60_000,
      env: { ...process.env, NO_COLOR: '1' },
    })
    return JSON.parse(stdout.trim().split('\n').at(-1) as string)
  }

  it('Node', async () => assert.deepEqual(await run(process.execPath, []), expected))

  it('a place without crypto, URL, and half of AbortSignal, as React Native is', async () => {
    /** As the polyfill that React Native ships: no reason, no throwIfAborted, no DOMException. */
    class Signal extends EventTarget {
      aborted = false
    }
    class Controller {
      readonly signal = new Signal()
      abort(): void {
        this.signal.aborted = true
        this.signal.dispatchEvent(new Event('abort'))
      }
    }
    const plainFetch = async (url: string, init: { signal?: Signal } & RequestInit = {}) => {
      assert.equal(typeof url, 'string')
      const real = new AbortController()
      init.signal?.addEventListener('abort', () => real.abort())
      const answer = await fetch(url, { ...init, signal: real.signal })
      const text = await answer.text()
      return {
        ok: answer.ok,
        status: answer.status,
        type: 'default',
        headers: answer.headers,
        text: async () => text,
        json: async () => JSON.parse(text),
      }
    }
    const context = vm.createContext({
      fetch: plainFetch,
      setTimeout,
      clearTimeout,
      AbortController: Controller,
      console,
    })
    vm.runInContext(script, context)
    for (const name of ['crypto', 'URL', 'URLSearchParams', 'DOMException', 'structuredClone', 'atob'])
      assert.equal(vm.runInContext(`typeof ${name}`, context), 'undefined', name)
    const found = await (context['trial'] as (one: object) => Promise<unknown>)(given())
    assert.deepEqual(JSON.parse(JSON.stringify(found)), expected)
  })

  it("Cloudflare's workerd", async (t) => {
    const program = workerd()
    if (program === undefined) return t.skip('npm has no workerd for this machine')
    writeFileSync(
      join(folder, 'worker.mjs'),
      `${script}\nexport default { fetch: async (request) => Response.json(await globalThis.trial(await request.json())) }\n`,
    )
    writeFileSync(
      join(folder, 'config.capnp'),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "trial", worker = (modules = [(name = "worker.mjs", esModule = embed "worker.mjs")], compatibilityDate = "2026-01-01")),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "trial")],
);
`,
    )
    const child = spawn(program, ['serve', '--control-fd=3', join(folder, 'config.capnp')], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    })
    t.after(() => child.kill())
    const port = await listenedAt(child)
    const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: JSON.stringify(given()) })
    assert.deepEqual(JSON.parse(await answer.text()), expected)
  })

  it('Bun', (t) => runIfHere(t, 'bun', []))
  it('Deno', (t) => runIfHere(t, 'deno', ['run', '--allow-net']))

  async function runIfHere(t: TestContext, name: string, words: readonly string[]): Promise<void> {
    try {
      await execute(name, ['--version'])
    } catch {
      return t.skip(`${name} is not on this machine; npm install --global ${name} brings it`)
    }
    assert.deepEqual(await run(name, words), expected)
  }
})

/** The program of the package; undefined where npm has none for this kind of machine. */
function workerd(): string | undefined {
  try {
    return (require('workerd') as { readonly default: string }).default
  } catch {
    return undefined
  }
}

/** The port that the system gave it. */
async function listenedAt(child: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: child.stdio[3] as NodeJS.ReadableStream })) {
    const told = JSON.parse(line) as { readonly event: string; readonly port?: number }
    if (told.event === 'listen' && told.port !== undefined) return told.port
  }
  throw new Error('workerd ended before it listened.')
}
