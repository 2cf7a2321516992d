import { sendWindowMs } from '#access/core/policy.ts'

export type StartOutcome =
  | 'created'
  | 'exists'
  | 'send_limit_reached'
  /** A repeated request, by what the first one did. */
  | 'replayed_created'
  | 'replayed_exists'
  | 'idempotency_key_reused'

export interface Starting {
  /** The pending verification of the same application, mode, recipient and purpose, if there is one. */
  readonly pending?: { readonly expiresAt: Date; readonly binding: string }
  readonly binding: string
  readonly sendCountMax: number
  /** All sends to this recipient that are still remembered. */
  readonly sentAt: readonly Date[]
}

/**
 * The rule of a start: one pending verification per application, recipient and purpose; starting again means that one
 * again (and its code), unless it is over or bound to something else. The model of `start_verifications`.
 */
export function decideStart(starting: Starting, now: Date): StartOutcome {
  const { pending } = starting
  if (pending && pending.expiresAt > now && pending.binding === starting.binding) return 'exists'
  return recentSends(starting.sentAt, now).length >= starting.sendCountMax ? 'send_limit_reached' : 'created'
}

export const recentSends = (sentAt: readonly Date[], now: Date): Date[] =>
  sentAt.filter((at) => at.getTime() > now.getTime() - sendWindowMs)
