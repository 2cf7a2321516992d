import type { Policy } from '#guard/core/policy.ts'
import type { RuleId } from '#guard/core/rules.ts'

export interface PolicyOwner {
  readonly businessId: string
  readonly applicationId: string
  readonly live: boolean
}

/** A rule that was broken, for whoever is to hear of it. */
export interface Broken extends PolicyOwner {
  readonly rule: RuleId
  /** Of the counter, or whatever else is told of once an hour. */
  readonly key: string
  readonly isRefused: boolean
  /** What of the number may be told: its country. */
  readonly country?: string | undefined
}

export interface JudgingTakes {
  readonly policyOf: (owner: PolicyOwner) => Promise<Policy>
  /** Tells that a rule was broken; it never throws. */
  readonly tell: (broken: Broken) => void
}
