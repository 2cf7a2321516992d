import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { readConfig, settings } from '#cli/config.ts'

const all = Object.values(settings)
const secrets = all.flatMap((one) => ('isSecret' in one && one.isSecret ? [one.name] : []))
/** Settings of the server, and what the command line reads where it is a client. */
const known = new Set<string>([
  ...all.map(({ name }) => name),
  ...secrets.map((name) => `${name}_FILE`),
  'CENTANG_API_KEY',
  'CENTANG_URL',
])
const named = (text: string): string[] => [...text.matchAll(/\bCENTANG_[A-Z_]*[A-Z]\b/g)].map(([name]) => name)

const bad = [
  '-1',
  '0',
  '1.5',
  '1e99',
  'perhaps',
  '://',
  'ftp://x',
  'https://u:p@x/?a#b',
  '%',
  'ck_live_12345678',
  '1:AA==',
]

/** What is said of a setting that has this value; undefined when it can be read. */
function refusalOf(name: string, value: string): string | undefined {
  try {
    readConfig({ [name]: value })
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

describe('a setting that can’t be read', () => {
  it('is named, with what would be right and an example, and nothing of what it was set to', () => {
    let refused = 0
    for (const { name, example } of all)
      for (const value of bad) {
        const said = refusalOf(name, value)
        if (said === undefined) continue
        refused++
        assert.ok(said.startsWith(`The settings can't be used:\n  ${name} `), said)
        assert.ok(said.endsWith(`. For example: ${example}`), said)
        assert.match(said, / (must|has) /)
        assert.doesNotMatch(said, /undefined|schema|pattern|\bNaN\b|allowed values/)
        assert.deepEqual(
          named(said).filter((one) => !known.has(one)),
          [],
          said,
        )
        if (value.length > 8) assert.ok(!said.includes(value), said)
      }
    assert.ok(refused > 100, `${refused} were refused`)
  })

  it('lists what it may be when that is one of a few', () => {
    for (const { name, example } of all.filter((one) => ['on', 'off'].includes(one.example)))
      assert.match(refusalOf(name, 'perhaps') ?? '', new RegExp(`must be one of (.+, )?${example}\\b`))
    assert.match(refusalOf('CENTANG_LOG_LEVEL', 'loud') ?? '', /must be one of trace, debug, info, warn, error, silent/)
  })

  it('is told with every other one', () => {
    const numbers = all.filter(({ name }) => refusalOf(name, '1.5') !== undefined)
    assert.throws(
      () => readConfig(Object.fromEntries(numbers.map(({ name }) => [name, '1.5']))),
      ({ message }: Error) => numbers.every(({ name }) => message.includes(`\n  ${name} `)),
    )
  })
})

it('whatever is said anywhere of a setting, there is one of that name', () => {
  const root = new URL('../../', import.meta.url).pathname
  const files = ['src/**/*.ts', 'docs/**/*.md', 'README.md', '.env.example', 'console/src/**/*.{ts,tsx}']
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((file) => !file.endsWith('.test.ts'))
  assert.ok(files.length > 300)
  const elsewhere = new Set([...readInSimulator(root), 'CENTANG_WEBHOOK_SECRET', 'CENTANG_TEST_DATABASE_URL'])
  const strange = files.flatMap((file) =>
    named(readFileSync(root + file, 'utf8'))
      .filter((name) => !known.has(name) && !elsewhere.has(name))
      .map((name) => `${file}: ${name}`),
  )
  assert.deepEqual(strange, [])
})

/** A program of its own, with settings of its own. */
const readInSimulator = (root: string): string[] =>
  globSync('simulator/**/*.ts', { cwd: root }).flatMap((file) => named(readFileSync(root + file, 'utf8')))
