import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { policyDefaults } from '#access/core/policy.ts'
import { resendAfter } from './verification.ts'

const at = (seconds: number): Date => new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1000)

describe('when a code may be sent again', () => {
  it('is after a wait that grows with what was sent', () => {
    assert.equal(resendAfter(policyDefaults, []), undefined)
    assert.deepEqual(resendAfter(policyDefaults, [at(0)]), at(30))
    assert.deepEqual(resendAfter(policyDefaults, [at(0), at(30)]), at(90))
  })

  it('is when the first one no longer counts, once as many as are allowed were sent', () => {
    const sent = [0, 30, 90, 210, 390].map(at)
    assert.deepEqual(resendAfter(policyDefaults, sent), at(600))
    assert.deepEqual(resendAfter({ ...policyDefaults, sendCountMax: 2 }, [at(0), at(590)]), at(650))
  })
})
