import type { Caller } from '#platform/core/caller.ts'
import type { Refusal } from '#platform/core/refusal.ts'

/** A check that is about to be compared. Whoever asked tells how it ended, once. */
export interface Checking {
  /** Present: it is not compared. */
  readonly refusal?: Refusal
  /** `void`: nothing was compared. */
  ended(outcome: 'right' | 'wrong' | 'void'): void
}

/**
 * Asked before every check, for the whole business: one verification and one recipient have limits of their own.
 * `subjectId`: what the code is of, a verification or an authenticator app.
 */
export type MayCheck = (
  caller: Pick<Caller, 'businessId' | 'live' | 'applicationId'>,
  subjectId: string,
) => Promise<Checking>

const granted: Checking = { ended: () => undefined }

/** Where nobody watches over checks. */
export const letAllCheck: MayCheck = () => Promise.resolve(granted)
