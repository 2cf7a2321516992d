import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runCommand } from '../cli/run-command.ts'
import { bearer, codeOn, operatorKey } from '../kit/api.ts'
import { main, temporaryFolder } from '../kit/processes.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'
import { read } from './imports.ts'
import { type Block, blocksOf, pagesOfPeople } from './pages.ts'

/**
 * Two pages have tests of their own: docs/start.md, whose every answer is compared (start-guide.test.ts), and
 * docs/guides/rehearse.md, which starts three processes (test/process/rehearsal.test.ts).
 */
const pages = pagesOfPeople().filter(
  (page) =>
    /^(README|examples\/README|docs\/(guides\/(?!rehearse).*|reference\/cli|README))\.md$/.test(page) &&
    isToRun(read(page)),
)

function isToRun(markdown: string): boolean {
  return blocksOf(markdown).some(({ language }) => language === 'sh')
}

/** Blocks that no server of ours can answer, and what holds them instead. */
const elsewhere: readonly (readonly [RegExp, string])[] = [
  [/^npm (ci|test|start)/m, 'a clean clone runs it: .ci/run'],
  [/^npm (install|pack)/m, 'test/sdk/package.test.ts packs and installs it'],
  [/^npm run simulator$|^npm run simulator /m, 'test/process/simulator.test.ts runs it'],
  [/^CENTANG_WEBHOOK_HOSTS=.* npm start$/m, 'test/webhooks sets it'],
  [/^node server\.mjs$/m, 'test/sdk/package.test.ts runs it'],
  [/^npx node receive\.mjs$/m, 'test/process/webhooks.test.ts runs it'],
  [/^npx node examples/m, 'test/examples/by-hand.test.ts runs it'],
  [/\$ZITADEL\//, 'it is the API of ZITADEL'],
  [/^npx centang listen$/m, 'it stays until it is ended: test/cli/api-commands.test.ts'],
  [/^npx centang senders subscribe/m, 'Meta asks a public address back: test/cli/cli.test.ts'],
  [/^npx centang doctor/m, 'it is well only when Meta calls back: test/cli/cli.test.ts'],
  [/^npx centang restore/m, 'it goes into an empty database only: test/cli/backup.test.ts'],
]

/** What a reader fills in, by what stands behind the `=`, from what the page has printed so far. */
const found: Readonly<Record<string, RegExp>> = {
  'ver_…': /ver_\w{32}/g,
  'app_…': /app_\w{32}/g,
  'biz_…': /biz_\w{32}/g,
  'snd_…': /snd_\w{32}/g,
  'acc_…': /acc_\w{32}/g,
  'C-…': /C-\w{32}/g,
  'whsec_…': /whsec_[\w+/=]+/g,
  TOKEN: /(?<="token": ?")[^"]+/g,
  GATEWAY_URL: /http[^" ]+\/gwy_\w+/g,
  ID: /(?<="verificationId": ?")[^"]+/g,
}

describe('the shell blocks of the guides', () => {
  const folder = temporaryFolder()
  const shims = join(folder, 'bin')
  /** Where a page says that the reader's own server is. */
  const shop = createServer((_request, response) => response.writeHead(204).end())
  let shopPort = 0
  const masterKey = `1:${randomBytes(32).toString('base64')}`
  let server: TestServer
  let settings: Record<string, string>
  /** A live key with its business. */
  let live: { readonly key: string; readonly business: string }
  /** A test key, of a business that the page has for itself. */
  let key = ''

  before(async () => {
    await once(shop.listen(0, '127.0.0.1'), 'listening')
    shopPort = (shop.address() as AddressInfo).port
    server = await startTestServer(
      { CENTANG_MASTER_KEY: masterKey, CENTANG_WEBHOOK_HOSTS: `127.0.0.1:${shopPort}` },
      { isDemo: true },
    )
    settings = {
      DATABASE_URL: server.database.url,
      CENTANG_MASTER_KEY: masterKey,
      CENTANG_PUBLIC_URL: 'https://verify.example.com',
      CENTANG_PROVIDER_HOSTS: new URL(server.url).host,
    }
    const { out } = await runCommand(['businesses', 'create', 'Toko Budi', '--live', '--json'], settings)
    const made = JSON.parse(out) as { id: string; api_key: string }
    live = { key: made.api_key, business: made.id }
    mkdirSync(shims)
    // A refusal ends the block; and what the reader's npx finds in the clone.
    shim('curl', 'exec /usr/bin/env PATH="$REAL_PATH" curl --fail-with-body "$@"')
    shim('npx', `[ "$1" = centang ] && shift && exec "${process.execPath}" "${main}" "$@"`)
  })
  after(async () => {
    await server.stop()
    shop.close()
    rmSync(folder, { recursive: true })
  })

  function shim(name: string, text: string): void {
    writeFileSync(join(shims, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(shims, name), 0o755)
  }

  async function run(text: string, cwd: string, exported: Readonly<Record<string, string>>): Promise<string> {
    const { PATH = '' } = process.env
    const env = { ...settings, PATH: `${shims}:${PATH}`, REAL_PATH: PATH, HOME: folder, ...exported }
    const child = spawn('sh', ['-euc', text], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const code = await new Promise((done) => child.once('close', done))
    assert.equal(code, 0, `${text}\n${out}\n${err}`)
    return out
  }

  const valueOf = async (name: string, shown: string, printed: string): Promise<string> => {
    if (name === 'CENTANG_URL') return server.url
    if (name === 'CENTANG_API_KEY') return shown.startsWith('ck_live_') ? live.key : key
    if (name === 'CODE') return codeOn(server, '+6281234567890', messages)
    const last = [...printed.matchAll(found[shown] ?? found[name] ?? /(?!)/g)].at(-1)?.[0]
    const value = last ?? givenElsewhere[name]?.()
    assert.ok(value, `nobody can know what ${name}=${shown} is`)
    return value
  }
  let messages = 0
  let compared = 0
  let endpoint = ''
  /** What another page or another server has printed. */
  const givenElsewhere: Readonly<Record<string, () => string>> = {
    BUSINESS: () => live.business,
    ENDPOINT: () => endpoint,
    SECRET: () => `whsec_${randomBytes(32).toString('base64')}`,
    SIGNING_KEY: () => randomBytes(32).toString('hex'),
    ZITADEL: () => 'login.example.com',
    TOKEN: () => 'token-of-zitadel',
    PROVIDER: () => '331847',
  }

  /** What stands on the reader's disk, because the page or another program has put it there. */
  const prepare: Readonly<Record<string, (cwd: string, blocks: readonly Block[]) => Promise<void>>> = {
    async 'docs/guides/whatsapp.md'(cwd, blocks) {
      const file = JSON.parse(blocks.find(({ text }) => text.includes('"whatsapp-cloud-api"'))?.text ?? '')
      // Meta is the simulated one: its ids and secrets take the place of those of the page.
      const { body } = await server.call('GET', '/simulator/meta')
      Object.assign(file.config, {
        phone_number_id: body.phone_number_id,
        waba_id: body.waba_id,
        base_url: `${server.url}/simulator/meta`,
      })
      Object.assign(file.secrets, { access_token: body.access_token, app_secret: body.app_secret })
      writeFileSync(join(cwd, 'whatsapp.json'), JSON.stringify(file))
    },
    async 'docs/guides/sms.md'(cwd, blocks) {
      writeFileSync(join(cwd, 'sms.json'), blocks.find(({ text }) => text.includes('"sms-http"'))?.text ?? '')
    },
    async 'docs/guides/vonage.md'(cwd) {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      writeFileSync(join(cwd, 'public.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
    },
    async 'docs/guides/chats.md'(cwd, blocks) {
      const file = blocks.find(({ text }) => text.includes('"purpose": "service"'))?.text ?? ''
      writeFileSync(join(cwd, 'chat.json'), file.replaceAll(/"(EAA)?…"/g, '"a secret of Meta"'))
    },
    async 'docs/guides/hosted-page.md'(cwd) {
      const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
      writeFileSync(join(cwd, 'logo.png'), Buffer.from(dot, 'base64'))
    },
    'docs/guides/twilio.md': () => makeEndpoint(),
    'docs/reference/cli.md': () => makeEndpoint(),
  }

  async function makeEndpoint(): Promise<void> {
    const hook = { url: 'https://shop.example/hooks/apps', events: ['factor.*'] }
    endpoint = (await server.call('POST', '/v1/webhook_endpoints', hook, bearer(key))).body.id
  }

  for (const page of pages) {
    it(`of ${page} can be pasted one after the other`, async () => {
      const blocks = blocksOf(read(page))
      const cwd = mkdtempSync(join(folder, 'reader-'))
      const exported: Record<string, string> = {}
      const made = await server.call('POST', '/v1/businesses', { name: 'Toko Budi' }, bearer(operatorKey))
      key = made.body.api_key
      await prepare[page]?.(cwd, blocks)
      messages = (await server.call('GET', '/simulator/handsets/+6281234567890/messages')).body.messages.length + 1
      let printed = ''
      for (const [index, { language, text, line }] of blocks.entries()) {
        if (language !== 'sh') continue
        if (/^(export .*\n)+$/.test(text)) {
          for (const [, name = '', shown = ''] of text.matchAll(/^export (\w+)=(.*)$/gm))
            exported[name] = await valueOf(name, shown, printed)
          continue
        }
        assert.doesNotMatch(text, /\b(app|biz|snd|ver|whe|gwy)_…/, `${page}:${line} has an id that nobody can paste`)
        const names = [...text.matchAll(/\$([A-Z_]+)/g)].map(([, name = '']) => name)
        assert.deepEqual(
          names.filter((name) => !(name in exported)),
          [],
          `${page}:${line} uses what nobody has set`,
        )
        if (elsewhere.some(([pattern]) => pattern.test(text))) continue
        const out = await run(text.replaceAll('127.0.0.1:4000', `127.0.0.1:${shopPort}`), cwd, exported)
        printed += out
        const next = blocks[index + 1]
        // Only what stands right under a call is shown as its answer.
        const isAnswer = next?.language === 'json' && next.line === line + text.split('\n').length + 2
        if (isAnswer) assertShows(out, next.text, `${page}:${next.line}`)
        if (isAnswer) compared++
      }
    })
  }

  it('are all run, but for those that another test holds', () => {
    assert.ok(compared >= 4, `${compared} answers were compared with what the page shows`)
    const all = pages.flatMap((page) => blocksOf(read(page))).filter(({ language }) => language === 'sh')
    const left = all.filter(({ text }) => elsewhere.some(([pattern]) => pattern.test(text)))
    assert.ok(all.length - left.length > 50, `${all.length - left.length} of ${all.length}`)
    for (const [pattern, why] of elsewhere)
      assert.ok(
        left.some(({ text }) => pattern.test(text)),
        `${pattern}: ${why}`,
      )
  })

  it('would be found out: a refusal, an unset name, an id that nobody gave', async () => {
    const env = { CENTANG_URL: server.url, CENTANG_API_KEY: 'ck_test_nobody' }
    await assert.rejects(
      run('curl -sS "$CENTANG_URL/v1/applications" -H "Authorization: Bearer $CENTANG_API_KEY"', folder, env),
      /401/,
    )
    await assert.rejects(run('echo $KEY', folder, env), /KEY/)
    await assert.rejects(valueOf('APPLICATION', 'app_…', 'nothing'), /nobody can know/)
    assert.throws(() => assertShows('{"a": 1}', '{"b": 1}', 'here'), /b is shown/)
  })
})

/** Every member that a page shows is in the answer. */
function assertShows(answer: string, shown: string, where: string): void {
  const members = JSON.parse(answer) as object
  for (const name of Object.keys(JSON.parse(shown) as object)) assert.ok(name in members, `${where}: ${name} is shown`)
}
