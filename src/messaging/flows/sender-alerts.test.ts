import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Registry } from 'prom-client'
import { contractMessage } from '#messaging/providers/contract/case.ts'
import type { Failure } from '#messaging/core/failure.ts'
import type { SenderNotice } from '#messaging/core/notice.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { SendResult } from '#messaging/core/send.ts'
import { countSenderAlerts } from '../metrics.ts'
import { createSenderAlerts } from './sender-alerts.ts'

const sender: Sender = {
  id: '0190a000-0000-7000-8000-000000000003',
  businessId: '0190a000-0000-7000-8000-000000000001',
  live: true,
  channel: 'whatsapp',
  provider: 'whatsapp-cloud-api',
  purpose: 'authentication',
  config: {},
  secrets: { access_token: 'EAAsecret-of-the-test' },
}
const failureOf = (providerCode: string, alert: boolean): Failure => ({
  reason: 'sender_misconfigured',
  providerCode,
  detail: 'Session has expired',
  alert,
  fallback: true,
})

function watch() {
  const lines: [string, Record<string, unknown>][] = []
  const texts: string[] = []
  const notices: SenderNotice[] = []
  const clock = { now: 0 }
  const registry = new Registry()
  const log = {
    error: (fields: object, text: string) => {
      lines.push(['error', { ...fields }])
      texts.push(text)
    },
    warn: (fields: object) => void lines.push(['warn', { ...fields }]),
  }
  const alerts = createSenderAlerts({
    log,
    count: countSenderAlerts(registry),
    canExamine: ({ provider }) => provider === sender.provider,
    keepNotice: async (_sender, notice) => void notices.push(notice),
    now: () => clock.now,
  })
  const send = (result: SendResult, by = sender) => alerts.watchSend(async () => result)(contractMessage, by)
  return { lines, texts, notices, clock, registry, alerts, send }
}

describe('alerts of senders', () => {
  it('tell of an expired token once a sender and code, and again after an hour', async () => {
    const { lines, clock, registry, send } = watch()
    const expired: SendResult = { outcome: 'refused', failure: failureOf('190', true) }
    for (let count = 0; count < 3; count++) assert.equal(await send(expired), expired, 'the result goes through')
    assert.deepEqual(lines, [
      [
        'error',
        {
          sender: 'snd_0190a000000070008000000000000003',
          provider: 'whatsapp-cloud-api',
          reason: 'sender_misconfigured',
          providerCode: '190',
          detail: 'Session has expired',
        },
      ],
    ])
    await send({ outcome: 'refused', failure: failureOf('133010', true) })
    await send(expired, { ...sender, id: '0190a000-0000-7000-8000-000000000009' })
    assert.equal(lines.length, 3, 'another code, another sender')
    clock.now = 3_600_000
    await send(expired)
    assert.equal(lines.length, 4)
    assert.match(
      await registry.metrics(),
      /centang_sender_alerts_total\{channel="whatsapp",provider="whatsapp-cloud-api",reason="sender_misconfigured"\} 6/,
    )
  })

  it('name the doctor where he has something to say', async () => {
    const { texts, send } = watch()
    const paused: SendResult = { outcome: 'refused', failure: failureOf('x', true) }
    await send(paused)
    await send(paused, { ...sender, id: '0190a000-0000-7000-8000-000000000009', provider: 'sms-http' })
    assert.match(texts[0] ?? '', /; examine it with: centang doctor snd_0190a000000070008000000000000003$/)
    assert.equal(texts[1], 'messages of this sender fail until somebody acts')
  })

  it('are silent about what only one message failed by', async () => {
    const { lines, send } = watch()
    await send({ outcome: 'refused', failure: failureOf('131026', false) })
    await send({ outcome: 'deferred', retryAfterMs: 1, failure: failureOf('130429', false) })
    await send({ outcome: 'accepted', providerMessageId: 'm' })
    await send({ outcome: 'unknown', detail: 'x' })
    assert.deepEqual(lines, [])
  })

  it('tell of every code that nobody knows together, with the words of the provider', async () => {
    const { lines, notices, send } = watch()
    for (const code of ['990001', '990002', '990003'])
      await send({ outcome: 'refused', failure: { ...failureOf(code, true), reason: 'unspecified', isUnknown: true } })
    assert.equal(lines.length, 1)
    assert.partialDeepStrictEqual(notices, [
      { kind: 'failing', check: 'sending unknown', state: 'problem', detail: '990001: Session has expired' },
    ])
  })

  it('say what to do where that is known, in the log and beside the sender', async () => {
    const { lines, notices, send } = watch()
    const mend = 'Add a payment method.'
    await send({ outcome: 'refused', failure: { ...failureOf('131042', true), mend } })
    assert.deepEqual([lines[0]?.[1]['mend'], notices[0]?.mend], [mend, mend])
  })

  it('remember no more than a bounded number of what they told', async () => {
    const { clock, lines, send } = watch()
    const at = (n: number) => ({ ...sender, id: `0190a000-0000-7000-8000-${String(n).padStart(12, '0')}` })
    const expired: SendResult = { outcome: 'refused', failure: failureOf('190', true) }
    for (let n = 0; n <= 10_000; n++) await send(expired, at(n))
    await send(expired, at(10_000))
    assert.equal(lines.length, 10_001, 'what was told last is remembered')
    await send(expired, at(0))
    assert.equal(lines.length, 10_002, 'what was told first is not')
    clock.now = 3_600_000
    await send(expired, at(10_000))
    assert.equal(lines.length, 10_003)
  })

  it('hear receipts too, and faults that Meta tells of the whole account', async () => {
    const { lines, alerts } = watch()
    const failed = (failure: Failure) =>
      ({
        kind: 'receipt',
        receipt: { providerMessageId: 'm', status: 'failed', at: new Date(), raw: {}, failure },
      }) as const
    const news = [
      failed(failureOf('131042', true)),
      failed(failureOf('131026', false)),
      { kind: 'fault', failure: failureOf('130429', false) },
    ] as const
    assert.deepEqual(await alerts.takeNews(sender, news), ['not_mine', 'not_mine', 'kept'])
    assert.deepEqual(
      lines.map(([level, { providerCode }]) => [level, providerCode]),
      [
        ['error', '131042'],
        ['warn', '130429'],
      ],
    )
  })

  it('pass on what was told of a sender, and fail by themselves when it can not be kept', async () => {
    const { alerts, lines, notices } = watch()
    const notice = {
      kind: 'template',
      check: 'template a (id)',
      state: 'problem',
      detail: 'x',
      at: new Date(),
    } as const
    const item = { kind: 'notice', notice } as const
    assert.deepEqual(await alerts.takeNews(sender, [item, item]), ['kept', 'kept'])
    assert.deepEqual([notices.length, lines.length], [2, 1])
  })
})
