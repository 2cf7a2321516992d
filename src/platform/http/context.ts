import type { CachedBusinessStore } from '#access/store/cached-businesses.ts'
import type { EventStore } from '#platform/events/event-store.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import type { Caller } from '#platform/core/caller.ts'
import type { PublicKey } from '#compat/vonage/core/public-key.ts'
import type { MessagingConfiguration, SafeNumber, TotpSettings } from '#totp/core/service-settings.ts'
import type { Gateway, GatewayRecord, NewGateway } from '#gateways/core/gateway.ts'
import type { Channel } from '#platform/core/channel.ts'
import type { ApprovalKey } from '#verification/core/approve.ts'
import type { DeliveryStatus } from '#platform/core/delivery-status.ts'
import type { Verification, VerificationStatus } from '#verification/core/verification.ts'
import type { WebhooksPort } from '#webhooks/port.ts'
import type { Outside } from '#verification/flows/outside.ts'
import type { TotpPort } from '#totp/totp-port.ts'

/** What the HTTP side needs of the rest; `app.ts` hands it in. */
export interface Context {
  readonly outside: Outside
  /** Undefined: no such key. Cached for some seconds, so that a revoked key stops soon. */
  readonly findCaller: (key: string) => Promise<Caller | undefined>
  readonly publicUrl: string
  readonly verifications: {
    list(filter: VerificationListFilter): Promise<Verification[]>
    listSendings(filter: SendingFilter & { readonly before?: string; readonly limit: number }): Promise<Sending[]>
    countSendings(filter: SendingFilter): Promise<{ readonly all: number; readonly converted: number }>
  }
  /** By the business's word; false when it was too late. */
  readonly approveByBusiness: (key: ApprovalKey, now: Date) => Promise<boolean>
  readonly safeNumbers: {
    /** Undefined: it is on the list. */
    add(businessId: string, phoneNumber: string, now: Date): Promise<SafeNumber | undefined>
    find(businessId: string, phoneNumber: string): Promise<SafeNumber | undefined>
    remove(businessId: string, phoneNumber: string): Promise<boolean>
  }
  readonly messagingConfigurations: {
    /** Undefined: the country has one. */
    create(owner: ApplicationKey, given: CountrySetting, now: Date): Promise<MessagingConfiguration | undefined>
    list(owner: ApplicationKey): Promise<MessagingConfiguration[]>
    change(owner: ApplicationKey, given: CountrySetting, now: Date): Promise<MessagingConfiguration | undefined>
    remove(owner: ApplicationKey, country: string): Promise<boolean>
  }
  readonly totpSettings: {
    /** By application. */
    list(businessId: string): Promise<ReadonlyMap<string, TotpSettings>>
    change(businessId: string, applicationId: string, changes: TotpSettings): Promise<void>
  }
  readonly events: Pick<EventStore, 'timeline'>
  readonly businesses: CachedBusinessStore
  readonly publicKeys: {
    put(owner: Omit<Caller, 'keyId'>, pem: string, now: Date): Promise<PublicKey>
    find(owner: Omit<Caller, 'keyId'>): Promise<PublicKey | undefined>
    remove(owner: Omit<Caller, 'keyId'>): Promise<boolean>
    /** Before the business is known. Cached for some seconds. */
    ofApplication(applicationId: string): Promise<readonly PublicKey[] | undefined>
  }
  /** Ids of verifications as numbers. */
  readonly verificationNumbers: {
    keep(businessId: string, verificationId: string): Promise<number>
    find(businessId: string, number: number): Promise<string | undefined>
  }
  readonly totp: TotpPort
  readonly rateLimits: {
    /** Undefined: there is one of that name. */
    create(
      owner: ApplicationKey,
      limit: { readonly uniqueName: string; readonly description: string | null },
      now: Date,
    ): Promise<RateLimit | undefined>
    list(owner: ApplicationKey): Promise<RateLimit[]>
    describe(businessId: string, id: string, description: string, now: Date): Promise<RateLimit | undefined>
    delete(businessId: string, id: string): Promise<void>
    putBucket(
      businessId: string,
      bucket: Pick<RateLimitBucket, 'rateLimitId' | 'countMax' | 'intervalSeconds'> & { readonly id?: string },
      now: Date,
    ): Promise<RateLimitBucket>
    listBuckets(businessId: string, rateLimitId: string): Promise<RateLimitBucket[]>
    deleteBucket(businessId: string, id: string): Promise<void>
    /** Spends one of every bucket; says how long to wait when one of them is full. */
    spend(
      businessId: string,
      live: boolean,
      values: readonly { readonly rateLimitId: string; readonly mac: Uint8Array }[],
      now: Date,
    ): Promise<{ readonly waitSeconds: number }>
  }
  readonly gateways: {
    create(gateway: NewGateway, now: Date): Promise<GatewayRecord>
    list(businessId: string, live: boolean): Promise<GatewayRecord[]>
    remove(businessId: string, live: boolean, id: string): Promise<boolean>
    /** Before the business is known. Cached for some seconds. */
    find(id: string): Promise<Gateway | undefined>
  }
  readonly webhooks: WebhooksPort
  readonly idempotent: IdempotentRequests
  readonly requireMayChange: (caller: Pick<Caller, 'businessId' | 'live'>) => Promise<void>
}

export interface VerificationListFilter {
  readonly businessId: string
  readonly applicationId?: string | undefined
  readonly live: boolean
  readonly recipient?: string | undefined
  readonly purpose?: string | undefined
  readonly status?: VerificationStatus | undefined
  readonly before?: string | undefined
  readonly limit: number
  readonly now: Date
}

export type ApplicationKey = Pick<Caller, 'businessId' | 'applicationId'>

type CountrySetting = Pick<MessagingConfiguration, 'country' | 'messagingServiceSid'>

export interface RateLimit {
  readonly id: string
  readonly applicationId: string
  readonly uniqueName: string
  readonly description: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface RateLimitBucket {
  readonly id: string
  readonly rateLimitId: string
  readonly countMax: number
  readonly intervalSeconds: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Messages as they were sent, newest first. */
export interface SendingFilter {
  readonly businessId: string
  readonly live: boolean
  readonly id?: string | undefined
  readonly applicationId?: string | undefined
  readonly verificationId?: string | undefined
  readonly recipient?: string | undefined
  readonly recipientPrefixes?: readonly string[] | undefined
  readonly channel?: Channel | undefined
  readonly isConverted?: boolean | undefined
  readonly sentAfter?: Date | undefined
  readonly sentBefore?: Date | undefined
}

export interface Sending {
  readonly id: string
  readonly verificationId: string
  readonly applicationId: string
  readonly verificationStatus: VerificationStatus
  readonly recipient: string
  readonly locale: string
  readonly codeLength: number
  readonly channel: Channel
  readonly status: DeliveryStatus
  readonly providerCode: string | null
  readonly queuedAt: Date
  readonly updatedAt: Date
}
