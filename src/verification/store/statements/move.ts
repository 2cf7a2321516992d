import type { MoveAnswer, MoveRow } from '#verification/core/engine.ts'
import type { Statement } from '#platform/database/bind.ts'
import { functionName } from '#verification/store/functions.ts'
import { column, json, optional, readCodeSource } from './columns.ts'

export type MoveRecord = MoveRow & { readonly now: Date }

const text = `select * from ${functionName('move_verifications')}(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`

/** The move when it is a sending; the columns of the other kinds are null. */
const sending = ({ move }: MoveRecord) => (move.kind === 'send' ? move : undefined)

export const moveStatement: Statement<MoveRecord, MoveAnswer> = {
  name: 'move_verifications',
  conflictKeys: (row) => [`${row.businessId} ${row.id}`],
  async run(lane, rows) {
    const found = await lane.query('move_verifications', text, [
      (rows[0] as MoveRecord).now,
      rows.map((_, n) => n),
      column(rows, (row) => row.businessId),
      column(rows, (row) => row.id),
      column(rows, (row) => row.revision),
      column(rows, ({ move }) => move.kind),
      column(rows, (row) => row.isAsked),
      optional(rows, ({ move }) => (move.kind === 'wait' ? undefined : move.reason)),
      optional(rows, ({ move }) => ('status' in move ? move.status : undefined)),
      optional(rows, (row) => sending(row)?.stepIndex),
      optional(rows, (row) => sending(row) && json(sending(row)?.workflow)),
      optional(rows, ({ move }) => ('dueAt' in move ? move.dueAt : undefined)),
      optional(rows, (row) => sending(row)?.deliveryId),
      optional(rows, (row) => sending(row)?.channel),
      optional(rows, (row) => sending(row)?.senderId),
      optional(rows, (row) => sending(row)?.sendCountMax),
      optional(rows, (row) => sending(row)?.waitsSeconds && json(sending(row)?.waitsSeconds)),
      optional(rows, (row) => sending(row)?.atOnce),
    ])
    const answers: (MoveAnswer | undefined)[] = rows.map(() => undefined)
    for (const one of found) {
      answers[one['n'] as number] = {
        outcome: one['outcome'] as MoveAnswer['outcome'],
        sentRecently: (one['sent_at'] ?? []) as Date[],
        ...(one['key_version'] !== null && { code: readCodeSource(one) }),
      }
    }
    return answers
  },
}
