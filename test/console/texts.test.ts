import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { describe, it } from 'node:test'

const source = new URL('../../console/src/', import.meta.url)
const files = ['en', 'id', 'es', 'pt-br']

type Texts = Readonly<Record<string, unknown>>

/** Every text by its path: what it is, and what is wrong with it in itself. */
function leavesOf(texts: Texts, prefix = ''): Map<string, unknown> {
  return new Map(
    Object.entries(texts).flatMap(([name, value]) =>
      typeof value === 'object' && value !== null
        ? [...leavesOf(value as Texts, `${prefix}${name}.`)]
        : [[`${prefix}${name}`, value] as const],
    ),
  )
}

/** What the languages do not have in common, and texts that are none. */
function faultsOf(catalogue: ReadonlyMap<string, Texts>): string[] {
  const languages = [...catalogue].map(([language, texts]) => ({ language, leaves: leavesOf(texts) }))
  const every = new Set(languages.flatMap(({ leaves }) => [...leaves.keys()]))
  return languages.flatMap(({ language, leaves }) =>
    [...every].flatMap((path) => {
      if (!leaves.has(path)) return [`${language} lacks ${path}`]
      const text = leaves.get(path)
      // A sentence with something in it: what is put in has to come out again.
      const written = typeof text === 'function' ? (text('⟦0⟧', '⟦1⟧') as unknown) : text
      if (typeof written !== 'string' || written.trim() === '') return [`${language} has no text for ${path}`]
      const filled = languages.map((other) => other.leaves.get(path)).filter((one) => typeof one === 'function')
      const most = Math.max(0, ...filled.map((one) => one.length))
      const missing = Array.from({ length: most }, (_, index) => `⟦${index}⟧`).filter((mark) => !written.includes(mark))
      return missing.map((mark) => `${language} leaves out ${mark} in ${path}`)
    }),
  )
}

async function readTexts(folder: URL): Promise<Map<string, Texts>> {
  const read = await Promise.all(
    files.map(async (name) => {
      const [texts] = Object.values((await import(new URL(`${name}.ts`, folder).href)) as Record<string, Texts>)
      return [name, texts ?? {}] as const
    }),
  )
  return new Map(read)
}

const modules = readdirSync(source).filter((name) => existsSync(new URL(`${name}/text/`, source)))

describe('the texts of the console', () => {
  it('are there for the kit and for every module with pages', () => {
    const withPages = readdirSync(source).filter((name) => existsSync(new URL(`${name}/pages/`, source)))
    assert.deepEqual(
      ['kit', ...withPages].filter((name) => !modules.includes(name)),
      [],
    )
    assert.ok(withPages.length > 0)
  })

  for (const module of modules) {
    it(`say the same in every language: ${module}`, async () => {
      const catalogue = await readTexts(new URL(`${module}/text/`, source))
      assert.ok(leavesOf(catalogue.get('en') ?? {}).size > 0)
      assert.deepEqual(faultsOf(catalogue), [])
    })
  }

  it('of a module hide none of the kit’s', async () => {
    const common = Object.keys((await readTexts(new URL('kit/text/', source))).get('en') ?? {})
    for (const module of modules.filter((name) => name !== 'kit')) {
      const own = Object.keys((await readTexts(new URL(`${module}/text/`, source))).get('en') ?? {})
      // Refusals are merged, one by one.
      const hidden = common.filter((name) => name !== 'refusals' && own.includes(name))
      assert.deepEqual(hidden, [], module)
    }
  })

  it('would be noticed when one is missing, empty or leaves something out', () => {
    const en = { send: 'Send', refusals: { busy: 'Busy.' }, sentTo: (to: string, by: string) => `${to} by ${by}` }
    const broken = { send: ' ', refusals: {}, sentTo: (to: string) => to, extra: 'Mehr' }
    const catalogue = new Map<string, Texts>([
      ['en', en],
      ['de', broken],
    ])
    assert.deepEqual(faultsOf(catalogue), [
      'en lacks extra',
      'de has no text for send',
      'de lacks refusals.busy',
      'de leaves out ⟦1⟧ in sentTo',
    ])
    assert.deepEqual(faultsOf(new Map([['en', en]])), [])
  })
})
