import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Caller } from '#platform/core/caller.ts'
import type { Application } from '#access/core/business.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { StartAnswer, StartRow } from '#verification/core/engine.ts'
import { policyDefaults, workflowDefault } from '#access/core/policy.ts'
import type { Verification } from '#verification/core/verification.ts'
import type { Outside } from './outside.ts'
import { startVerification } from './start-verification.ts'

const caller: Caller = { keyId: 'k', businessId: 'b', applicationId: 'a', live: false }
const now = new Date('2026-01-01T00:00:00Z')

/** What lies outside: starts are answered as the list says, and everything pending has just been approved. */
function outsideOf(answers: readonly StartAnswer['outcome'][]): { outside: Outside; rows: StartRow[] } {
  const rows: StartRow[] = []
  const approved = { businessId: 'b', id: 'old', status: 'approved', workflow: [], deliveries: [] } as object
  const methods: object = {
    engine: {
      start: async (row: StartRow): Promise<StartAnswer> => {
        rows.push(row)
        const outcome = answers[rows.length - 1] ?? 'exists'
        return { outcome, sentRecently: [now], ...(outcome !== 'created' && { verificationId: 'old' }) }
      },
      load: async () => approved as Verification,
    },
    keys: {
      currentVersion: 1,
      codeMac: () => () => new Uint8Array(32).fill(7),
      checkMac: () => new Uint8Array(16),
    },
    now: () => now,
    newId: () => '0190a000-0000-7000-8000-000000000009',
    findApplication: async () =>
      ({ businessId: 'b', id: 'a', locale: 'en', policy: policyDefaults, workflow: workflowDefault }) as Application,
    listSenders: async () => [{ id: 's', channel: 'sms', live: false, purpose: 'authentication' } as Sender],
    perform: () => undefined,
    reserve: () => undefined,
  }
  return { outside: methods as Outside, rows }
}

const start = (outside: Outside) =>
  startVerification(outside, caller, { recipient: '+6281234567890', purpose: 'login' })

describe('a start that meets a verification which ends in the same moment', () => {
  it('starts anew instead of asking the caller to', async () => {
    const { outside, rows } = outsideOf(['exists', 'created'])
    const { verification, isNew } = await start(outside)
    assert.deepEqual([rows.length, isNew, verification.status], [2, true, 'pending'])
  })

  it('answers what became of it when the request was made with an Idempotency-Key', async () => {
    const { outside, rows } = outsideOf(['exists', 'replayed_exists'])
    const { verification, isNew } = await start(outside)
    assert.deepEqual([rows.length, isNew, verification.status], [2, false, 'approved'])
  })

  it('gives up as busy when it never ends', async () => {
    const { outside } = outsideOf([])
    await assert.rejects(start(outside), (error) => error instanceof Refusal && error.code === 'busy')
  })
})
