import assert from 'node:assert/strict'
import test from 'node:test'
import { acceptedLocale, nearestLocale } from './locale.ts'

test('a tag of any region and spelling is read', () => {
  for (const [text, locale] of [
    ['id-ID', 'id'],
    ['in', 'id'],
    ['in_ID', 'id'],
    ['ID', 'id'],
    ['pt', 'pt-BR'],
    ['pt_PT', 'pt-BR'],
    ['pt-br', 'pt-BR'],
    ['es-419', 'es'],
    ['es_MX', 'es'],
    ['en_US', 'en'],
    ['en-GB-oxendict', 'en'],
    ['en-Latn-US', 'en'],
  ] as const)
    assert.equal(nearestLocale(text), locale, text)
  for (const text of ['fr', 'zh-Hant-TW', 'idx', '', 'e', 'en-', 'en US', '../en', 'en\n', 'constructor', 'inx'])
    assert.equal(nearestLocale(text), undefined, text)
})

test("a browser's languages are read in its own order", () => {
  for (const [header, locale] of [
    ['fr-FR,fr;q=0.9,in;q=0.8,en;q=0.7', 'id'],
    ['en;q=0.1, pt', 'pt-BR'],
    ['es-419,es;q=0.9', 'es'],
    ['*', 'en'],
    ['', 'en'],
    ['es;q=0, id;q=0.2', 'id'],
    ['de', 'en'],
    [';;q=,', 'en'],
  ] as const)
    assert.equal(acceptedLocale(header), locale, header)
  assert.equal(acceptedLocale(undefined), 'en')
})
