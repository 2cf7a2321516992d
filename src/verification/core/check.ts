import { type Budget, checksWaitUntil, judgeBudget, restoreBudget, spendBudget } from './budget.ts'
import type { VerificationStatus } from './verification.ts'

/** The part of a verification that a check looks at. */
export interface Checkable {
  readonly status: VerificationStatus
  readonly checkCount: number
  readonly checkCountMax: number
  /** When the last wrong code was compared. */
  readonly wrongAt?: Date
  readonly expiresAt: Date
}

export type CheckOutcome =
  | 'approved'
  | 'wrong'
  | 'verification_not_found'
  | 'verification_closed'
  | 'verification_expired'
  | 'check_limit_reached'
  | 'recipient_disabled'
  | 'recipient_budget_spent'
  | 'checks_paused'
  | 'idempotency_key_reused'
  /** This server does not have the key the code was made under; nothing was compared. */
  | 'key_unavailable'

export interface CheckDecision {
  readonly outcome: CheckOutcome
  readonly status: VerificationStatus
  readonly checkCount: number
  readonly budget: Budget
  readonly retryAt?: Date
}

/**
 * The rule of a check: it spends one of the verification's checks and, when wrong, one of the recipient's failures.
 * The statement `check_codes` does the same, guarded against everything that happens in parallel; this is the model
 * it is tested against.
 */
export function decideCheck(verification: Checkable, budget: Budget, isRight: boolean, now: Date): CheckDecision {
  const unchanged = { status: verification.status, checkCount: verification.checkCount, budget }
  const closed = closedOutcome(verification, now)
  if (closed) return { ...unchanged, outcome: closed }
  const judgement = judgeBudget(budget, now)
  if (!judgement.allowed) {
    return { ...unchanged, outcome: judgement.code, ...(judgement.retryAt && { retryAt: judgement.retryAt }) }
  }
  const waitUntil = checksWaitUntil(verification)
  if (waitUntil && waitUntil > now) return { ...unchanged, outcome: 'checks_paused', retryAt: waitUntil }
  const checkCount = verification.checkCount + 1
  if (isRight) return { outcome: 'approved', status: 'approved', checkCount, budget: restoreBudget(budget) }
  const status = checkCount >= verification.checkCountMax ? 'blocked' : 'pending'
  return { outcome: 'wrong', status, checkCount, budget: spendBudget(budget, now) }
}

function closedOutcome(verification: Checkable, now: Date): CheckOutcome | undefined {
  const { status, checkCount, checkCountMax } = verification
  if (status === 'blocked' && checkCount >= checkCountMax) return 'check_limit_reached'
  if (status === 'expired') return 'verification_expired'
  if (status !== 'pending') return 'verification_closed'
  return verification.expiresAt <= now ? 'verification_expired' : undefined
}
