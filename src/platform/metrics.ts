import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Send, SendResult } from '#messaging/core/channel.ts'
import type { Engine } from '#verification/core/engine.ts'

export interface Metrics {
  readonly registry: Registry
  measureEngine<Measured extends Engine>(engine: Measured): Measured
  measureSend<Message>(send: Send<Message>): Send<Message>
  onPicked(latenessMs: number): void
  onRequest(method: string, route: string, status: number, seconds: number): void
  watchQueue(read: () => number): void
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What an operator watches. Labels are few and bounded: never a recipient, a business or an id. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const starts = new Counter({
    name: 'centang_starts_total',
    help: 'Verifications asked for, by outcome.',
    labelNames: ['outcome', 'channel'],
    registers,
  })
  const checks = new Counter({
    name: 'centang_checks_total',
    help: 'Codes checked, by outcome.',
    labelNames: ['outcome'],
    registers,
  })
  const moves = new Counter({
    name: 'centang_moves_total',
    help: 'Workflow moves, by kind and reason.',
    labelNames: ['kind', 'reason', 'outcome'],
    registers,
  })
  const receipts = new Counter({
    name: 'centang_receipts_total',
    help: 'Receipts, by status and what they changed.',
    labelNames: ['status', 'outcome'],
    registers,
  })
  const sends = new Histogram({
    name: 'centang_send_seconds',
    help: 'Time a provider took, by outcome.',
    labelNames: ['channel', 'provider', 'outcome', 'reason'],
    buckets: seconds,
    registers,
  })
  const lateness = new Histogram({
    name: 'centang_due_lateness_seconds',
    help: 'How late due verifications were picked.',
    buckets: seconds,
    registers,
  })
  const requests = new Histogram({
    name: 'centang_http_seconds',
    help: 'HTTP requests.',
    labelNames: ['method', 'route', 'status'],
    buckets: seconds,
    registers,
  })

  return {
    registry,
    measureEngine(engine) {
      return {
        ...engine,
        async start(row) {
          const answer = await engine.start(row)
          starts.inc({ outcome: answer.outcome, channel: row.channel })
          return answer
        },
        async check(row) {
          const answer = await engine.check(row)
          checks.inc({ outcome: answer.outcome })
          return answer
        },
        async move(row) {
          const answer = await engine.move(row)
          moves.inc({
            kind: row.move.kind,
            reason: 'reason' in row.move ? row.move.reason : '',
            outcome: answer.outcome,
          })
          return answer
        },
        async applyReceipt(row) {
          const answer = await engine.applyReceipt(row)
          receipts.inc({ status: row.status, outcome: answer.outcome })
          return answer
        },
      }
    },
    measureSend: (send) => async (message, sender) => {
      const from = performance.now()
      const result = await send(message, sender)
      const labels = {
        channel: sender.channel,
        provider: sender.provider,
        outcome: result.outcome,
        reason: reasonOf(result),
      }
      sends.observe(labels, (performance.now() - from) / 1000)
      return result
    },
    onPicked: (latenessMs) => lateness.observe(Math.max(0, latenessMs) / 1000),
    onRequest: (method, route, status, took) => requests.observe({ method, route, status: String(status) }, took),
    watchQueue(read) {
      const gauge: Gauge = new Gauge({
        name: 'centang_binder_waiting',
        help: 'Requests waiting for a database connection.',
        registers,
        collect: () => gauge.set(read()),
      })
    },
  }
}

const reasonOf = (result: SendResult): string => ('failure' in result ? result.failure.reason : '')
