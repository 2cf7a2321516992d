import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decideMove, type MoveEvent } from './move.ts'
import { policyDefaults } from '#access/core/policy.ts'
import { type Delivery, type Verification, verificationStatuses } from './verification.ts'
import { deliveryStatuses } from '#platform/core/delivery-status.ts'

const now = new Date('2026-11-24T12:00:00Z')
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000)
const delivery = (changes: Partial<Delivery> = {}): Delivery => ({
  id: 'd0',
  stepIndex: 0,
  channel: 'whatsapp',
  senderId: 's',
  status: 'sent',
  queuedAt: now,
  ...changes,
})
const verification = (changes: Partial<Verification> = {}): Verification => ({
  businessId: 'b',
  id: 'v',
  applicationId: 'a',
  live: false,
  recipient: '+1',
  purpose: 'p',
  locale: 'en',
  status: 'pending',
  checkCount: 0,
  checkCountMax: 5,
  codeId: 'v',
  policy: policyDefaults,
  workflow: [
    { channel: 'whatsapp', waitSeconds: 30, senderId: 's' },
    { channel: 'sms', waitSeconds: 60, senderId: 't' },
  ],
  stepIndex: 0,
  revision: 0,
  createdAt: now,
  expiresAt: later(300),
  deliveries: [delivery()],
  sentRecently: [now],
  ...changes,
})

const failed: MoveEvent = { kind: 'failed', deliveryId: 'd0', fallback: true }

describe('a move', () => {
  it('goes on when a delivery has failed, and says why', () => {
    const move = decideMove(verification({ deliveries: [delivery({ status: 'failed' })] }), failed, now)
    assert.partialDeepStrictEqual(move, {
      kind: 'send',
      reason: 'delivery_failed',
      stepIndex: 1,
      mustWait: false,
      dueAt: later(60),
    })
  })

  it('does not go on for a failure that was overruled, or of a step that was left', () => {
    assert.equal(
      decideMove(verification({ deliveries: [delivery({ status: 'delivered' })] }), failed, now).kind,
      'none',
    )
    const left = verification({
      stepIndex: 1,
      deliveries: [delivery({ status: 'failed' }), delivery({ id: 'd1', stepIndex: 1, channel: 'sms' })],
    })
    assert.equal(decideMove(left, failed, now).kind, 'none')
  })

  it('does not go on while a second message on the same channel may still arrive', () => {
    const twice = verification({ deliveries: [delivery({ status: 'failed' }), delivery({ id: 'd1' })] })
    assert.equal(decideMove(twice, failed, now).kind, 'none')
  })

  it('ends when the last channel has failed and nothing may arrive any more', () => {
    const last = verification({
      stepIndex: 1,
      deliveries: [delivery({ id: 'x', status: 'failed' }), delivery({ status: 'failed', stepIndex: 1 })],
    })
    assert.partialDeepStrictEqual(decideMove(last, failed, now), { kind: 'end', status: 'undeliverable' })
    const held = verification({
      workflow: verification().workflow.slice(0, 1),
      deliveries: [delivery({ status: 'failed', failureReason: 'held' })],
    })
    assert.equal(decideMove(held, failed, now).kind, 'none', 'a held message may still be released')
  })

  it('ends when the channel that is left fails last, after everything else has', () => {
    const late = verification({
      stepIndex: 1,
      deliveries: [
        delivery({ status: 'failed' }),
        delivery({ id: 'd1', stepIndex: 1, channel: 'sms', status: 'failed' }),
      ],
    })
    assert.partialDeepStrictEqual(decideMove(late, failed, now), { kind: 'end', reason: 'every_channel_failed' })
  })

  it('by itself passes over a step whose message has arrived or may still arrive', () => {
    const threeSteps = [...verification().workflow, { channel: 'voice', waitSeconds: 60, senderId: 'u' } as const]
    for (const status of ['queued', 'unknown', 'sent', 'delivered'] as const) {
      const back = verification({
        deliveries: [delivery(), delivery({ id: 'd1', stepIndex: 1, channel: 'sms', status }), delivery({ id: 'd2' })],
      })
      assert.deepEqual(decideMove(back, { kind: 'due' }, now), { kind: 'wait', dueAt: later(300) }, status)
      assert.partialDeepStrictEqual(decideMove({ ...back, workflow: threeSteps }, { kind: 'due' }, now), {
        kind: 'send',
        stepIndex: 2,
      })
    }
    const onceFailed = verification({
      deliveries: [delivery({ id: 'd1', stepIndex: 1, channel: 'sms', status: 'failed' }), delivery({ id: 'd2' })],
    })
    assert.partialDeepStrictEqual(decideMove(onceFailed, { kind: 'due' }, now), { kind: 'send', stepIndex: 1 })
  })

  it('of a person waits on every channel that was used before, whatever was used last', () => {
    const sms = { channel: 'sms', waitSeconds: 60, senderId: 't' } as const
    const whatsapp = { channel: 'whatsapp', waitSeconds: 30, senderId: 's' } as const
    const both = [delivery(), delivery({ id: 'd1', stepIndex: 1, channel: 'sms' })]
    const onSms = verification({ stepIndex: 1, deliveries: both })
    assert.partialDeepStrictEqual(decideMove(onSms, { kind: 'resend', step: whatsapp }, now), { mustWait: true })
    assert.partialDeepStrictEqual(decideMove(onSms, { kind: 'next', step: whatsapp }, now), { mustWait: true })
    const back = verification({ stepIndex: 0, deliveries: [...both, delivery({ id: 'd2' })] })
    assert.partialDeepStrictEqual(decideMove(back, { kind: 'resend', step: sms }, now), { mustWait: true })
    assert.partialDeepStrictEqual(decideMove(back, { kind: 'next' }, now), { stepIndex: 1, mustWait: true })
  })

  it('of any kind ends it once a failure tells of a changed account, also when nobody could act on it at once', () => {
    const changed = verification({ deliveries: [delivery({ status: 'failed', failureReason: 'identity_changed' })] })
    for (const event of [{ kind: 'due' }, { kind: 'resend' }, { kind: 'next' }, failed] as const) {
      assert.partialDeepStrictEqual(decideMove(changed, event, now), { kind: 'end', reason: 'no_fallback_allowed' })
    }
    const seenSince = verification({ deliveries: [delivery({ status: 'read', failureReason: 'identity_changed' })] })
    assert.equal(decideMove(seenSince, { kind: 'next' }, now).kind, 'send')
  })

  it('never tries another channel after the account has changed hands', () => {
    assert.partialDeepStrictEqual(
      decideMove(verification({ deliveries: [delivery({ status: 'failed' })] }), { ...failed, fallback: false }, now),
      { kind: 'end', status: 'undeliverable' },
    )
  })

  it('waits for the end of the code when the message has arrived', () => {
    assert.deepEqual(decideMove(verification({ deliveries: [delivery({ status: 'read' })] }), { kind: 'due' }, now), {
      kind: 'wait',
      dueAt: later(300),
    })
  })

  it('never sets a due time after the end of the code', () => {
    const move = decideMove(verification({ expiresAt: later(20) }), { kind: 'due' }, now)
    assert.partialDeepStrictEqual(move, { kind: 'send', dueAt: later(20) })
  })

  it('of a person waits on the same channel and not on another', () => {
    const sms = { channel: 'sms', waitSeconds: 60, senderId: 't' } as const
    assert.partialDeepStrictEqual(decideMove(verification(), { kind: 'resend' }, now), {
      kind: 'send',
      stepIndex: 0,
      mustWait: true,
    })
    assert.partialDeepStrictEqual(decideMove(verification(), { kind: 'resend', step: sms }, now), {
      kind: 'send',
      stepIndex: 1,
      mustWait: false,
    })
    const voice = { channel: 'voice', waitSeconds: 60, senderId: 'u' } as const
    assert.partialDeepStrictEqual(decideMove(verification(), { kind: 'next', step: voice }, now), {
      kind: 'send',
      stepIndex: 2,
    })
    assert.deepEqual(decideMove(verification({ stepIndex: 1 }), { kind: 'next' }, now), {
      kind: 'refuse',
      code: 'workflow_exhausted',
    })
  })

  it('of a code goes on after its first verification has ended, and ends when nobody is left', () => {
    const blocked = verification({ status: 'blocked', deliveries: [delivery({ status: 'failed' })] })
    assert.equal(decideMove(blocked, failed, now).kind, 'send')
    assert.equal(decideMove({ ...blocked, codeEndedAt: now }, failed, now).kind, 'none')
    assert.equal(decideMove({ ...blocked, expiresAt: now }, { kind: 'due' }, now).kind, 'end')
    assert.partialDeepStrictEqual(decideMove(blocked, { kind: 'resend' }, now), { code: 'verification_closed' })
  })

  it('ends one verification when it is canceled, and all when the person asked for none', () => {
    assert.partialDeepStrictEqual(decideMove(verification(), { kind: 'cancel' }, now), {
      kind: 'leave',
      status: 'canceled',
    })
    assert.partialDeepStrictEqual(decideMove(verification(), { kind: 'denied' }, now), {
      kind: 'end',
      status: 'blocked',
    })
  })

  it('waits for no send of before where the caller has a rule of its own', () => {
    assert.partialDeepStrictEqual(decideMove(verification(), { kind: 'resend' }, now), { kind: 'send', mustWait: true })
    const atOnce: MoveEvent = { kind: 'resend', atOnce: true }
    assert.partialDeepStrictEqual(decideMove(verification(), atOnce, now), { kind: 'send', mustWait: false })
  })

  it('never sends once a verification has ended or expired, but for others that share its code', () => {
    const events: MoveEvent[] = [
      { kind: 'due' },
      failed,
      { kind: 'resend' },
      { kind: 'next' },
      { kind: 'cancel' },
      { kind: 'denied' },
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...verificationStatuses),
        fc.constantFrom(...deliveryStatuses),
        fc.constantFrom(...events),
        fc.integer({ min: -100, max: 100 }),
        fc.boolean(),
        (status, delivered, event, left, isShared) => {
          const isOver = status !== 'pending' && !isShared
          const found = verification({
            status,
            ...(isOver && { codeEndedAt: now }),
            expiresAt: later(left),
            deliveries: [delivery({ status: delivered })],
          })
          const move = decideMove(found, event, now)
          const isOfCode = event.kind === 'due' || event.kind === 'failed'
          if (isOver || left <= 0 || (status !== 'pending' && !isOfCode)) assert.notEqual(move.kind, 'send')
          if (move.kind === 'send') assert.ok(move.stepIndex < move.workflow.length)
        },
      ),
    )
  })
})
