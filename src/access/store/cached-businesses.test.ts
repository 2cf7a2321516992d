import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatApiKey } from '#access/core/api-key.ts'
import type { Database } from '#platform/database/database.ts'
import { CachedBusinessStore } from './cached-businesses.ts'

const noDatabase = { of: () => undefined } as unknown as Database

describe('what is remembered of businesses', () => {
  it('asks nobody about a key that was never made, and asks about the one that was given', async () => {
    const asked: string[] = []
    class Asked extends CachedBusinessStore {
      override async findKey(key: string): Promise<undefined> {
        asked.push(key)
      }
    }
    const businesses = new Asked(noDatabase, { givenKey: 'ck_test_chosen_by_hand', permissionsOf: () => new Set() })
    const made = formatApiKey(false, 'a'.repeat(43))
    for (const key of ['ck_test_invented00', `${made}x`, made.replace('aa', 'ab')])
      assert.equal(await businesses.callerOf(key), undefined)
    assert.deepEqual(asked, [])
    await businesses.callerOf(made)
    await businesses.callerOf('ck_test_chosen_by_hand')
    assert.deepEqual(asked, [made, 'ck_test_chosen_by_hand'])
  })
})
