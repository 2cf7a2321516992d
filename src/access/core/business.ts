import type { Policy, WorkflowTemplateStep } from './policy.ts'

/** A tenant. One business never sees another's anything. */
export interface Business {
  readonly id: string
  readonly name: string
}

/**
 * The operator has no business. What is kept for the operator under a business id, as answers of repeated requests are,
 * is kept under the nil UUID, which no business ever gets.
 */
export const operatorBusinessId = '00000000-0000-0000-0000-000000000000'

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
  readonly policy: Policy
  readonly workflow: readonly WorkflowTemplateStep[]
  readonly createdAt: Date
}

/** What an application's JWTs are verified with in one mode. */
export interface PublicKey {
  readonly id: string
  readonly businessId: string
  readonly applicationId: string
  readonly live: boolean
  /** SubjectPublicKeyInfo. */
  readonly pem: string
  /** SHA-256 of its DER form, in hex. */
  readonly fingerprint: string
  readonly createdAt: Date
}

/** Who is calling: what an API key stands for. */
export interface Caller {
  readonly keyId: string
  readonly businessId: string
  readonly applicationId: string
  readonly live: boolean
}
