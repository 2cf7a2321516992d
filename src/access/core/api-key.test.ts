import assert from 'node:assert/strict'
import { crc32 } from 'node:zlib'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { apiKeyPattern, formatApiKey, hasChecksum, isKeyOfClient, plainSpelling } from './api-key.ts'

const random = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url'))

describe('an API key', () => {
  it('ends with the CRC-32 of what stands before it', () => {
    fc.assert(
      fc.property(random, fc.boolean(), (text, live) => {
        const key = formatApiKey(live, text)
        assert.match(key, apiKeyPattern)
        assert.equal(
          key.slice(-7),
          crc32(plainSpelling(key.slice(0, -7)))
            .toString(36)
            .padStart(7, '0'),
        )
        assert.ok(hasChecksum(key))
      }),
    )
  })

  it('with one character changed is none', () => {
    fc.assert(
      fc.property(random, fc.nat(49), fc.constantFrom('a', 'Z', '0', '_', '-'), (text, at, other) => {
        const key = formatApiKey(false, text)
        const index = 8 + at
        const changed = key.slice(0, index) + other + key.slice(index + 1)
        fc.pre(plainSpelling(changed) !== plainSpelling(key))
        assert.ok(!hasChecksum(changed))
      }),
    )
  })

  it('is the same key without its punctuation, in letters and digits alone', () => {
    fc.assert(
      fc.property(random, fc.boolean(), (text, live) => {
        const plain = plainSpelling(formatApiKey(live, text))
        assert.match(plain, /^[a-zA-Z0-9]*$/)
        assert.ok(isKeyOfClient(plain) && hasChecksum(plain))
        // One or the other: half of it is neither.
        assert.ok(!isKeyOfClient(plain.replace(/^ck/, 'ck_')))
        assert.doesNotMatch(plain, apiKeyPattern)
      }),
    )
  })
})
