import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, matchesGlob } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { settings } from '#cli/config.ts'
import { createProgram } from '#cli/program.ts'
import { pagesOfPeople } from './pages.ts'
import { filesIn, read, root } from './imports.ts'

/** Files that a command on a page makes in the clone, or reads from it because it holds a secret. */
const namesInPages = (): string[] =>
  pagesOfPeople().flatMap((page) =>
    [
      ...read(page).matchAll(
        /(?:senders (?:add|update) \S+ |-d @|backup |erasures export )([\w./-]+\.\w+)|[^=]> ([\w./-]+\.json)\b/g,
      ),
    ].map(([, given, made]) => (given ?? made) as string),
  )

/** What `backup` calls its file when nobody says. */
function backupName(): string {
  const [argument] = createProgram().commands.find((one) => one.name() === 'backup')?.registeredArguments ?? []
  const [, name = ''] = /Default: (\S+)/.exec(argument?.description ?? '') ?? []
  assert.match(name, /^centang-<date>\.\w+$/)
  return name.replace('<date>', '20261201T090155')
}

const sdk = JSON.parse(read('sdk/package.json')) as { name: string; version: string }
/** As `npm pack` spells it. */
const packed = `${sdk.name.replace('@', '').replace('/', '-')}-${sdk.version}.tgz`

const secretFiles = [...read('deploy/compose.yaml').matchAll(/file: \.\/(\S+)/g)].map(([, path]) => `deploy/${path}`)

const dataFolder = settings.dataFolder.absent.replace('./', '')

const written = [
  ...namesInPages(),
  backupName(),
  `${backupName()}.unfinished`,
  packed,
  `sdk/${packed}`,
  ...secretFiles,
  `${dataFolder}/master-key`,
  `${dataFolder}/postgres/PG_VERSION`,
  '.env',
  '.env.production',
  'npm-debug.log',
]

/** As Docker reads the file: the last pattern that fits the path, or a folder above it, decides. */
function isLeftOut(patterns: readonly string[], path: string): boolean {
  const above = path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'))
  const last = patterns.findLast((pattern) => above.some((one) => matchesGlob(one, pattern.replace(/^!/, ''))))
  return last !== undefined && !last.startsWith('!')
}

describe('what our own commands write', () => {
  const folder = mkdtempSync(join(tmpdir(), 'centang-ignored-'))
  before(() => {
    // A repository of its own: another .gitignore of this machine must not decide.
    execFileSync('git', ['init', '--quiet', folder])
    copyFileSync(join(root, '.gitignore'), join(folder, '.gitignore'))
  })
  after(() => rmSync(folder, { recursive: true }))

  /** Those of the paths that git would take. */
  const takenByGit = (paths: readonly string[]): string[] => {
    const asked = ['-c', 'core.excludesFile=', 'check-ignore', '--no-index', '--stdin']
    const { stdout, status } = spawnSync('git', asked, { cwd: folder, input: paths.join('\n'), encoding: 'utf8' })
    assert.ok(status === 0 || status === 1)
    const ignored = new Set(stdout.split('\n'))
    return paths.filter((path) => !ignored.has(path))
  }
  const patterns = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

  it('is a list worth asking about', () => {
    for (const name of [
      'rehearsal/whatsapp.json',
      'whatsapp.json',
      'erasures.jsonl',
      'deploy/secrets/master-key',
      'centang-sdk-0.1.0.tgz',
    ])
      assert.ok(written.includes(name), name)
  })

  it('never lands in git', () => {
    assert.deepEqual(takenByGit(written), [])
  })

  it('never lands in an image', () => {
    assert.deepEqual(
      written.filter((path) => !isLeftOut(patterns, path)),
      [],
    )
  })

  it('takes nothing of ours along', () => {
    const ours = ['src', 'simulator', 'console/src', 'sdk/src', 'examples', 'deploy', 'docs', 'test/kit'].flatMap(
      filesIn,
    )
    const tops = ['package.json', 'package-lock.json', 'bundle.ts', 'sdk/package.json', '.env.example', '.npmrc']
    assert.ok(ours.length > 500)
    assert.deepEqual(takenByGit([...ours, ...tops]), [...ours, ...tops])
    assert.deepEqual(
      [...ours, ...tops].filter((path) => isLeftOut(patterns, path)),
      [],
    )
  })

  it('would be noticed', () => {
    assert.deepEqual(takenByGit(['phones.csv', 'deep/inside/erasures.csv']), ['phones.csv', 'deep/inside/erasures.csv'])
    assert.ok(!isLeftOut(['secrets'], 'deploy/secrets/master-key'), 'Docker begins at the top')
    assert.ok(isLeftOut(['**/secrets'], 'deploy/secrets/master-key'))
    assert.ok(!isLeftOut(['**/.env.*', '!.env.example'], '.env.example'))
  })
})
