import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import type { Command } from 'commander'
import { createProgram } from '#cli/program.ts'
import { read, root } from './imports.ts'
import { blocksOf, pagesOfPeople } from './pages.ts'

interface Line {
  readonly where: string
  readonly text: string
}

/** What a reader is told to type: the lines of shell blocks, and code in a sentence. */
const linesOf = (page: string, markdown = read(page)): Line[] => [
  ...blocksOf(markdown)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text, line }) =>
      text.split('\n').map((one, index) => ({ where: `${page}:${line + index}`, text: one.trim() })),
    ),
  ...[...markdown.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => ({ where: page, text })),
]

/** The commands' own names, where a page lists them; and what was, in the history. */
const isName = ({ where }: Line): boolean =>
  /^(CHANGELOG|docs\/reference\/(cli|errors)|docs\/decisions\/.*)\.md$/.test(where)

const lines = pagesOfPeople().flatMap((page) => linesOf(page))

/** Node 20 runs none of our TypeScript, and a clone has no `centang` on the path. */
const isBare = ({ text }: Line): boolean => /^(node \S*\.ts\b|node --test|centang [a-z])/.test(text)

/** What is wrong with the words of a command; undefined: there is one that takes them. */
function problemOf(words: readonly string[], program: Command): string | undefined {
  let command = program
  let rest = [...words]
  while (rest[0] !== undefined) {
    const next = command.commands.find((one) => one.name() === rest[0])
    if (!next) break
    command = next
    rest = rest.slice(1)
  }
  if (command === program) return `there is no command ${words[0]}`
  // `templates` alone means `templates create`.
  if (command.name() === 'templates') return undefined
  if (command.commands.length > 0) return `which ${command.name()}?`
  const unknown = rest.find(
    (word) => word.startsWith('--') && !command.options.some(({ long }) => long === word.split('=')[0]),
  )
  return unknown === undefined ? undefined : `${command.name()} has no ${unknown}`
}

/** The words of `npx centang …` up to what is the shell's. */
const wordsOf = (text: string): string[] | undefined =>
  /^npx centang ([^|&;#>]*)/
    .exec(text)?.[1]
    ?.trim()
    .split(/\s+/)
    .filter((word) => word !== '…')

describe('what a page tells a reader to run', () => {
  it('runs with the Node 20 that the page promises', () => {
    assert.ok(lines.length > 1000)
    assert.deepEqual(
      lines.filter((line) => isBare(line) && !isName(line)).map(({ where, text }) => `${where}: ${text}`),
      [],
    )
  })

  it('is a command that there is, with options that it has', () => {
    const program = createProgram()
    const commands = lines.flatMap((line) => {
      const words = wordsOf(line.text)
      return words === undefined ? [] : [{ ...line, words }]
    })
    assert.ok(commands.length > 30, `${commands.length} commands`)
    assert.deepEqual(
      commands
        .filter(({ words }) => words.length > 0 && !words[0]?.startsWith('<'))
        .map(({ where, text, words }) => ({ where: `${where}: ${text}`, problem: problemOf(words, program) }))
        .filter(({ problem }) => problem !== undefined),
      [],
    )
  })

  it('is a script that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = lines.flatMap(({ where, text }) =>
      [...text.matchAll(/npm run ([a-z]+)(?! --workspace)/g)].map(([, name = '']) => ({ where, name })),
    )
    assert.ok(named.length > 5)
    assert.deepEqual(
      named.filter(({ name }) => !(name in scripts) && name !== 'build'),
      [],
    )
  })

  it('would be noticed', () => {
    const program = createProgram()
    assert.ok(linesOf('x.md', '```sh\nnode examples/pay/server.ts\n```').some(isBare))
    assert.ok(linesOf('x.md', 'run `centang doctor`').some(isBare))
    assert.ok(!linesOf('x.md', 'run `npx node examples/pay/server.ts`').some(isBare))
    assert.match(problemOf(['senders', 'invent'], program) ?? '', /which senders/)
    assert.match(problemOf(['backup', '--loud'], program) ?? '', /backup has no --loud/)
    assert.match(problemOf(['fly'], program) ?? '', /no command fly/)
    assert.equal(problemOf(['senders', 'add', 'biz_…', 'sms.json'], program), undefined)
  })
})

describe('npx centang', () => {
  // npm installs a command of the root's own package into a cache at its first use, and runs `prepare` for that: the bundle
  // was made anew under a server that ran from it.
  it('is a command of the clone, which nothing has to be installed for', () => {
    assert.equal(JSON.parse(read('package.json')).bin, undefined)
    assert.equal(realpathSync(join(root, 'node_modules/.bin/centang')), join(realpathSync(root), 'bin/centang.js'))
  })
})

/** A Node that is older than ours, with the npm beside it, as a reader may have. */
function findOlder(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.find((folder) => {
    const { stdout } = spawnSync(join(folder, 'node'), ['--version'], { encoding: 'utf8' })
    return /^v2[0-3]\./.test(stdout)
  })
}

describe('npm ci with an older Node', () => {
  const folder = findOlder()
  it(
    'warns of nothing that works',
    { skip: folder === undefined && 'no Node from 20 to 23 is on this machine' },
    () => {
      const home = mkdtempSync(join(tmpdir(), 'centang-older-'))
      const files = ['package.json', 'package-lock.json', '.npmrc', 'sdk/package.json', 'console/package.json']
      for (const file of files) {
        mkdirSync(dirname(join(home, file)), { recursive: true })
        copyFileSync(join(root, file), join(home, file))
      }
      const env = { PATH: `${folder}${delimiter}${process.env['PATH']}`, HOME: process.env['HOME'] }
      const install = (...words: string[]) =>
        spawnSync('npm', ['ci', '--dry-run', '--offline', '--ignore-scripts', ...words], {
          cwd: home,
          env,
          encoding: 'utf8',
        })
      const { stderr } = install()
      assert.doesNotMatch(stderr, /EBADENGINE/)
      // Without the file that keeps it quiet there would be something to read.
      assert.match(install('--loglevel=warn').stderr, /EBADENGINE/)
      rmSync(home, { recursive: true })
    },
  )
})
