import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LoggedEvent } from '#webhooks/core/format.ts'
import { vonageWebhooks } from './webhook-format.ts'

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second))
const sending = (deliveryId: string, stepIndex: number, channel: string, hasFailed = false) => ({
  deliveryId,
  stepIndex,
  channel,
  queuedAt: at(stepIndex * 10),
  hasFailed,
})

describe("what Vonage's format tells", () => {
  const { write, partsOf } = vonageWebhooks(async () => [])
  const course = {
    createdAt: at(0),
    workflow: ['whatsapp', 'rcs', 'sms', 'voice'].map((channel) => ({ channel, waitSeconds: 60 })),
    sendings: [sending('a', 0, 'whatsapp', true), sending('b', 1, 'rcs'), sending('c', 2, 'sms')],
  }
  const event = (changes: Partial<LoggedEvent>): LoggedEvent => ({
    kind: 'verification.approved',
    at: at(30),
    businessId: '0190a000-0000-7000-8000-0000000000aa',
    applicationId: '0190a000-0000-7000-8000-0000000000bb',
    subjectKind: 'verification',
    subjectId: '0190a000-0000-7000-8000-0000000000cc',
    sequence: '7',
    live: true,
    data: {},
    ...changes,
  })
  const written = (changes: Partial<LoggedEvent>, part: string) => {
    const webhook = { id: 'x', url: 'https://a.b/', settings: {}, secrets: ['s'], at: at(40) }
    return JSON.parse(write({ ...webhook, event: event(changes), facts: course, part }).body)
  }

  it('of a step whose time was over is that step and not the next one', () => {
    const { channel, status, triggered_at } = written({ kind: 'verification.moved_on', partId: 'c' }, 'event')
    assert.deepEqual([channel, status, triggered_at], ['rcs', 'expired', at(10).toISOString()])
  })

  it('of a message that failed is its channel, whatever was sent since', () => {
    const { channel, status } = written({ kind: 'delivery.failed', partId: 'a' }, 'event')
    assert.deepEqual([channel, status], ['whatsapp', 'failed'])
  })

  it('of the whole names the end of every step', () => {
    const steps = (changes: Partial<LoggedEvent>) =>
      written(changes, 'summary').workflow.map(({ status }: { status: string }) => status)
    assert.deepEqual(steps({}), ['failed', 'expired', 'completed', 'unused'])
    assert.deepEqual(steps({ kind: 'verification.expired' }), ['failed', 'expired', 'expired', 'unused'])
    const denied = { kind: 'verification.blocked', data: { reason: 'not_requested' } }
    assert.deepEqual(steps(denied), ['failed', 'expired', 'user_rejected', 'unused'])
    assert.equal(written(denied, 'summary').status, 'failed')
  })

  it('is not everything that happens', () => {
    const parts = (kind: string, reason?: string) => partsOf(kind, reason)
    assert.deepEqual(parts('verification.moved_on', 'not_delivered_in_time'), ['event'])
    assert.deepEqual(parts('verification.moved_on', 'delivery_failed'), [], 'the message told it')
    assert.deepEqual(parts('delivery.failed', 'expired'), [], 'it was never sent')
    assert.deepEqual(parts('verification.undeliverable', 'every_channel_failed'), ['summary'])
    for (const kind of [
      'verification.started',
      'verification.check_failed',
      'verification.canceled',
      'delivery.read',
    ]) {
      assert.deepEqual(parts(kind), [], kind)
    }
  })
})
