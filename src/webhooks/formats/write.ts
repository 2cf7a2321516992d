import type { OutgoingWebhook, WebhookRequest } from './outgoing.ts'
import { writeStandard } from './standard.ts'
import { writeTwilio } from './twilio.ts'
import { writeVonage } from './vonage.ts'

/** The one place where an event becomes the bytes and the signature of a format. */
export function writeWebhook({ news, ...webhook }: OutgoingWebhook): WebhookRequest {
  const { facts, part } = news
  // Only Twilio's format has authenticator apps (event-kinds.ts).
  if (facts.about === 'factor') return writeTwilio(webhook, facts)
  return webhook.format === 'vonage' ? writeVonage(webhook, facts, part) : writeStandard(webhook, facts)
}
