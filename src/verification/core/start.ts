import { sendWindowMs } from '#access/core/policy.ts'

export type StartOutcome =
  | 'created'
  /** Nothing is written yet: the code that it takes part in is told, and the start is repeated with its MAC. */
  | 'joins'
  | 'joined'
  /** The code that was to be joined is no longer to be had. */
  | 'stale'
  /** The pending verification, where one is all that a vendor's rule allows. */
  | 'exists'
  | 'send_limit_reached'
  /** It would have sent a message, which may not leave. */
  | 'withheld'
  /** A repeated request. */
  | 'replayed'
  | 'idempotency_key_reused'

/** A code of this many pending verifications is full: the next start begins a new one. */
const sharedByMax = 20
/** A code with less than this left is not worth joining. */
const joinableForMs = 60_000
/** Clocks of servers differ, and two starts of one moment ask for one life. */
const clocksDifferByMs = 5000

/** A code with a pending verification of the same application, mode, address, purpose, length and binding. */
export interface PendingCode {
  readonly id: string
  readonly expiresAt: Date
  readonly pendingCount: number
}

export interface Starting {
  /** Newest first. */
  readonly codes: readonly PendingCode[]
  /** When a code of its own would end. */
  readonly expiresAt: Date
  readonly sendCountMax: number
  /** Whether a message may leave for it. */
  readonly mayCreate: boolean
  /** All sends to this recipient that are still remembered. */
  readonly sentAt: readonly Date[]
}

/**
 * The rule of a start: it gets a verification of its own. It shares the newest pending code that has a minute left, room,
 * and no longer life than the start asked for; then any message that the person holds is right. The model of
 * `start_verifications`.
 */
export function decideStart(
  starting: Starting,
  now: Date,
):
  | { readonly outcome: 'created' | 'send_limit_reached' | 'withheld' }
  | { readonly outcome: 'joined'; readonly codeId: string } {
  const code = starting.codes.find(
    ({ expiresAt, pendingCount }) =>
      expiresAt.getTime() >= now.getTime() + joinableForMs &&
      expiresAt.getTime() <= starting.expiresAt.getTime() + clocksDifferByMs &&
      pendingCount < sharedByMax,
  )
  if (code) return { outcome: 'joined', codeId: code.id }
  const isOverLimit = recentSends(starting.sentAt, now).length >= starting.sendCountMax
  if (isOverLimit) return { outcome: 'send_limit_reached' }
  return { outcome: starting.mayCreate ? 'created' : 'withheld' }
}

export const recentSends = (sentAt: readonly Date[], now: Date): Date[] =>
  sentAt.filter((at) => at.getTime() > now.getTime() - sendWindowMs)
