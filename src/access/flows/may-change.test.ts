import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal } from '#platform/core/refusal.ts'
import type { ApiKey } from '#access/store/businesses.ts'
import { requireMayChange } from './may-change.ts'

const at = new Date('2026-01-02T03:04:05Z')
const key = (applicationId: string, live: boolean, revokedAt?: Date): ApiKey => ({
  id: `${applicationId} ${live}`,
  applicationId,
  live,
  hint: 'abcd',
  createdAt: at,
  ...(revokedAt && { revokedAt }),
})

const ask = (live: boolean, keys: ApiKey[]): Promise<void> =>
  requireMayChange({ listKeys: async () => keys }, { businessId: 'business', live })

const refused = (error: unknown): boolean => error instanceof Refusal && error.code === 'live_key_required'

describe('who may change an application', () => {
  it('is any key, as long as the business has no live key', async () => {
    await ask(false, [key('one', false), key('two', false)])
  })

  it('is a live key only once the business has one, whichever application that is of', async () => {
    await assert.rejects(ask(false, [key('one', false), key('other', true)]), refused)
    await ask(true, [key('one', false), key('other', true)])
  })

  it('is any key again when the last live key was revoked', async () => {
    await ask(false, [key('one', false), key('one', true, at)])
    await assert.rejects(ask(false, [key('one', true, at), key('two', true)]), refused)
  })
})
