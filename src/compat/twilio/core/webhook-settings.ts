export const webhookVersions = ['v1', 'v2'] as const

/** What a Twilio endpoint has besides; kept as it is with the endpoint. */
export interface TwilioWebhookSettings {
  readonly friendly_name: string
  readonly version: (typeof webhookVersions)[number]
  /** ISO 8601; absent until it is changed through this API. */
  readonly updated_at?: string
}
