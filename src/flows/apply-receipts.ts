import type { Receipt, Sender, WebhookNews } from '#core/messaging/channel.ts'
import { readReference } from '#core/messaging/reference.ts'
import type { ReceiptRow } from '#core/verification/engine.ts'
import { moveOn } from './move-on.ts'
import type { World } from './ports.ts'

/**
 * Applies what a provider's webhook told. It returns after everything is committed, so that the vendor's retry covers
 * whatever is lost before; moving on after a failure follows the answer.
 */
export async function applyNews(world: World, sender: Sender, news: WebhookNews): Promise<void> {
  await Promise.all(
    news.receipts.map(async (receipt) => {
      await applyReceipt(world, rowOf(sender, receipt))
    }),
  )
  for (const denial of news.denials) await deny(world, sender, denial.providerMessageId)
}

async function applyReceipt(world: World, row: ReceiptRow): Promise<void> {
  const answer = await world.engine.applyReceipt(row)
  if (answer.hasEarlyReceipts) world.perform({ kind: 'catch-up' })
  const { deliveryId, verificationId } = answer
  if (answer.outcome !== 'failed' || !deliveryId || !verificationId) return
  const verification = { businessId: row.businessId, id: verificationId }
  world.perform({ kind: 'move', verification, event: { kind: 'failed', deliveryId, fallback: row.fallback } })
}

const catchUpMax = 500

/**
 * Applies the receipts that were faster than the answer that told their message id. Applying twice changes nothing, so
 * they are forgotten only afterwards, and a sweep finds those that a race or a crash left behind.
 */
export async function catchUp(world: World): Promise<void> {
  const early = await world.engine.listEarlyReceipts(catchUpMax)
  if (early.length === 0) return
  await Promise.all(early.map((receipt) => applyReceipt(world, receipt)))
  await world.engine.forgetEarlyReceipts(early)
}

function rowOf(sender: Sender, receipt: Receipt): ReceiptRow {
  const reference = receipt.reference === undefined ? undefined : readReference(receipt.reference)
  return {
    senderId: sender.id,
    // A shared sender sends for many; which one it was, the reference says.
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

/** "I didn't request a code": somebody else typed this number. The code dies at once. */
async function deny(world: World, sender: Sender, providerMessageId: string): Promise<void> {
  const verification = await world.findVerificationOfMessage(sender.id, providerMessageId)
  if (verification) await moveOn(world, verification, { kind: 'denied' })
}
