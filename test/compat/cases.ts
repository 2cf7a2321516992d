import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { it, type TestContext } from 'node:test'

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
  const failed = new Set<string>()
  // A test after the last case and not a hook: a hook that throws keeps the hooks after it from running, and the server
  // that they would stop keeps the run from ending.
  queueMicrotask(() => it('the page of the cases is up to date', (t) => keep(t, section, names, failed)))
  return (name, run) => {
    names.push(name)
    it(name, async () => {
      failed.add(name)
      await run()
      failed.delete(name)
    })
  }
}

function keep(t: TestContext, section: string, names: readonly string[], failed: ReadonlySet<string>): void {
  // Those have been reported as what they are; a page with them in it is nothing to keep.
  if (failed.size > 0) return t.skip(`failed: ${[...failed].join('; ')}`)
  const rows = names.map((name) => `| ${name} | passed |`)
  const made = `\n## ${section}\n\n| Case | Result |\n|---|---|\n${rows.join('\n')}\n`
  const text = existsSync(page) ? readFileSync(page, 'utf8') : head
  const vendor = section.split(' (')[0] as string
  // From this vendor's heading to the next one or the end.
  const found = new RegExp(`\\n## ${vendor}[^\\n]*\\n[\\s\\S]*?(?=\\n## |$)`)
  const wanted = found.test(text) ? text.replace(found, () => made) : text + made
  if (process.env['UPDATE']) writeFileSync(page, wanted)
  else assert.equal(text, wanted, 'docs/reference/compat.md is out of date: run UPDATE=1 npm test')
}
