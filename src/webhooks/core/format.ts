/** Whose form and signature the webhooks of an endpoint have. */
export const webhookFormats = ['standard', 'vonage', 'twilio'] as const
export type WebhookFormat = (typeof webhookFormats)[number]

/** Of what an event is told: itself, and the whole that ends with it. */
export type WebhookPart = 'event' | 'summary'

/** The versions of a Twilio endpoint. */
export const webhookVersions = ['v1', 'v2'] as const
export type WebhookVersion = (typeof webhookVersions)[number]

/** The webhooks that an event becomes which an endpoint wants. */
export function partsOf(format: WebhookFormat, kind: string, reason?: string): readonly WebhookPart[] {
  return format === 'vonage' ? vonageParts(kind, reason) : ['event']
}

/** Vonage tells how each step ended, and at the end of the whole. */
function vonageParts(kind: string, reason: string | undefined): readonly WebhookPart[] {
  switch (kind) {
    case 'delivery.failed':
      // A message that was not sent because the verification had ended: its end has been told.
      return reason === 'expired' ? [] : ['event']
    case 'verification.moved_on':
      // A step that failed was told by its message; one that the caller left had no end of its own.
      return reason === 'not_delivered_in_time' ? ['event'] : []
    case 'verification.approved':
    case 'verification.expired':
    case 'verification.blocked':
      return ['event', 'summary']
    case 'verification.undeliverable':
      return ['summary']
    default:
      return []
  }
}
