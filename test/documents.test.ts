import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { refusals } from '#core/errors.ts'
import { documents } from './documents.ts'

const root = new URL('../', import.meta.url)
const read = (path: string): string =>
  existsSync(new URL(path, root)) ? readFileSync(new URL(path, root), 'utf8') : ''

describe('the documents', () => {
  for (const [path, make] of Object.entries(documents)) {
    it(`${path} says what the source says`, () => {
      if (process.env['UPDATE']) writeFileSync(new URL(path, root), make())
      assert.equal(read(path), make(), `${path} is out of date: run UPDATE=1 npm test`)
    })
  }

  it('name no refusal that does not exist, and every refusal is thrown somewhere', () => {
    const sources = readdirSync(new URL('src', root), { recursive: true, encoding: 'utf8' }).filter(
      (name) => /\.(ts|sql)$/.test(name) && !name.endsWith('core/errors.ts'),
    )
    const text = sources.map((name) => read(`src/${name}`)).join('\n')
    const unused = Object.keys(refusals).filter((code) => !text.includes(`'${code}'`))
    assert.deepEqual(unused, [])
  })

  it('link to nothing that is not there', () => {
    const pages = [
      'README.md',
      'ARCHITECTURE.md',
      'CONTRIBUTING.md',
      'GLOSSARY.md',
      ...readdirSync(new URL('docs', root), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.md'))
        .map((name) => `docs/${name}`),
    ]
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .filter(([, target]) => !existsSync(new URL(target as string, new URL(page, root))))
        .map(([, target]) => `${page} → ${target}`),
    )
    assert.deepEqual(broken, [])
  })
})
