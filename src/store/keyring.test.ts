import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { deriveCode } from '#core/verification/code.ts'
import { Keyring } from './keyring.ts'

const first = randomBytes(32)
const second = randomBytes(32)

describe('the keyring', () => {
  it('derives with the newest key, and still reads what an older one sealed', () => {
    const before = new Keyring(new Map([[1, first]]))
    const after = new Keyring(
      new Map([
        [1, first],
        [2, second],
      ]),
    )
    const sealed = before.seal('a secret', 'sender 1')
    assert.equal(after.currentVersion, 2)
    assert.equal(after.unseal(sealed, 'sender 1'), 'a secret')
    assert.equal(after.sealedVersion(after.seal('a secret', 'x')), 2)
    assert.equal(deriveCode(before.codeMac(1), 'id', 6), deriveCode(after.codeMac(1), 'id', 6))
    assert.notEqual(deriveCode(after.codeMac(2), 'id', 10), deriveCode(after.codeMac(1), 'id', 10))
  })

  it('opens nothing that was changed, moved to another row, or sealed under a key that is gone', () => {
    const keyring = new Keyring(new Map([[1, first]]))
    const sealed = Buffer.from(keyring.seal('a secret', 'sender 1'))
    assert.throws(() => keyring.unseal(sealed, 'sender 2'))
    for (const index of [4, 20, sealed.length - 1]) {
      const changed = Buffer.from(sealed)
      changed[index] = (changed[index] as number) ^ 1
      assert.throws(() => keyring.unseal(changed, 'sender 1'))
    }
    assert.throws(() => new Keyring(new Map([[2, second]])).unseal(sealed, 'sender 1'), /version 1/)
  })

  it('has another key for every use', () => {
    const keyring = new Keyring(new Map([[1, first]]))
    const data = new TextEncoder().encode('x')
    assert.notDeepEqual(Buffer.from(keyring.codeMac(1)(data)).subarray(0, 16), Buffer.from(keyring.checkMac(1, data)))
  })
})
