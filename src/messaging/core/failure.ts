/** Why a provider would not send, or why a message did not arrive; the same words for both. */
export const failureReasons = [
  'not_reachable_on_channel',
  'recipient_invalid',
  'identity_changed',
  'blocked_by_policy',
  'rate_limited',
  'held',
  'sender_misconfigured',
  'template_unavailable',
  'window_closed',
  'provider_unavailable',
  'request_rejected',
  'expired',
  'unspecified',
] as const
export type FailureReason = (typeof failureReasons)[number]

export interface Failure {
  readonly reason: FailureReason
  /** The provider's own code, raw; empty when it gave none. */
  readonly providerCode: string
  /** The provider's own words, without code or recipient. */
  readonly detail: string
  /** Every send from this sender will fail the same way until somebody acts. */
  readonly alert: boolean
  /** Nobody here knows this code: alerts of such codes are told together, however many there are. */
  readonly isUnknown?: true
  /** What the operator can do about it, where the provider's folder knows it. */
  readonly mend?: string
  /** May the workflow go on to another channel of the same number? False after an identity change. */
  readonly fallback: boolean
}
