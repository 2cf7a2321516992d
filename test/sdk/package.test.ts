import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { launchBrowser } from '../e2e/browser.ts'
import { blocksOf } from '../house/pages.ts'
import { codeOn, freshNumber, wrongCode } from '../kit/api.ts'
import { freePort, untilListening } from '../kit/processes.ts'
import { sharedServer } from '../kit/shared.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const sdk = join(root, 'sdk')
const require = createRequire(import.meta.url)

/** The program of a package, run by this Node. */
function programOf(manifest: string, bin: string): string {
  const { bin: bins } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: Record<string, string> }
  return join(dirname(manifest), bins[bin] as string)
}
const tsc = programOf(require.resolve('typescript/package.json'), 'tsc')
const typesJudge = programOf(require.resolve('@arethetypeswrong/cli/package.json'), 'attw')

/** Every resolution but Node 10's. Its warning that CommonJS gets ESM is from before Node could require that. */
const judgedAs = ['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm']

describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'centang-sdk-'))
  let tarball: string
  let packed: readonly string[]
  before(() => {
    rmSync(join(sdk, 'dist'), { recursive: true, force: true })
    execFileSync(process.execPath, [tsc, '-p', sdk])
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
    const npm = spawnSync('npm', pack, { cwd: sdk, encoding: 'utf8', shell: process.platform === 'win32' })
    assert.equal(npm.status, 0, npm.stderr)
    const [said] = Object.values(
      JSON.parse(npm.stdout) as Record<string, { filename: string; files: { path: string }[] }>,
    )
    tarball = join(folder, said?.filename ?? '')
    packed = said?.files.map(({ path }) => path) ?? []
  })
  after(() => rmSync(folder, { recursive: true }))

  it('holds what is needed and nothing else', () => {
    const others = packed.filter((path) => !/^dist\/[\w/-]+(\.d\.ts|\.js)$/.test(path))
    assert.deepEqual(others.toSorted(), ['LICENSE', 'README.md', 'package.json'])
    const manifest = JSON.parse(readFileSync(join(sdk, 'package.json'), 'utf8'))
    assert.equal(manifest.dependencies, undefined)
    for (const { types, default: script } of Object.values<any>(manifest.exports)) {
      for (const path of [types, script]) if (path) assert.ok(packed.includes(path.slice(2)), path)
    }
  })

  it('gives publint nothing to say', async () => {
    const bytes = readFileSync(tarball)
    const { messages, pkg } = await publint({
      pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
      strict: true,
    })
    assert.equal(pkg?.['name'], '@centang/sdk')
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg)),
      [],
    )
  })

  it('gives Are The Types Wrong nothing to say', () => {
    const attw = spawnSync(
      process.execPath,
      [typesJudge, tarball, ...judgedAs, '--no-definitely-typed', '-f', 'json'],
      { encoding: 'utf8' },
    )
    const { analysis, problems } = JSON.parse(attw.stdout)
    // The list holds what is left out as well: Node 10 knows no exports, and a require() of ESM is what it warns of.
    const said = Object.values<any[]>(problems).flat()
    assert.deepEqual(
      said.filter(({ resolutionKind, kind }) => resolutionKind !== 'node10' && kind !== 'CJSResolvesToESM'),
      [],
    )
    assert.equal(attw.status, 0, attw.stderr)
    assert.equal(analysis.packageName, '@centang/sdk')
    assert.equal(Object.keys(analysis.entrypoints).length, 7)
  })

  it('can be required from CommonJS, with types', () => {
    const project = join(folder, 'commonjs')
    const installed = join(project, 'node_modules/@centang/sdk')
    mkdirSync(installed, { recursive: true })
    execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
    writeFileSync(
      join(project, 'index.cts'),
      `import sdk = require('@centang/sdk')
import webhooks = require('@centang/sdk/webhooks')
const centang = sdk.createClient({ baseUrl: 'https://verify.example.com', apiKey: 'ck_test_12345678' })
export const start = (to: string): Promise<string> => centang.verifications.start({ to }).then(({ id }) => id)
console.log(typeof start, typeof webhooks.verifyWebhook)
`,
    )
    const settings = [
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--strict',
      '--skipLibCheck',
      'false',
      '--types',
      '',
    ]
    const built = spawnSync(process.execPath, [tsc, ...settings, '--lib', 'es2024,dom', join(project, 'index.cts')], {
      encoding: 'utf8',
      cwd: project,
    })
    assert.equal(built.stdout, '')
    assert.equal(
      execFileSync(process.execPath, [join(project, 'index.cjs')], { encoding: 'utf8' }),
      'function function\n',
    )
  })

  it('loads on a server, where there is no document, with nothing but itself', async () => {
    execFileSync('tar', ['-xzf', tarball, '-C', folder])
    const script = ['client', 'browser', 'webhooks', 'otp-field/otp-field']
      .map((name) => `await import(${JSON.stringify(`${folder}/package/dist/${name}.js`)})`)
      .join('\n')
    const ran = spawnSync(process.execPath, ['--input-type=module', '-e', `${script}\nconsole.log('loaded')`], {
      encoding: 'utf8',
    })
    assert.equal(ran.stdout, 'loaded\n', ran.stderr)
    assert.ok(require.resolve('react'), 'the optional ones are there for their own entries')
  })

  it('is installed and used in a browser as the guide of the code field says', async () => {
    const project = join(folder, 'shop')
    mkdirSync(project)
    const npm = spawnSync('npm', ['install', '--offline', tarball], { cwd: project, encoding: 'utf8' })
    assert.equal(npm.status, 0, npm.stderr)
    const to = freshNumber()
    const written: string[] = []
    for (const { text } of blocksOf(readFileSync(join(root, 'docs/guides/otp-field.md'), 'utf8'))) {
      const name = /^(?:\/\/|<!--) (\S+\.\w+)/.exec(text)?.[1]
      if (name !== undefined) written.push(name)
      if (name !== undefined) writeFileSync(join(project, name), text.replace('+6281234567890', to))
    }
    assert.deepEqual(written, ['page.html', 'page.js', 'server.mjs'])

    const [server, port, browser] = await Promise.all([sharedServer(), freePort(), launchBrowser()])
    const env = { PATH: process.env['PATH'], PORT: String(port), CENTANG_URL: server.url, CENTANG_API_KEY: server.key }
    const shop = spawn(process.execPath, ['server.mjs'], { cwd: project, env })
    try {
      await untilListening(port, shop)
      const page = await browser.newPage()
      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(error.message))
      await page.goto(`http://127.0.0.1:${port}/`)
      const field = page.locator('otp-field input')
      await page.locator('[role=status]', { hasText: /WhatsApp/ }).waitFor()
      const code = await codeOn(server, to)
      await field.fill(wrongCode(code))
      await page.locator('[role=alert]', { hasText: '4' }).waitFor()
      await field.fill(code)
      await page.locator('otp-field [part~=verified]').waitFor()
      const { body } = await server.call('GET', `/v1/verifications?to=${encodeURIComponent(to)}`)
      assert.equal(body.data[0].status, 'approved')
      assert.deepEqual(faults, [])
    } finally {
      shop.kill()
      await Promise.all([browser.close(), server.stop()])
    }
  })
})
