import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { deriveCode } from '#verification/core/code.ts'
import { Keyring } from './keyring.ts'

const first = randomBytes(32)
const second = randomBytes(32)
const keyringOf = (...keys: [number, Uint8Array][]): Keyring => new Keyring(new Map(keys))

describe('the keyring', () => {
  it('derives with the key that is listed first, and still reads what another one sealed', () => {
    const before = keyringOf([1, first])
    const after = keyringOf([2, second], [1, first])
    const sealed = before.seal('a secret', 'sender 1')
    assert.equal(after.currentVersion, 2)
    assert.equal(after.unseal(sealed, 'sender 1'), 'a secret')
    assert.equal(after.sealedVersion(after.seal('a secret', 'x')), 2)
    assert.equal(deriveCode(before.codeMac(1), 'id', 6), deriveCode(after.codeMac(1), 'id', 6))
    assert.notEqual(deriveCode(after.codeMac(2), 'id', 10), deriveCode(after.codeMac(1), 'id', 10))
  })

  it('knows a key that is not current yet, so that servers get it one after the other', () => {
    const ready = keyringOf([1, first], [2, second])
    const ahead = keyringOf([2, second], [1, first])
    assert.equal(ready.currentVersion, 1)
    const guess = new TextEncoder().encode('id 123456')
    assert.deepEqual(ready.checkMac(2, guess), ahead.checkMac(2, guess))
    assert.equal(ready.unseal(ahead.seal('a secret', 'x'), 'x'), 'a secret')
  })

  it('knows a request again in every step of a rotation, until the old key is taken out', () => {
    const steps = [keyringOf([1, first]), keyringOf([1, first], [2, second]), keyringOf([2, second], [1, first])]
    const fingerprints = steps.map((keyring) => Buffer.from(keyring.fingerprint('to', 'me')).toString('hex'))
    assert.equal(new Set(fingerprints).size, 1)
    const without = Buffer.from(keyringOf([2, second]).fingerprint('to', 'me')).toString('hex')
    assert.notEqual(without, fingerprints[0])
  })

  it('takes no key that is shorter than it has to be', () => {
    for (const length of [0, 16, 31, 33])
      assert.throws(() => keyringOf([1, Buffer.alloc(length)]), /does not have 32 bytes/)
  })

  it('opens nothing that was changed, moved to another row, or sealed under a key that is gone', () => {
    const keyring = keyringOf([1, first])
    const sealed = Buffer.from(keyring.seal('a secret', 'sender 1'))
    assert.throws(() => keyring.unseal(sealed, 'sender 2'))
    for (const index of [4, 20, sealed.length - 1]) {
      const changed = Buffer.from(sealed)
      changed[index] = (changed[index] as number) ^ 1
      assert.throws(() => keyring.unseal(changed, 'sender 1'))
    }
    assert.throws(() => keyringOf([2, second]).unseal(sealed, 'sender 1'), /version 1/)
  })

  it('has another key for every use', () => {
    const keyring = keyringOf([1, first])
    const data = new TextEncoder().encode('x')
    assert.notDeepEqual(Buffer.from(keyring.codeMac(1)(data)).subarray(0, 16), Buffer.from(keyring.checkMac(1, data)))
  })
})
