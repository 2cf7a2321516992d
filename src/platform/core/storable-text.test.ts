import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { shorten, storable, storableJson } from './storable-text.ts'

/** Any string of UTF-16 units, half-characters among them. */
const units = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xff_ff }), fc.constantFrom(0, 0xd8_3d, 0xde_42)))
  .map((codes) => String.fromCharCode(...codes))

const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0')

test('whatever can not be stored is replaced, each by one character, and nothing else changes', () => {
  assert.equal(storable('a\0b\ud83dc\ude42d🙂'), 'a\ufffdb\ufffdc\ufffdd🙂')
  fc.assert(
    fc.property(units, (text) => {
      const kept = storable(text)
      assert.ok(isStorable(kept))
      assert.equal(kept.length, text.length)
      if (isStorable(text)) assert.equal(kept, text)
    }),
  )
})

test('a whole value is cleaned, its names too, and what is not text stays', () => {
  const value = { 'a\0': ['\ud800', 1, null, true, { b: 'fine' }] }
  assert.deepEqual(storableJson(value), { 'a\ufffd': ['\ufffd', 1, null, true, { b: 'fine' }] })
  const named = storableJson(JSON.parse('{"__proto__":"\\u0000"}'))
  assert.deepEqual(JSON.stringify(named), '{"__proto__":"\ufffd"}')
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(storableJson(JSON.parse(text)), JSON.parse(text.replaceAll('\\u0000', '\\ufffd')))
    }),
  )
})

test('a value of a hundred thousand levels has an end', () => {
  const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
  assert.equal(JSON.stringify(storableJson(deep)), `${'['.repeat(100)}"\ufffd"${']'.repeat(100)}`)
})

test('a cut never leaves half a character, and counts characters', () => {
  assert.equal(shorten(`${'a'.repeat(4095)}🙂🙂`, 4096), `${'a'.repeat(4095)}🙂`)
  assert.equal(shorten('🙂🙂🙂', 2), '🙂🙂')
  assert.equal(shorten('abc', 5), 'abc')
  assert.equal(shorten('abc', 0), '')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, characters) => {
      assert.equal(shorten(text, characters), [...text].slice(0, characters).join(''))
    }),
  )
})
