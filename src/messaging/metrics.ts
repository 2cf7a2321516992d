import { Counter, Histogram, type Registry } from 'prom-client'
import type { Failure } from '#messaging/core/failure.ts'
import type { NewsItem } from '#messaging/core/news.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { Send, SendResult } from '#messaging/core/send.ts'
import { secondsBuckets } from '#platform/metrics.ts'

/** How long providers take, and what they answer. */
export function measureSends(registry: Registry): <Message>(send: Send<Message>) => Send<Message> {
  const sends = new Histogram({
    name: 'centang_send_seconds',
    help: 'Time a provider took, by outcome.',
    labelNames: ['channel', 'provider', 'outcome', 'reason'],
    buckets: secondsBuckets,
    registers: [registry],
  })
  return (send) => async (message, sender) => {
    const from = performance.now()
    const result = await send(message, sender)
    const { channel, provider } = sender
    const labels = { channel, provider, outcome: result.outcome, reason: reasonOf(result) }
    sends.observe(labels, (performance.now() - from) / 1000)
    return result
  }
}

const reasonOf = (result: SendResult): string => ('failure' in result ? result.failure.reason : '')

/** Labels are few and bounded: never a sender's id, which a business makes as many of as it likes. */
export function countSenderAlerts(registry: Registry): (sender: Sender, failure: Failure) => void {
  const alerts = new Counter({
    name: 'centang_sender_alerts_total',
    help: 'Failures that stay until somebody acts, and faults of a whole account.',
    labelNames: ['channel', 'provider', 'reason'],
    registers: [registry],
  })
  return ({ channel, provider }, { reason }) => alerts.inc({ channel, provider, reason })
}

/** `lost`: it never can be kept. `fault`: something of ours is broken, and the vendor comes again. */
export function countNewsFailures(
  registry: Registry,
): (sender: Sender, item: NewsItem, what: 'lost' | 'fault') => void {
  const failures = new Counter({
    name: 'centang_news_failures_total',
    help: 'Items of providers’ callbacks that were not kept: lost for good, or kept out by a fault of the server until it is mended.',
    labelNames: ['channel', 'provider', 'item', 'what'],
    registers: [registry],
  })
  return ({ channel, provider }, { kind }, what) => failures.inc({ channel, provider, item: kind, what })
}
