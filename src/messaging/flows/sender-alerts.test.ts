import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Registry } from 'prom-client'
import { contractMessage } from '#messaging/providers/contract/case.ts'
import type { Failure } from '#messaging/core/failure.ts'
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
    now: () => clock.now,
  })
  const send = (result: SendResult, by = sender) => alerts.watchSend(async () => result)(contractMessage, by)
  return { lines, texts, clock, registry, alerts, send }
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

  it('hear receipts too, and faults that Meta tells of the whole account', () => {
    const { lines, alerts } = watch()
    const receipt = { providerMessageId: 'm', status: 'failed', at: new Date(), raw: {} } as const
    const news = {
      receipts: [
        { ...receipt, failure: failureOf('131042', true) },
        { ...receipt, failure: failureOf('131026', false) },
      ],
      denials: [],
      accountFailures: [failureOf('130429', false)],
    }
    assert.equal(alerts.watchNews(news, sender), news)
    assert.deepEqual(
      lines.map(([level, { providerCode }]) => [level, providerCode]),
      [
        ['error', '131042'],
        ['warn', '130429'],
      ],
    )
  })
})
