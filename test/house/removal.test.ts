import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { root } from './imports.ts'

/** A module that nobody stands on. */
const leaf = 'gateways'

/** What the server and its tests are made of. */
const copied = [
  'src',
  'simulator',
  'test',
  'sdk',
  'examples',
  'bench',
  'docs',
  'console',
  'package.json',
  'tsconfig.json',
  'bundle.ts',
]

/** Tests that a house without the module has to pass, in the copy: of the whole, of a neighbour, of who stood beside it. */
const remaining = ['house/house', 'platform/schema', 'verification/verification']

describe(`a module is taken out by deleting its folders and its lines in app.ts: ${leaf}`, () => {
  let copy = ''
  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'centang-house-'))
    for (const name of copied)
      cpSync(join(root, name), join(copy, name), {
        recursive: true,
        filter: (path) => !/\/(node_modules|dist)$/.test(path),
      })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    for (const top of ['src', 'test']) rmSync(join(copy, top, leaf), { recursive: true })
    const app = join(copy, 'src/app.ts')
    const lines = readFileSync(app, 'utf8').split('\n')
    writeFileSync(app, lines.filter((line) => !new RegExp(leaf, 'i').test(line)).join('\n'))
  })
  after(() => rmSync(copy, { recursive: true, force: true }))

  const run = (...command: string[]) =>
    spawnSync(process.execPath, command, { cwd: copy, encoding: 'utf8', env: { PATH: process.env['PATH'] } })

  it('and there is nothing of it left that the compiler would miss', () => {
    assert.ok(!readdirSync(join(copy, 'src')).includes(leaf))
    const { status, stdout } = run('node_modules/typescript/bin/tsc', '--noEmit')
    assert.equal(status, 0, stdout)
  })

  it('and the tests of the others pass', () => {
    const files = remaining.map((name) => `test/${name}.test.ts`)
    const { status, stdout } = run('--test', '--test-global-setup=./test/kit/postgres-setup.ts', ...files)
    assert.equal(status, 0, stdout)
    assert.match(stdout, /^ℹ pass [1-9]\d+$/m)
  })

  it('which is not so for one that others stand on', () => {
    rmSync(join(copy, 'src/totp'), { recursive: true })
    const { status, stdout } = run('node_modules/typescript/bin/tsc', '--noEmit')
    assert.notEqual(status, 0)
    assert.match(stdout, /src\/compat\/.*totp/)
  })
})
