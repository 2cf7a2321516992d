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
  waitsAfter: 5,
  waitFirstMs: 30_000,
  waitLongestMs: 3_600_000,
  dayMs: 86_400_000,
} as const

export type BudgetJudgement =
  | { readonly allowed: true }
  | {
      readonly allowed: false
      readonly code: 'recipient_disabled' | 'recipient_budget_spent' | 'recipient_checks_paused'
      readonly retryAt?: Date
    }

export function judgeBudget(budget: Budget, now: Date): BudgetJudgement {
  if (budget.failedConsecutive >= budgetLimits.consecutive) return { allowed: false, code: 'recipient_disabled' }
  const dayUntil = dayBlockedUntil(budget)
  const waitUntil = waitingUntil(budget)
  const retryAt = new Date(Math.max(dayUntil, waitUntil))
  if (dayUntil > now.getTime()) return { allowed: false, code: 'recipient_budget_spent', retryAt }
  if (waitUntil > now.getTime()) return { allowed: false, code: 'recipient_checks_paused', retryAt }
  return { allowed: true }
}

export const spendBudget = (budget: Budget, now: Date): Budget => ({
  failedAt: [...budget.failedAt, now].slice(-budgetLimits.failuresPerDay),
  failedConsecutive: budget.failedConsecutive + 1,
})

/** A right code ends the streak of failures, but the day's failures stay counted. */
export const restoreBudget = (budget: Budget): Budget => ({ ...budget, failedConsecutive: 0 })

function dayBlockedUntil(budget: Budget): number {
  const oldest = budget.failedAt.at(-budgetLimits.failuresPerDay)
  return oldest ? oldest.getTime() + budgetLimits.dayMs : 0
}

function waitingUntil(budget: Budget): number {
  const last = budget.failedAt.at(-1)
  if (!last || budget.failedConsecutive < budgetLimits.waitsAfter) return 0
  const doublings = Math.min(budget.failedConsecutive - budgetLimits.waitsAfter, 7)
  return last.getTime() + Math.min(budgetLimits.waitLongestMs, budgetLimits.waitFirstMs * 2 ** doublings)
}
