import type { StartAnswer, StartRow } from '#verification/core/engine.ts'
import type { StartOutcome } from '#verification/core/start.ts'
import type { Statement } from '#platform/database/bind.ts'
import { functionName } from '#verification/store/functions.ts'
import { column, json, optional } from './columns.ts'

const text = `select * from ${functionName('start_verifications')}(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28,
  $29, $30, $31, $32, $33)`

export const startStatement: Statement<StartRow, StartAnswer> = {
  name: 'start_verifications',
  conflictKeys: (row) => [
    `${row.businessId} ${row.live} ${row.person}`,
    ...(row.idempotency ? [`${row.businessId} key ${row.idempotency.key}`] : []),
  ],
  async run(lane, rows) {
    const found = await lane.query('start_verifications', text, [
      (rows[0] as StartRow).now,
      rows.map((_, n) => n),
      column(rows, (row) => row.businessId),
      column(rows, (row) => row.applicationId),
      column(rows, (row) => row.live),
      column(rows, (row) => row.id),
      optional(rows, (row) => row.codeId),
      column(rows, (row) => row.recipient),
      column(rows, (row) => row.person),
      column(rows, (row) => row.purpose),
      column(rows, (row) => row.locale),
      column(rows, (row) => row.keyVersion),
      column(rows, (row) => row.codeLength),
      column(rows, (row) => row.codeMac),
      optional(rows, (row) => row.codeSealed),
      column(rows, (row) => row.binding),
      column(rows, (row) => row.takesPending),
      column(rows, (row) => row.replaces),
      optional(rows, (row) => row.transaction && json(row.transaction)),
      column(rows, (row) => row.expiresAt),
      column(rows, (row) => row.policy.checkCountMax),
      column(rows, (row) => row.policy.sendCountMax),
      column(rows, (row) => json(row.policy)),
      column(rows, (row) => json(row.workflow)),
      column(rows, (row) => row.dueAt),
      optional(rows, (row) => row.metadata && json(row.metadata)),
      column(rows, (row) => row.deliveryId),
      column(rows, (row) => row.channel),
      column(rows, (row) => row.senderId),
      optional(rows, (row) => row.idempotency?.key),
      optional(rows, (row) => row.idempotency?.fingerprint),
      column(rows, (row) => row.atOnce),
      column(rows, (row) => row.mayCreate),
    ])
    const answers: (StartAnswer | undefined)[] = rows.map(() => undefined)
    for (const one of found) {
      answers[one['n'] as number] = {
        outcome: one['outcome'] as StartOutcome,
        ...(one['verification_id'] !== null && { verificationId: one['verification_id'] as string }),
        ...(one['outcome'] === 'joins' && {
          code: { id: one['code_id'] as string, keyVersion: one['key_version'] as number },
        }),
        sentRecently: one['sent_at'] as Date[],
      }
    }
    return answers
  },
}
