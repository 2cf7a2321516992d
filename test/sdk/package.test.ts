import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

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
})
