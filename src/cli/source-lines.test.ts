import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const source = `interface Nothing {
  readonly left: string
}

export function breakDown(): never {
  throw new TypeError('broken')
}
`

describe('a stack from a bundle', () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'centang-lines-'))
  const bundle = pathToFileURL(join(folder, 'dist/'))
  before(async () => {
    writeFileSync(join(folder, 'broken.ts'), source)
    const made = await rolldown({ input: join(folder, 'broken.ts'), cwd: folder })
    await made.write({ dir: join(folder, 'dist'), entryFileNames: '[name].mjs', sourcemap: true })
    await made.close()
  })
  after(() => rmSync(folder, { recursive: true }))

  /** In a process of its own: it changes what errors do. */
  function stackOf(prepare: string): string[] {
    const program = `${prepare}
      const { breakDown } = await import(${JSON.stringify(new URL('broken.mjs', bundle).href)})
      try { breakDown() } catch (error) { console.log(error.stack) }`
    return execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }).split('\n')
  }
  const told = `import { tellSourceLines } from ${JSON.stringify(new URL('source-lines.ts', import.meta.url).href)}
    tellSourceLines(new URL(${JSON.stringify(bundle.href)}))`

  it('names the line of the source, and leaves other files alone', () => {
    const [header, first, second] = stackOf(told)
    assert.equal(header, 'TypeError: broken')
    assert.equal(first, `    at breakDown (${pathToFileURL(join(folder, 'broken.ts')).href}:6:9)`)
    assert.match(second ?? '', /^ {4}at file:.*\[eval1\]:4:13$/)
    assert.match(stackOf('')[1] ?? '', /broken\.mjs:\d+:\d+\)$/, 'or else it names the bundle')
  })

  it('is told as it is where the map is broken or missing', () => {
    const map = join(folder, 'dist', 'broken.mjs.map')
    writeFileSync(map, '{')
    const broken = stackOf(told)
    rmSync(map)
    for (const stack of [broken, stackOf(told)]) assert.equal(stack[1], stackOf('')[1])
  })
})
