import type { CodeMessage, Failure, Sender, SendResult } from '#core/messaging/channel.ts'
import { deriveCode } from '#core/verification/code.ts'
import type { ClaimedDelivery, DeliveryKey, SendRow } from '#core/verification/engine.ts'
import { spellReference } from '#core/messaging/reference.ts'
import type { World } from './ports.ts'

/** A deferred send is tried this often again on its channel before the next channel is. */
const defersMax = 2
/** A longer wait than this helps nobody who stands at a login. */
const deferLongestMs = 10_000

/**
 * Sends one queued delivery. The claim is committed before the provider is called and the result after it: whatever
 * dies in between leaves a delivery that is known to be uncertain, never one that is sent twice.
 */
export async function dispatch(world: World, key: DeliveryKey): Promise<void> {
  const claimed = await world.engine.claim(key)
  if (!claimed) return
  const senders = await world.listSenders(claimed.businessId)
  const sender = senders.find(({ id }) => id === claimed.senderId)
  const result = sender ? await send(world, claimed, sender) : noSender
  const recorded = await world.engine.recordSend(rowOf(world, claimed, result))
  if (recorded.hasEarlyReceipts) world.perform({ kind: 'catch-up' })
  if (result.outcome === 'deferred' && isWorthWaiting(claimed, result)) {
    world.perform({ kind: 'dispatch', delivery: key }, result.retryAfterMs)
    return
  }
  if (result.outcome === 'refused' || result.outcome === 'deferred') {
    const { fallback } = result.failure
    world.perform({
      kind: 'move',
      verification: { businessId: claimed.businessId, id: claimed.verificationId },
      event: { kind: 'failed', deliveryId: claimed.id, fallback },
    })
  }
}

const noSender: SendResult = {
  outcome: 'refused',
  failure: {
    reason: 'sender_misconfigured',
    providerCode: '',
    detail: 'The sender was removed before the message was sent.',
    alert: true,
    fallback: true,
  },
}

async function send(world: World, claimed: ClaimedDelivery, sender: Sender): Promise<SendResult> {
  const application = await world.findApplication(claimed.businessId, claimed.applicationId)
  const { keys } = world
  const code = claimed.codeSealed
    ? keys.unseal(claimed.codeSealed, `code ${claimed.verificationId}`)
    : deriveCode(keys.codeMac(claimed.keyVersion), claimed.verificationId, claimed.codeLength)
  const message: CodeMessage = {
    reference: spellReference(claimed.businessId, claimed.id),
    to: claimed.recipient,
    code,
    locale: claimed.locale,
    brand: application?.brand ?? '',
    expiresInSeconds: Math.max(1, Math.round((claimed.expiresAt.getTime() - world.now().getTime()) / 1000)),
    ...(application?.domain !== undefined && { domain: application.domain }),
    ...(claimed.transaction && { transaction: claimed.transaction }),
  }
  return world.send(message, sender)
}

const isWorthWaiting = (claimed: ClaimedDelivery, result: { readonly retryAfterMs: number }): boolean =>
  claimed.deferCount < defersMax && result.retryAfterMs <= deferLongestMs

function rowOf(world: World, claimed: ClaimedDelivery, result: SendResult): SendRow {
  const key = { businessId: claimed.businessId, id: claimed.id }
  switch (result.outcome) {
    case 'accepted':
      return { ...key, status: 'sent', providerMessageId: result.providerMessageId }
    case 'unknown':
      return { ...key, status: 'unknown', detail: result.detail }
    case 'refused':
      return {
        ...key,
        status: 'failed',
        ...failureOf(result.failure),
        ...(result.providerMessageId !== undefined && { providerMessageId: result.providerMessageId }),
      }
    case 'deferred':
      if (!isWorthWaiting(claimed, result)) return { ...key, status: 'failed', ...failureOf(result.failure) }
      return {
        ...key,
        status: 'queued',
        ...failureOf(result.failure),
        sendAfter: new Date(world.now().getTime() + result.retryAfterMs),
      }
  }
}

const failureOf = (failure: Failure): Pick<SendRow, 'failureReason' | 'providerCode' | 'detail'> => ({
  failureReason: failure.reason,
  providerCode: failure.providerCode,
  detail: failure.detail,
})
