import type { BusinessRequest } from '#platform/core/business-call.ts'

/** An event of the log, as a format gets it. */
export interface LoggedEvent {
  readonly businessId: string
  readonly live: boolean
  /** Absent: of no application. */
  readonly applicationId?: string
  readonly subjectKind: string
  readonly subjectId: string
  /** The part of the subject that it is about. */
  readonly partId?: string
  /** Later events of the same subject have a higher one. */
  readonly sequence: string
  readonly kind: string
  readonly data: Readonly<Record<string, unknown>>
  readonly at: Date
}

/** Settings of an endpoint that only its format understands. */
export type FormatSettings = Readonly<Record<string, unknown>>

/** One webhook about to leave; what is not in here is no part of what is sent. */
export interface OutgoingWebhook<Facts> {
  /** Of the delivery: the same each time it is sent. */
  readonly id: string
  readonly url: string
  readonly settings: FormatSettings
  readonly event: LoggedEvent
  readonly facts: Facts
  /** Which one, where the format makes several of one event. */
  readonly part: string
  /** The newest first; two while a secret is rotated. */
  readonly secrets: readonly string[]
  /** When it is sent. */
  readonly at: Date
}

/** In whose form, with whose signature and of which events the webhooks of an endpoint are. */
export interface WebhookFormat<Facts = unknown> {
  readonly name: string
  /** For the API reference: what it is, and what an endpoint of it needs. */
  readonly about: string
  /** Whether the native API makes endpoints of it, with the kinds that the caller chooses or with these. */
  readonly events: 'chosen' | readonly string[] | 'of another API'
  /** Whether the secret before the current one signs as well for a day after a rotation. */
  readonly signsTwice: boolean
  /** As the libraries take it that check its signatures; random, with 128 bits at least. */
  newSecret(this: void): string
  /** The webhooks that an event becomes which an endpoint wants; each has a name, mostly `event`. */
  partsOf(this: void, kind: string, reason: string | undefined): readonly string[]
  /**
   * What it tells of events besides what they say themselves: of many in one look, made of what never changes, in their
   * order. Undefined: there is nothing left to tell.
   */
  readFacts(this: void, events: readonly LoggedEvent[]): Promise<readonly (Facts | undefined)[]>
  /** Pure: the same bytes each time, but for what depends on the time of sending. */
  write(this: void, webhook: OutgoingWebhook<Facts>): BusinessRequest
}

/** By their names; an endpoint whose format is not here rests until it is. */
export type WebhookFormats = ReadonlyMap<string, WebhookFormat>

/** What one webhook tells. */
export interface WebhookNews {
  readonly event: LoggedEvent
  readonly facts: unknown
}
