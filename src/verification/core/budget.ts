/**
 * The failure budget of one recipient, counted over verifications, channels and keys; a new code resets nothing
 * (NIST SP 800-63B-4 §3.1.3.2 and §3.2.2). The statement `check_codes` computes the same in SQL.
 */
export interface Budget {
  /** Wrong codes compared, oldest first; at most the last 20. */
  readonly failedAt: readonly Date[]
  readonly failedConsecutive: number
}

export const budgetLimits = {
  failuresPerDay: 20,
  consecutive: 100,
  /** Wrong codes of one verification. */
  waitsAfter: 5,
  waitFirstMs: 30_000,
  waitLongestMs: 3_600_000,
  dayMs: 86_400_000,
} as const

export type BudgetJudgement =
  | { readonly allowed: true }
  | {
      readonly allowed: false
      readonly code: 'recipient_disabled' | 'recipient_budget_spent'
      readonly retryAt?: Date
    }

export function judgeBudget(budget: Budget, now: Date): BudgetJudgement {
  if (budget.failedConsecutive >= budgetLimits.consecutive) return { allowed: false, code: 'recipient_disabled' }
  const oldest = budget.failedAt.at(-budgetLimits.failuresPerDay)
  const retryAt = new Date(oldest ? oldest.getTime() + budgetLimits.dayMs : 0)
  return retryAt > now ? { allowed: false, code: 'recipient_budget_spent', retryAt } : { allowed: true }
}

export const spendBudget = (budget: Budget, now: Date): Budget => ({
  failedAt: [...budget.failedAt, now].slice(-budgetLimits.failuresPerDay),
  failedConsecutive: budget.failedConsecutive + 1,
})

/** A right code ends the streak of failures, but the day's failures stay counted. */
export const restoreBudget = (budget: Budget): Budget => ({ ...budget, failedConsecutive: 0 })

/** Of a budget that counts nothing any more, and of sends that nobody waits for, so long after the last of them. */
const forgetAfterMs = 2 * budgetLimits.dayMs

/** Whether nothing changes when the row is no longer there; `forget_recipients` computes the same in SQL. */
export function isForgettable(
  { failedAt, failedConsecutive }: Budget,
  lastSentAt: Date | undefined,
  now: Date,
  keptForMs: number,
): boolean {
  if (failedConsecutive >= budgetLimits.consecutive) return false
  const since = (time: Date | undefined): number => (time ? now.getTime() - time.getTime() : Infinity)
  const failuresCountFor = failedConsecutive === 0 ? forgetAfterMs : keptForMs
  return since(lastSentAt) > forgetAfterMs && since(failedAt.at(-1)) > failuresCountFor
}

/**
 * Until when the next check of a verification has to wait, after several wrong codes of its own: a stranger who guesses at
 * another verification of the same number makes nobody wait.
 */
export function checksWaitUntil(verification: {
  readonly checkCount: number
  readonly wrongAt?: Date
}): Date | undefined {
  const { checkCount, wrongAt } = verification
  if (!wrongAt || checkCount < budgetLimits.waitsAfter) return undefined
  const doublings = Math.min(checkCount - budgetLimits.waitsAfter, 7)
  return new Date(wrongAt.getTime() + Math.min(budgetLimits.waitLongestMs, budgetLimits.waitFirstMs * 2 ** doublings))
}
