import type { CheckOutcome } from '#verification/core/check.ts'
import type { CheckAnswer, CheckRow } from '#verification/core/engine.ts'
import type { VerificationStatus } from '#verification/core/verification.ts'
import type { Statement } from '#platform/database/bind.ts'
import { functionName } from '#verification/store/functions.ts'
import { column, optional } from './columns.ts'

const text = `select * from ${functionName('check_codes')}($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

interface StoredAnswer {
  readonly outcome: CheckOutcome
  readonly status: VerificationStatus
  readonly checks_remaining: number
}

export const checkStatement: Statement<CheckRow, CheckAnswer> = {
  name: 'check_codes',
  conflictKeys: (row) => [
    `${row.businessId} ${row.id}`,
    ...(row.idempotency ? [`${row.businessId} key ${row.idempotency.key}`] : []),
  ],
  async run(lane, rows) {
    const macs = rows.flatMap((row, n) => [...row.macs].map(([version, mac]) => ({ n, version, mac })))
    const found = await lane.query('check_codes', text, [
      (rows[0] as CheckRow).now,
      rows.map((_, n) => n),
      column(rows, (row) => row.businessId),
      column(rows, (row) => row.live),
      column(rows, (row) => row.id),
      optional(rows, (row) => row.idempotency?.key),
      optional(rows, (row) => row.idempotency?.fingerprint),
      column(macs, ({ n }) => n),
      column(macs, ({ version }) => version),
      column(macs, ({ mac }) => mac),
    ])
    const answers: (CheckAnswer | undefined)[] = rows.map(() => undefined)
    for (const one of found) answers[one['n'] as number] = readAnswer(one)
    return answers
  },
}

function readAnswer(found: Record<string, unknown>): CheckAnswer | undefined {
  const outcome = found['outcome'] as CheckOutcome | 'again' | 'replayed'
  if (outcome === 'again') return undefined
  if (outcome === 'replayed') {
    const stored = found['answer'] as StoredAnswer
    return {
      outcome: stored.outcome,
      status: stored.status,
      checksRemaining: stored.checks_remaining,
      isRepeated: true,
    }
  }
  return {
    outcome,
    status: found['status'] as VerificationStatus,
    checksRemaining: found['checks_remaining'] as number,
    ...(found['retry_at'] !== null && { retryAt: found['retry_at'] as Date }),
  }
}
