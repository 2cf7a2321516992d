import type { CodeMessage, SendResult } from '#messaging/core/send.ts'
import type { Failure } from '#messaging/core/failure.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { deriveCode } from '#verification/core/code.ts'
import type { Application } from '#access/core/business.ts'
import type { ClaimedDelivery, QueuedDelivery, SendRow } from '#verification/core/engine.ts'
import { spellReference } from '#messaging/core/reference.ts'
import type { Outside } from './outside.ts'

/** A deferred send is tried this often again on its channel before the next channel is. */
const defersMax = 2
/** A longer wait than this helps nobody who stands at a login. */
const deferLongestMs = 10_000

/** Waited after a fault of our own, which another server may not have, or this one not for long. */
const queuedAgainForMs = 5000

/** To send a claimed message; its sender and application were read before the claim. */
type SendTakes = Pick<Outside, 'engine' | 'keys' | 'now' | 'send' | 'perform'>

/**
 * Sends one queued delivery. The claim is committed before the provider is called and the result after it: a server that
 * dies in between leaves a delivery whose fate is unknown, never one that is sent twice. Sender and application are read
 * before the claim, so that a database that is away leaves the delivery queued.
 */
export async function dispatch(
  outside: SendTakes & Pick<Outside, 'listSenders' | 'findApplication'>,
  key: QueuedDelivery,
): Promise<void> {
  const [senders, application] = await Promise.all([
    outside.listSenders(key.businessId),
    outside.findApplication(key.businessId, key.applicationId),
  ])
  const sender = senders.find(({ id }) => id === key.senderId)
  const claimed = await outside.engine.claim(key)
  if (claimed) await sendClaimed(outside, claimed, sender, application)
}

/** The second half, for a delivery that its decision has claimed. */
export async function sendClaimed(
  outside: SendTakes,
  claimed: ClaimedDelivery,
  sender: Sender | undefined,
  application: Application | undefined,
): Promise<void> {
  const { businessId, id, applicationId, senderId } = claimed
  const result = sender ? await send(outside, claimed, sender, application) : noSender
  const recorded = await outside.engine.recordSend(rowOf(outside, claimed, result))
  if (recorded.hasEarlyReceipts) outside.perform({ kind: 'catch-up' })
  if (result.outcome === 'deferred' && isWorthWaiting(claimed, result)) {
    outside.perform({ kind: 'dispatch', delivery: { businessId, id, applicationId, senderId } }, result.retryAfterMs)
    return
  }
  if (result.outcome === 'refused' || result.outcome === 'deferred') {
    const { fallback } = result.failure
    outside.perform({
      kind: 'move',
      code: { businessId, id: claimed.codeId },
      event: { kind: 'failed', deliveryId: id, fallback },
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

async function send(
  outside: SendTakes,
  claimed: ClaimedDelivery,
  sender: Sender,
  application: Application | undefined,
): Promise<SendResult> {
  let message: CodeMessage
  try {
    message = messageOf(outside, claimed, application)
  } catch (error) {
    // Nothing has left the building: it stays queued until the verification ends, and the fault is reported.
    const { businessId, id } = claimed
    const sendAfter = new Date(outside.now().getTime() + queuedAgainForMs)
    await outside.engine.recordSend({
      businessId,
      id,
      status: 'queued',
      detail: 'The code could not be made.',
      sendAfter,
    })
    throw error
  }
  return outside.send(message, sender)
}

function messageOf(
  outside: Pick<Outside, 'keys' | 'now'>,
  claimed: ClaimedDelivery,
  application: Application | undefined,
): CodeMessage {
  const { keys } = outside
  const code = claimed.codeSealed
    ? keys.unseal(claimed.codeSealed, `code ${claimed.codeId}`)
    : deriveCode(keys.codeMac(claimed.keyVersion), claimed.codeId, claimed.codeLength)
  return {
    reference: spellReference(claimed.businessId, claimed.id),
    to: claimed.recipient,
    code,
    locale: claimed.locale,
    brand: application?.brand ?? '',
    expiresInSeconds: Math.max(1, Math.round((claimed.expiresAt.getTime() - outside.now().getTime()) / 1000)),
    ...(application?.domain !== undefined && { domain: application.domain }),
    ...(claimed.transaction && { transaction: claimed.transaction }),
  }
}

const isWorthWaiting = (claimed: ClaimedDelivery, result: { readonly retryAfterMs: number }): boolean =>
  claimed.deferCount < defersMax && result.retryAfterMs <= deferLongestMs

function rowOf(outside: Pick<Outside, 'now'>, claimed: ClaimedDelivery, result: SendResult): SendRow {
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
        sendAfter: new Date(outside.now().getTime() + result.retryAfterMs),
      }
  }
}

const failureOf = (failure: Failure): Pick<SendRow, 'failureReason' | 'providerCode' | 'detail'> => ({
  failureReason: failure.reason,
  providerCode: failure.providerCode,
  detail: failure.detail,
})
