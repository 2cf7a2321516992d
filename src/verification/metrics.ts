import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { secondsBuckets } from '#platform/metrics.ts'
import type { Engine } from '#verification/core/engine.ts'

/** Counts the outcomes of starts, checks, moves and receipts, and measures how late timers are. */
export function measureEngine<Measured extends Engine>(
  registry: Registry,
  engine: Measured,
  waitingCount: () => number,
): { readonly engine: Measured; readonly onPicked: (latenessMs: number) => void } {
  const registers = [registry]
  const counter = (name: string, help: string, labelNames: string[]): Counter =>
    new Counter({ name, help, labelNames, registers })
  const starts = counter('centang_starts_total', 'Verifications asked for, by outcome.', ['outcome', 'channel'])
  const checks = counter('centang_checks_total', 'Codes checked, by outcome.', ['outcome'])
  const moves = counter('centang_moves_total', 'Workflow moves, by kind and reason.', ['kind', 'reason', 'outcome'])
  const receipts = counter('centang_receipts_total', 'Receipts, by status and what they changed.', [
    'status',
    'outcome',
  ])
  const lateness = new Histogram({
    name: 'centang_due_lateness_seconds',
    help: 'How late due verifications were picked.',
    buckets: secondsBuckets,
    registers,
  })
  const waiting: Gauge = new Gauge({
    name: 'centang_binder_waiting',
    help: 'Requests waiting for a database connection.',
    registers,
    collect: () => waiting.set(waitingCount()),
  })
  const measured: Measured = {
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
      const { kind } = row.move
      moves.inc({ kind, reason: 'reason' in row.move ? row.move.reason : '', outcome: answer.outcome })
      return answer
    },
    async applyReceipt(row) {
      const answer = await engine.applyReceipt(row)
      receipts.inc({ status: row.status, outcome: answer.outcome })
      return answer
    },
  }
  return { engine: measured, onPicked: (latenessMs) => lateness.observe(Math.max(0, latenessMs) / 1000) }
}
