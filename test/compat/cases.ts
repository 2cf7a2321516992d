import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { after, it } from 'node:test'

const page = new URL('../../docs/reference/compat.md', import.meta.url)
const head = `<!-- Made by the tests with \`UPDATE=1 npm test\`; edit the tests. -->

# What the vendors' own SDKs do here

Each line is a test that the vendor's official package runs against this server, with nothing changed but the base URL
and the credentials. A heading says so where a vendor has no such package.
`

/**
 * The cases of one vendor: each is a test, and a line of the page. `section` is the vendor and the package that judges,
 * with its version.
 */
export function compatCases(section: string): (name: string, run: () => Promise<void>) => void {
  const names: string[] = []
  const passed = new Set<string>()
  after(() => keep(section, names, passed))
  return (name, run) => {
    names.push(name)
    it(name, async () => {
      await run()
      passed.add(name)
    })
  }
}

function keep(section: string, names: readonly string[], passed: ReadonlySet<string>): void {
  const rows = names.map((name) => `| ${name} | ${passed.has(name) ? 'passed' : 'failed'} |`)
  const made = `\n## ${section}\n\n| Case | Result |\n|---|---|\n${rows.join('\n')}\n`
  const text = existsSync(page) ? readFileSync(page, 'utf8') : head
  const vendor = section.split(' (')[0] as string
  // From this vendor's heading to the next one or the end.
  const found = new RegExp(`\\n## ${vendor}[^\\n]*\\n[\\s\\S]*?(?=\\n## |$)`)
  const wanted = found.test(text) ? text.replace(found, () => made) : text + made
  if (process.env['UPDATE']) writeFileSync(page, wanted)
  else assert.equal(text, wanted, 'docs/reference/compat.md is out of date: run UPDATE=1 npm test')
}
