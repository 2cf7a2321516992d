import type { BusinessAnswer } from '#platform/core/business-call.ts'

const hour = 3600

/** Waits before each sending, from the one before it (Standard Webhooks): ten in 75 hours and 35 minutes. */
export const sendWaitsSeconds: readonly number[] = [
  0,
  5,
  300,
  1800,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
]

/** Why a webhook was not taken, in the words that the list of deliveries shows; the last three say why none was sent. */
export const webhookProblems = [
  'answered_with_error',
  'redirected',
  'timed_out',
  'no_connection',
  'address_forbidden',
  'secret_unreadable',
  'event_forgotten',
  'endpoint_disabled',
] as const

export type WebhookAnswer = Omit<BusinessAnswer, 'problem'> & {
  readonly problem?: BusinessAnswer['problem'] | 'secret_unreadable'
}

export type WebhookDecision =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'again'; readonly afterMs: number }
  /** No further sending is left. */
  | { readonly kind: 'failed' }
  /** The receiver wants nothing more. */
  | { readonly kind: 'gone' }

const retryAfterLongestMs = 24 * hour * 1000
/** What somebody who is overwhelmed answers; only then is the wait that they ask for heeded. */
const throttling: readonly number[] = [429, 502, 503, 504]

/**
 * @param sendCount sendings before this one
 * @param jitter from 0 to 1: a tenth of the wait at most, so that what failed together does not come again together
 */
export function decideWebhook(
  { status, retryAfterMs = 0 }: WebhookAnswer,
  sendCount: number,
  jitter: number,
  waitsSeconds: readonly number[] = sendWaitsSeconds,
): WebhookDecision {
  if (status !== undefined && status >= 200 && status < 300) return { kind: 'delivered' }
  if (status === 410) return { kind: 'gone' }
  const wait = waitsSeconds[sendCount + 1]
  if (wait === undefined) return { kind: 'failed' }
  const asked = status !== undefined && throttling.includes(status) ? Math.min(retryAfterMs, retryAfterLongestMs) : 0
  return { kind: 'again', afterMs: Math.max(Math.round(wait * 1000 * (1 + jitter / 10)), asked) }
}
