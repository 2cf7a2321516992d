import type { WebhookPart } from './format.ts'

interface CommonFacts {
  readonly kind: string
  readonly at: Date
  readonly businessId: string
  readonly applicationId: string
  readonly live: boolean
}

/** An event of a verification, with the facts of it that the API shows as well. */
export interface VerificationFacts extends CommonFacts {
  readonly about: 'verification'
  readonly verificationId: string
  readonly recipient: string
  readonly purpose: string
  readonly deliveryId?: string
  readonly channel?: string
  readonly reason?: string
  readonly providerCode?: string
  /** Only where the format tells of it. */
  readonly course?: VerificationCourse
}

/** How a verification went, as far as it does not change after the event. */
export interface VerificationCourse {
  readonly createdAt: Date
  readonly clientRef?: string
  readonly workflow: readonly { readonly channel: string; readonly waitSeconds: number }[]
  /** Oldest first. */
  readonly sendings: readonly {
    readonly deliveryId: string
    readonly stepIndex: number
    readonly channel: string
    readonly queuedAt: Date
    /** Before the event. */
    readonly hasFailed: boolean
  }[]
}

/** An event of an authenticator app. */
export interface FactorFacts extends CommonFacts {
  readonly about: 'factor'
  readonly identity: string
  readonly factorId: string
  readonly factorName: string
  readonly challengeId?: string
}

export type WebhookFacts = VerificationFacts | FactorFacts

/** What one webhook tells. */
export interface WebhookNews<Facts extends WebhookFacts = WebhookFacts> {
  readonly facts: Facts
  readonly part: WebhookPart
}
