import type { Application, Business, Caller } from '#core/access/business.ts'
import type { Gateway, GatewayRecord } from '#core/access/gateway.ts'
import type { IncomingWebhook, Sender, WebhookNews } from '#core/messaging/channel.ts'
import type { Policy, WorkflowTemplateStep } from '#core/verification/policy.ts'
import type { Verification, VerificationStatus } from '#core/verification/verification.ts'
import type { World } from '#flows/ports.ts'

/** What the HTTP side needs of the rest; `app.ts` hands it in. */
export interface Context {
  readonly world: World
  /** Undefined: no such key. Cached for some seconds, so that a revoked key stops soon. */
  readonly findCaller: (key: string) => Promise<Caller | undefined>
  /** Whether a key is the operator's. In the demo, its key stands in for one, but never opens anything live. */
  readonly findOperator: (key: string) => OperatorKind | undefined
  readonly isDemo: boolean
  readonly publicUrl: string
  readonly version: string
  readonly verifications: {
    list(filter: VerificationListFilter): Promise<Verification[]>
  }
  readonly events: {
    timeline(businessId: string, verificationId: string): Promise<EventRecord[]>
    after(businessId: string, live: boolean, cursor: string, limit: number): Promise<EventPage>
    latestCursor(businessId: string): Promise<string>
  }
  readonly businesses: {
    create(
      business: { name: string; brand?: string | undefined; locale?: string | undefined },
      now: Date,
    ): Promise<Business & { readonly applicationId: string }>
    listApplications(businessId: string): Promise<Application[]>
    findApplication(businessId: string, id: string): Promise<Application | undefined>
    changeApplication(businessId: string, id: string, changes: ApplicationChanges): Promise<Application | undefined>
    createKey(owner: Omit<Caller, 'keyId'>, now: Date): Promise<KeyRecord & { readonly key: string }>
    listKeys(businessId: string): Promise<KeyRecord[]>
    revokeKey(businessId: string, id: string, now: Date): Promise<boolean>
    resetBudget(businessId: string, recipient: string): Promise<boolean>
  }
  readonly senders: {
    create(sender: Omit<Sender, 'id'>, now: Date): Promise<Sender>
    list(businessId: string): Promise<readonly Sender[]>
    find(id: string): Promise<Sender | undefined>
    disable(businessId: string, id: string, now: Date): Promise<boolean>
    /** Field errors of a sender's config and secrets against its provider's schemas. */
    validate(sender: Omit<Sender, 'id'>): Promise<readonly { readonly path: string; readonly problem: string }[]>
  }
  readonly gateways: {
    create(gateway: Omit<Gateway, 'id' | 'createdAt'>, now: Date): Promise<GatewayRecord>
    list(businessId: string, live: boolean): Promise<GatewayRecord[]>
    remove(businessId: string, live: boolean, id: string): Promise<boolean>
    find(id: string): Promise<Gateway | undefined>
  }
  readonly webhooks: {
    answerHandshake(
      webhook: IncomingWebhook,
      sender: Sender,
    ): { readonly status: number; readonly body: string } | undefined
    readNews(webhook: IncomingWebhook, sender: Sender): WebhookNews
  }
  readonly idempotency: {
    /** Runs once per key; a repeated request gets the first one's answer. */
    once(
      caller: { readonly businessId: string },
      idempotency: { key: string; fingerprint: Uint8Array },
      run: () => Promise<StoredAnswer>,
    ): Promise<StoredAnswer>
  }
  readonly readiness: () => Promise<Readiness>
  readonly metrics: {
    readonly text: () => Promise<string>
    readonly contentType: string
    /** Whether the header carries the token that the metrics ask for, when they ask for one. */
    readonly isAllowed: (authorization: string | undefined) => boolean
  }
}

export type OperatorKind = 'operator' | 'demo'

export interface StoredAnswer {
  readonly status: number
  readonly body: unknown
}

export interface Readiness {
  readonly isReady: boolean
  readonly checks: Readonly<Record<string, string>>
}

export interface VerificationListFilter {
  readonly businessId: string
  readonly live: boolean
  readonly recipient?: string | undefined
  readonly purpose?: string | undefined
  readonly status?: VerificationStatus | undefined
  readonly before?: string | undefined
  readonly limit: number
  readonly now: Date
}

export interface EventRecord {
  readonly cursor: string
  readonly verificationId: string
  readonly deliveryId?: string
  readonly kind: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly at: Date
}

export interface EventPage {
  readonly events: readonly EventRecord[]
  /** Where to go on. */
  readonly cursor: string
}

export interface KeyRecord {
  readonly id: string
  readonly applicationId: string
  readonly live: boolean
  readonly hint: string
  readonly createdAt: Date
  readonly revokedAt?: Date
}

export interface ApplicationChanges {
  readonly name?: string | undefined
  readonly brand?: string | undefined
  readonly locale?: string | undefined
  readonly domain?: string | null | undefined
  readonly policy?: Partial<Policy> | undefined
  readonly workflow?: readonly WorkflowTemplateStep[] | undefined
}
