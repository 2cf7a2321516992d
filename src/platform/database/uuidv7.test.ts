import assert from 'node:assert/strict'
import test from 'node:test'
import { uuidv7Of } from './uuidv7.ts'

test('the id of a moment and a text is always the same one, in the order of time, and of no other text', () => {
  const at = Date.parse('2026-12-01T00:00:00Z')
  const ids = ['a', 'b'].flatMap((text) => [at, at + 1].map((time) => uuidv7Of(time, text)))
  assert.deepEqual(
    ids,
    ['a', 'b'].flatMap((text) => [at, at + 1].map((time) => uuidv7Of(time, text))),
  )
  assert.equal(new Set(ids).size, 4)
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.ok(uuidv7Of(at, 'b') < uuidv7Of(at + 1, 'a'))
  assert.equal(Number.parseInt(uuidv7Of(at, 'a').replaceAll('-', '').slice(0, 12), 16), at)
})
