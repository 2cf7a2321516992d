import type { Charge } from './charge.ts'
import type { Outcome } from './rules.ts'

/** A send with the counters that it is counted in. */
export interface SendRow {
  readonly businessId: string
  readonly live: boolean
  /** The verification, or the message of a chat. */
  readonly subjectId: string
  /** It may still prove itself, or fail. */
  readonly isKept: boolean
  readonly charges: readonly Charge[]
  readonly now: Date
}

export interface SendVerdict {
  /** The counter that refuses it; absent: it was counted. */
  readonly refusedBy?: Charge
  /** Until all that refuse it would let it pass. */
  readonly retryAfterSeconds: number
  /** Counters that are over their limit and only tell so. */
  readonly recordedBy: readonly Charge[]
}

/** What the log calls each outcome. */
export const outcomeKinds = {
  approved: 'verification.approved',
  failed: 'delivery.failed',
} as const satisfies Readonly<Record<Outcome, string>>
