import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { createLog } from './log.ts'
import { tellSourceLines } from './source-lines.ts'

const source = `interface Nothing {
  readonly left: string
}

export function breakDown(): never {
  throw new TypeError('broken')
}
`

describe('a stack from a bundle', () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'centang-lines-'))
  const dist = join(folder, 'dist')
  after(() => rmSync(folder, { recursive: true }))

  async function errorFrom(name: string): Promise<Error & { readonly stack: string }> {
    writeFileSync(join(folder, 'broken.ts'), source)
    const made = await rolldown({ input: join(folder, 'broken.ts'), cwd: folder })
    await made.write({ dir: dist, entryFileNames: `${name}.mjs`, sourcemap: true })
    await made.close()
    const { breakDown } = (await import(pathToFileURL(join(dist, `${name}.mjs`)).href)) as { breakDown: () => never }
    try {
      return breakDown()
    } catch (error) {
      return error as Error & { readonly stack: string }
    }
  }

  it('names the line of the source, and leaves other files alone', async () => {
    const { stack } = await errorFrom('whole')
    const [header, first, ...others] = stack.split('\n')
    assert.match(first ?? '', /whole\.mjs:\d+:\d+\)$/)
    const told = `    at breakDown (${pathToFileURL(join(folder, 'broken.ts')).href}:6:9)`
    assert.equal(tellSourceLines(stack), [header, told, ...others].join('\n'))
  })

  it('is in the log with the lines of the source', async () => {
    const lines = new PassThrough({ encoding: 'utf8' })
    createLog('error', lines as unknown as NodeJS.WriteStream).error({ err: await errorFrom('logged') }, 'broken')
    assert.match(
      JSON.parse(String(lines.read())).err.stack,
      /^TypeError: broken\n    at breakDown \(.*\/broken\.ts:6:9\)/,
    )
  })

  it('is told as it is where the map is broken or missing', async () => {
    const broken = await errorFrom('broken')
    writeFileSync(join(dist, 'broken.mjs.map'), '{')
    const missing = await errorFrom('missing')
    rmSync(join(dist, 'missing.mjs.map'))
    for (const { stack } of [broken, missing]) assert.equal(tellSourceLines(stack), stack)
  })
})
