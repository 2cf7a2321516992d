import { type Budget, checksWaitUntil, judgeBudget, restoreBudget, spendBudget } from '#verification/core/budget.ts'
import type { Mac } from '#verification/core/code.ts'
import { matchStep, type TotpConfig } from './totp.ts'

/** A person as the business names them, within one application and mode. */
export interface TotpEntity {
  readonly businessId: string
  readonly applicationId: string
  readonly live: boolean
  readonly id: string
  readonly identity: string
  readonly createdAt: Date
}

/** An authenticator app of a person. Its secret is handed out once, where it is made, and never read by anybody but the store that compares. */
export interface TotpFactor {
  readonly businessId: string
  readonly id: string
  readonly entityId: string
  readonly friendlyName: string
  readonly config: TotpConfig
  readonly metadata?: unknown
  readonly verifiedAt?: Date
  readonly lastStep?: number
  readonly budget: Budget
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** A question for a code of one factor; answered at most once. */
export interface TotpChallenge {
  readonly businessId: string
  readonly id: string
  readonly factorId: string
  readonly details?: unknown
  readonly hiddenDetails?: unknown
  readonly expiresAt: Date
  readonly approvedAt?: Date
  readonly createdAt: Date
}

/** A page of a list, in the order of the ids. */
export interface Slice {
  readonly limit: number
  /** The id of the last one of the page before. */
  readonly after?: string
}

export interface ChallengeFilter {
  readonly factorId?: string
  readonly status?: 'approved' | 'expired' | 'pending'
  readonly isOldestFirst?: boolean
  readonly now: Date
}

export type TotpCheck =
  | { readonly outcome: 'right'; readonly lastStep: number; readonly budget: Budget }
  | { readonly outcome: 'wrong'; readonly budget: Budget }
  /** Too many wrong codes: nothing was compared. */
  | { readonly outcome: 'paused'; readonly retryAt?: Date }

/** The same limits that the codes of a verification have: the factor's, over all its challenges. */
export function decideTotpCheck(
  factor: Pick<TotpFactor, 'config' | 'lastStep' | 'budget'>,
  mac: Mac,
  code: string,
  now: Date,
): TotpCheck {
  const judgement = judgeBudget(factor.budget, now)
  if (!judgement.allowed) return { outcome: 'paused', ...(judgement.retryAt && { retryAt: judgement.retryAt }) }
  const { failedConsecutive: checkCount, failedAt } = factor.budget
  const wrongAt = failedAt.at(-1)
  const retryAt = wrongAt && checksWaitUntil({ checkCount, wrongAt })
  if (retryAt && retryAt > now) return { outcome: 'paused', retryAt }
  const lastStep = matchStep(mac, factor.config, code, now, factor.lastStep)
  return lastStep === undefined
    ? { outcome: 'wrong', budget: spendBudget(factor.budget, now) }
    : { outcome: 'right', lastStep, budget: restoreBudget(factor.budget) }
}
