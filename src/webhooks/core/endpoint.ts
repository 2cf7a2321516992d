import type { FormatSettings } from './format.ts'

/** Whose it is: a business in one of its two modes. */
export interface WebhookEndpointOwner {
  readonly businessId: string
  readonly live: boolean
}

export const disabledReasons = ['by_request', 'gone', 'failing'] as const
export type DisabledReason = (typeof disabledReasons)[number]

/** Endpoints of a business in one mode: each costs every event a sending. */
export const endpointsMax = 20

/** Where a business wants to hear of its events. */
export interface WebhookEndpoint extends WebhookEndpointOwner {
  readonly id: string
  /** The name of its format. */
  readonly format: string
  /** Absent: every application of the business. */
  readonly applicationId?: string
  readonly url: string
  /** Kinds and groups of them (event-kinds.ts). */
  readonly events: readonly string[]
  /** What only its format understands. */
  readonly formatSettings?: FormatSettings
  readonly createdAt: Date
  readonly disabledAt?: Date
  readonly disabledReason?: DisabledReason
  /** Until then the secret before this one signs as well. */
  readonly previousSecretUntil?: Date
}

export type NewWebhookEndpoint = Pick<WebhookEndpoint, 'format' | 'applicationId' | 'url' | 'events' | 'formatSettings'>

export interface WebhookEndpointChanges {
  readonly url?: string | undefined
  readonly events?: readonly string[] | undefined
  readonly disabled?: boolean | undefined
  readonly formatSettings?: FormatSettings | undefined
}

export const webhookStatuses = ['pending', 'delivered', 'failed'] as const
export type WebhookStatus = (typeof webhookStatuses)[number]

/** One event on its way to one endpoint, as the business sees it. */
export interface WebhookDelivery {
  readonly id: string
  /** Absent: the event is no longer kept. */
  readonly kind?: string
  readonly subjectKind: string
  readonly subjectId: string
  /** Which one, where the format makes several of one event. */
  readonly part: string
  readonly status: WebhookStatus
  readonly sendCount: number
  /** When it is sent next; while it is sent, when it would be repeated. */
  readonly dueAt?: Date
  readonly responseStatus?: number
  readonly problem?: string
  readonly createdAt: Date
  readonly sentAt?: Date
  readonly settledAt?: Date
}

/** How far sending to an endpoint has come since a time. */
export interface WebhookProgress {
  /** Due and not sent since then. */
  readonly waiting: number
  readonly delivered: number
  /** Sent and not taken; they are sent again later. */
  readonly retrying: number
  readonly failed: number
  /** No event is left that has not been looked at; also when the endpoint is disabled, which no event reaches. */
  readonly isCaughtUp: boolean
}

export interface WebhookDeliveryFilter {
  readonly id?: string | undefined
  readonly status?: WebhookStatus | undefined
  readonly before?: string | undefined
  readonly limit: number
}
