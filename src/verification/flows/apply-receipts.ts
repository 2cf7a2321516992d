import type { NewsFate, NewsItem, Receipt } from '#messaging/core/news.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { readMessageReference, readReference } from '#messaging/core/reference.ts'
import type { ReceiptRow } from '#verification/core/engine.ts'
import { type MoveTakes, moveOn } from './move-on.ts'
import type { Outside } from './outside.ts'

type ReceiptTakes = Pick<Outside, 'engine' | 'perform'>

/**
 * Applies what a provider's callback told, each item by itself. It answers after everything is committed, so that the
 * vendor's retry covers whatever is lost before; moving on after a failure follows the answer.
 */
export const applyNews = (
  outside: MoveTakes & Pick<Outside, 'findCodeOfMessage'>,
  sender: Sender,
  items: readonly NewsItem[],
): Promise<NewsFate[]> =>
  Promise.all(items.map((item) => applyItem(outside, sender, item).catch((error: unknown): NewsFate => ({ error }))))

async function applyItem(
  outside: MoveTakes & Pick<Outside, 'findCodeOfMessage'>,
  sender: Sender,
  item: NewsItem,
): Promise<NewsFate> {
  if (item.kind === 'denial') return deny(outside, sender, item.denial.providerMessageId)
  // Receipts of chats are for `receiveChat`.
  if (item.kind !== 'receipt' || !isOfDelivery(item.receipt)) return 'not_mine'
  const row = rowOf(sender, item.receipt)
  await applyReceipt(outside, sender.shared && !row.deliveryId ? await ofItsBusiness(outside, row) : row)
  return 'kept'
}

const isOfDelivery = ({ reference }: Receipt): boolean =>
  reference === undefined || readMessageReference(reference) === undefined

async function applyReceipt(outside: ReceiptTakes, row: ReceiptRow): Promise<void> {
  const answer = await outside.engine.applyReceipt(row)
  if (answer.hasEarlyReceipts) outside.perform({ kind: 'catch-up' })
  const { deliveryId, codeId } = answer
  if (answer.outcome !== 'failed' || !deliveryId || !codeId) return
  const code = { businessId: row.businessId, id: codeId }
  outside.perform({ kind: 'move', code, event: { kind: 'failed', deliveryId, fallback: row.fallback } })
}

const catchUpMax = 500

/**
 * Applies the receipts that were faster than the answer that told their message id. Applying twice changes nothing, so
 * they are forgotten only afterwards, and a sweep finds those that a race or a crash left behind.
 */
export async function catchUp(outside: ReceiptTakes): Promise<void> {
  const early = await outside.engine.listEarlyReceipts(catchUpMax)
  if (early.length === 0) return
  await Promise.all(early.map((receipt) => applyReceipt(outside, receipt)))
  await outside.engine.forgetEarlyReceipts(early)
}

function rowOf(sender: Sender, receipt: Receipt): ReceiptRow {
  const told = receipt.reference === undefined ? undefined : readReference(receipt.reference)
  // A business holds its sender's secrets and can write any reference: only the operator's shared senders send for others.
  const reference = sender.shared || told?.businessId === sender.businessId ? told : undefined
  return {
    senderId: sender.id,
    businessId: reference?.businessId ?? sender.businessId,
    ...(reference && { deliveryId: reference.deliveryId }),
    providerMessageId: receipt.providerMessageId,
    status: receipt.status,
    at: receipt.at,
    ...(receipt.failure && {
      failureReason: receipt.failure.reason,
      providerCode: receipt.failure.providerCode,
      detail: receipt.failure.detail,
    }),
    fallback: receipt.failure?.fallback ?? true,
    raw: receipt.raw,
  }
}

/** A shared sender sends for many. Where its gateway echoes no reference, the message id tells for whom. */
async function ofItsBusiness(outside: Pick<Outside, 'findCodeOfMessage'>, row: ReceiptRow): Promise<ReceiptRow> {
  const code = await outside.findCodeOfMessage(row.senderId, row.providerMessageId)
  return code ? { ...row, businessId: code.businessId } : row
}

/** "I didn't request a code": somebody else typed this number. The code dies at once, whoever shares it. */
async function deny(
  outside: MoveTakes & Pick<Outside, 'findCodeOfMessage'>,
  sender: Sender,
  providerMessageId: string,
): Promise<NewsFate> {
  const code = await outside.findCodeOfMessage(sender.id, providerMessageId)
  if (!code) return 'not_mine'
  await moveOn(outside, code, { kind: 'denied' })
  return 'kept'
}
