import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PublicKey } from '#compat/vonage/core/public-key.ts'
import type { Database } from '#platform/database/database.ts'
import { CachedPublicKeyStore } from './cached-public-keys.ts'
import { PublicKeyStore } from './public-keys.ts'

const owner = { businessId: 'b', applicationId: 'a', live: false, keyId: 'k' }
const keyNamed = (id: string) => ({ ...owner, id }) as unknown as PublicKey

describe('what is remembered of public keys', () => {
  /** A store whose table is a list, with a count of how often it was read. */
  function cachedKeys(kept: PublicKey[]) {
    const keys = new CachedPublicKeyStore({ of: () => undefined } as unknown as Database)
    const seen = { kept, reads: 0 }
    keys.ofApplication = async () => {
      seen.reads++
      return seen.kept.length === 0 ? undefined : seen.kept
    }
    const ids = async () => (await keys.keysOf('a'))?.map(({ id }) => id)
    return { keys, seen, ids }
  }

  it('asks once for the keys of an application, also when it has none', async () => {
    for (const kept of [[keyNamed('one')], []]) {
      const { seen, ids } = cachedKeys(kept)
      for (let count = 0; count < 3; count++) await ids()
      assert.equal(seen.reads, 1)
    }
  })

  it('never finds one that it removed, nor the one in whose place another came', async (t) => {
    const { keys, seen, ids } = cachedKeys([keyNamed('one')])
    t.mock.method(PublicKeyStore.prototype, 'put', async () => {
      // A token that comes between the decision and the commit.
      assert.deepEqual(await ids(), ['one'])
      seen.kept = [keyNamed('two')]
      return seen.kept[0]
    })
    t.mock.method(PublicKeyStore.prototype, 'remove', async () => {
      assert.deepEqual(await ids(), ['two'])
      seen.kept = []
      return true
    })
    await ids()
    await keys.put(owner, 'pem', new Date())
    assert.deepEqual(await ids(), ['two'])
    await keys.remove(owner)
    assert.equal(await ids(), undefined)
  })

  it('asks again after the database was away', async () => {
    const { keys, ids } = cachedKeys([])
    const found = keys.ofApplication.bind(keys)
    keys.ofApplication = () => Promise.reject(new Error('away'))
    await assert.rejects(ids(), /away/)
    keys.ofApplication = found
    assert.equal(await ids(), undefined)
  })
})
