import type { Channel } from '#platform/core/channel.ts'
import type { FailureReason } from '#messaging/core/failure.ts'
import type { ReceiptStatus } from '#messaging/core/news.ts'
import type {
  Abandoned,
  ClaimedDelivery,
  DeliveryKey,
  EarlyReceipt,
  ReceiptAnswer,
  ReceiptRow,
  SendRow,
} from '#verification/core/engine.ts'
import type { DeliveryStatus } from '#platform/core/delivery-status.ts'
import type { Transaction } from '#verification/core/verification.ts'
import type { Statement } from '#platform/database/bind.ts'
import { functionName } from '#verification/store/functions.ts'
import { column, json, optional, readCodeSource } from './columns.ts'

const claimText = `select * from ${functionName('claim_deliveries')}($1, $2, $3, $4)`
const recordText = `select * from ${functionName('record_sends')}($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
const receiptText = `select * from ${functionName('apply_receipts')}(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
const settleText = `select * from ${functionName('settle_failures')}($1, $2, $3, $4)`

export type Claim = DeliveryKey & { readonly now: Date }
/** Null: no longer to be sent. (Undefined would ask for the row to be run again.) */
export type ClaimAnswer = ClaimedDelivery | null

export const claimStatement: Statement<Claim, ClaimAnswer> = {
  name: 'claim_deliveries',
  conflictKeys: (row) => [row.id],
  async run(lane, rows) {
    const found = await lane.query('claim_deliveries', claimText, [
      (rows[0] as Claim).now,
      rows.map((_, n) => n),
      column(rows, (row) => row.businessId),
      column(rows, (row) => row.id),
    ])
    const answers: ClaimAnswer[] = rows.map(() => null)
    for (const one of found) answers[one['n'] as number] = readClaimed(one)
    return answers
  },
}

const readClaimed = (found: Record<string, unknown>): ClaimedDelivery => ({
  businessId: found['business_id'] as string,
  id: found['delivery_id'] as string,
  codeId: found['code_id'] as string,
  applicationId: found['application_id'] as string,
  live: found['live'] as boolean,
  recipient: found['recipient'] as string,
  locale: found['locale'] as string,
  channel: found['channel'] as Channel,
  senderId: found['sender_id'] as string,
  ...readCodeSource(found),
  ...(found['transaction'] !== null && { transaction: found['transaction'] as Transaction }),
  expiresAt: found['expires_at'] as Date,
  deferCount: found['defer_count'] as number,
})

/** How long recording a success may wait to be batched; until then the message looks unanswered. */
const recordPatienceMs = 20

export type SendRecord = SendRow & { readonly now: Date }
export interface SendRecorded {
  readonly status: DeliveryStatus
  readonly hasEarlyReceipts: boolean
}

export const recordSendStatement: Statement<SendRecord, SendRecorded | null> = {
  name: 'record_sends',
  conflictKeys: (row) => [row.id],
  // Nobody waits for a success to be written, and nothing follows from it.
  patienceMs: ({ status }) => (status === 'sent' ? recordPatienceMs : 0),
  async run(lane, rows) {
    const found = await lane.query('record_sends', recordText, [
      // The latest: the first may have waited since before another was asked for.
      new Date(Math.max(...rows.map(({ now }) => now.getTime()))),
      rows.map((_, n) => n),
      column(rows, (row) => row.businessId),
      column(rows, (row) => row.id),
      column(rows, (row) => row.status),
      optional(rows, (row) => row.providerMessageId),
      optional(rows, (row) => row.failureReason),
      optional(rows, (row) => row.providerCode),
      optional(rows, (row) => row.detail),
      optional(rows, (row) => row.sendAfter),
    ])
    // Null: there is no such delivery. (Undefined asks for the row to be run again.)
    const answers: (SendRecorded | null | undefined)[] = rows.map(() => null)
    for (const { n, status, early } of found)
      answers[n as number] =
        status === null ? undefined : { status: status as DeliveryStatus, hasEarlyReceipts: early as boolean }
    return answers
  },
}

export type ReceiptRecord = ReceiptRow & { readonly now: Date }

export const receiptStatement: Statement<ReceiptRecord, ReceiptAnswer> = {
  name: 'apply_receipts',
  // A receipt may name the delivery or only the provider's id. Either may collide, so both are keys.
  conflictKeys: (row) => [...(row.deliveryId ? [row.deliveryId] : []), `${row.businessId} ${row.providerMessageId}`],
  async run(lane, rows) {
    const found = await lane.query('apply_receipts', receiptText, [
      (rows[0] as ReceiptRecord).now,
      rows.map((_, n) => n),
      column(rows, (row) => row.senderId),
      column(rows, (row) => row.businessId),
      optional(rows, (row) => row.deliveryId),
      column(rows, (row) => row.providerMessageId),
      column(rows, (row) => row.status),
      column(rows, (row) => row.at),
      optional(rows, (row) => row.failureReason),
      optional(rows, (row) => row.providerCode),
      optional(rows, (row) => row.detail),
      column(rows, (row) => row.fallback),
      column(rows, (row) => json(row.raw ?? null)),
    ])
    const answers: (ReceiptAnswer | undefined)[] = rows.map(() => undefined)
    for (const one of found) {
      answers[one['n'] as number] = {
        outcome: one['outcome'] as ReceiptAnswer['outcome'],
        ...(one['delivery_id'] !== null && { deliveryId: one['delivery_id'] as string }),
        ...(one['code_id'] !== null && { codeId: one['code_id'] as string }),
        hasEarlyReceipts: one['early'] as boolean,
      }
    }
    return answers
  },
}

export type Settled = DeliveryKey & { readonly decidedAt: Date }

export const settleStatement: Statement<Settled, null> = {
  name: 'settle_failures',
  conflictKeys: (row) => [row.id],
  async run(lane, rows) {
    await lane.query('settle_failures', settleText, [
      rows.map((_, n) => n),
      column(rows, (row) => row.businessId),
      column(rows, (row) => row.id),
      column(rows, (row) => row.decidedAt),
    ])
    return rows.map(() => null)
  },
}

export function readAbandoned(found: Record<string, unknown>): Abandoned {
  const businessId = found['business_id'] as string
  const key = { businessId, id: found['id'] as string }
  if (found['needs'] === 'move') {
    return { needs: 'move', delivery: key, code: { businessId, id: found['code_id'] as string } }
  }
  const applicationId = found['application_id'] as string
  return { needs: 'send', delivery: { ...key, applicationId, senderId: found['sender_id'] as string } }
}

/** Receipts whose delivery is known by now. A sender's webhook speaks only of what that sender sent. */
export const earlyReceiptsText = `select e.*, d.id as delivery_id, d.business_id as delivery_business_id
  from early_receipt e
  join delivery d on d.provider_message_id = e.provider_message_id and d.sender_id = e.sender_id
  where e.received_at > $1::timestamptz - interval '10 minutes'
  order by e.sequence limit $2`

export const readEarlyReceipt = (found: Record<string, unknown>): EarlyReceipt => ({
  businessId: found['delivery_business_id'] as string,
  keptForBusinessId: found['business_id'] as string,
  sequence: found['sequence'] as string,
  senderId: found['sender_id'] as string,
  deliveryId: found['delivery_id'] as string,
  providerMessageId: found['provider_message_id'] as string,
  status: found['status'] as ReceiptStatus,
  at: found['at'] as Date,
  ...(found['failure_reason'] !== null && { failureReason: found['failure_reason'] as FailureReason }),
  ...(found['provider_code'] !== null && { providerCode: found['provider_code'] as string }),
  ...(found['detail'] !== null && { detail: found['detail'] as string }),
  fallback: found['fallback'] as boolean,
  raw: found['raw'],
})
