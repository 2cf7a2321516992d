import type { WebhookNews } from '#webhooks/core/facts.ts'
import type { WebhookFormat, WebhookVersion } from '#webhooks/core/format.ts'

/** An event on its way to an endpoint; what is not in here is no part of what is sent. */
export interface OutgoingWebhook {
  /** Of the delivery: the same each time it is sent. */
  readonly id: string
  readonly url: string
  readonly format: WebhookFormat
  readonly version?: WebhookVersion
  readonly news: WebhookNews
  /** The newest first; two while a secret is rotated. */
  readonly secrets: readonly string[]
  /** When it is sent. */
  readonly at: Date
}

/** Bytes and headers as they leave. */
export interface WebhookRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
