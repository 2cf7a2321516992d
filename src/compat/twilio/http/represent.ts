import type { Delivery, Verification, VerificationStatus } from '#verification/core/verification.ts'
import { statusAt } from '#verification/core/verification.ts'
import { spellChannel, spellSentChannel } from './channel.ts'
import { spellSid } from '#compat/twilio/core/sid.ts'

/** Without a fraction: the vendor's Python client leaves a text a text otherwise. */
export const twilioTime = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`

const twilioStatuses: Record<VerificationStatus, string> = {
  pending: 'pending',
  approved: 'approved',
  canceled: 'canceled',
  expired: 'expired',
  blocked: 'max_attempts_reached',
  undeliverable: 'failed',
}

/** Twilio forgets what was approved, expired or guessed at too often; what was canceled can still be read. */
export const isForgotten = (verification: Verification, now: Date): boolean =>
  ['approved', 'expired', 'blocked'].includes(statusAt(verification, now))

export function representVerification(verification: Verification, now: Date, publicUrl: string) {
  const status = twilioStatuses[statusAt(verification, now)]
  const { sid, service_sid, account_sid, to, channel } = representNames(verification)
  return {
    sid,
    service_sid,
    account_sid,
    to,
    channel,
    status,
    valid: status === 'approved',
    date_created: twilioTime(verification.createdAt),
    date_updated: twilioTime(updatedAt(verification)),
    lookup: {},
    amount: verification.transaction?.amount ?? null,
    payee: verification.transaction?.payee ?? null,
    send_code_attempts: verification.deliveries.map(representSending),
    sna: null,
    url: `${publicUrl}/v2/Services/${service_sid}/Verifications/${sid}`,
  }
}

export function representCheck(verification: Verification, isValid: boolean, now: Date) {
  return {
    ...representNames(verification),
    // The last allowed check ends the verification; Twilio reports that only on the next check.
    status: isValid ? 'approved' : 'pending',
    valid: isValid,
    amount: verification.transaction?.amount ?? null,
    payee: verification.transaction?.payee ?? null,
    sna_attempts_error_codes: [],
    date_created: twilioTime(verification.createdAt),
    date_updated: twilioTime(now),
  }
}

const representNames = (verification: Verification) => ({
  sid: spellSid('verification', verification.id),
  service_sid: spellSid('service', verification.applicationId),
  account_sid: spellSid('account', verification.businessId),
  to: verification.recipient,
  channel: spellChannel(
    verification.deliveries.at(-1)?.channel ?? verification.workflow[verification.stepIndex]?.channel ?? 'whatsapp',
  ),
})

const representSending = (delivery: Delivery) => ({
  time: twilioTime(delivery.queuedAt),
  channel: spellSentChannel(delivery.channel),
  attempt_sid: spellSid('sending', delivery.id),
})

/** When anything last happened to it. */
const updatedAt = ({ createdAt, endedAt, deliveries }: Verification): Date =>
  [
    endedAt,
    ...deliveries.flatMap(({ queuedAt, sentAt, deliveredAt, readAt, failedAt }) => [
      queuedAt,
      sentAt,
      deliveredAt,
      readAt,
      failedAt,
    ]),
  ].reduce<Date>((latest, at) => (at && at > latest ? at : latest), createdAt)
