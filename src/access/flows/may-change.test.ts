import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal } from '#platform/core/refusal.ts'
import { requireMayChange } from './may-change.ts'

const ask = (live: boolean, hasLiveKey: boolean): Promise<void> =>
  requireMayChange({ hasLiveKey: async () => hasLiveKey }, { businessId: 'business', live })

describe('who may change an application', () => {
  it('is any key as long as the business has no live key, and then a live key only', async () => {
    await ask(false, false)
    await ask(true, true)
    await assert.rejects(
      ask(false, true),
      (error: unknown) => error instanceof Refusal && error.code === 'live_key_required',
    )
  })
})
