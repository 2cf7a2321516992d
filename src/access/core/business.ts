import type { Policy, WorkflowTemplateStep } from './policy.ts'

/** A tenant. One business never sees another's anything. */
export interface Business {
  readonly id: string
  readonly name: string
}

/** What a business verifies people for: brand, code policy, workflow. */
export interface Application {
  readonly businessId: string
  readonly id: string
  readonly name: string
  /** Shown to people on channels with free text. */
  readonly brand: string
  /** BCP 47 default of its messages. */
  readonly locale: string
  readonly domain?: string
  /** `#rrggbb`, of the pages that its customers see. */
  readonly color?: string
  readonly hasLogo?: true
  readonly policy: Policy
  readonly workflow: readonly WorkflowTemplateStep[]
  readonly createdAt: Date
}
