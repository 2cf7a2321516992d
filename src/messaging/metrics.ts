import { Histogram, type Registry } from 'prom-client'
import type { Send, SendResult } from '#messaging/core/channel.ts'
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
