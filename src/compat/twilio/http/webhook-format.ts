import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { BusinessRequest } from '#platform/core/business-call.ts'
import { spellId } from '#platform/core/id.ts'
import type { OutgoingWebhook, WebhookFormat } from '#webhooks/core/format.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'
import { spellSid } from '#compat/twilio/core/sid.ts'
import type { TwilioWebhookSettings } from '#compat/twilio/core/webhook-settings.ts'

/** Twilio Verify's webhooks of factors and challenges: a form, or JSON for an endpoint of version v1. */
export const twilioWebhooks: WebhookFormat<null> = {
  name: 'twilio',
  about: '`twilio` is made by the webhooks of a Twilio Verify service.',
  events: 'of another API',
  signsTwice: false,
  // The shape of an auth token, for receivers that look at it.
  newSecret: () => randomBytes(16).toString('hex'),
  partsOf: () => ['event'],
  // The events say all of it.
  readFacts: async (events) => events.map(() => null),
  write: writeTwilio,
}

function writeTwilio(webhook: OutgoingWebhook<null>): BusinessRequest {
  const { id, url, secrets } = webhook
  const { version } = webhook.settings as unknown as TwilioWebhookSettings
  const fields = fieldsOf(webhook)
  const secret = secrets[0] ?? ''
  // Twilio's have none; it is the one name that is the same each time it is sent.
  const known = { 'webhook-id': spellId(webhooksIds.webhookDelivery, id) }
  if (version === 'v1') {
    const body = JSON.stringify(fields)
    const signed = withBodyDigest(url, body)
    const headers = { 'content-type': 'application/json', 'x-twilio-signature': sign(secret, signed), ...known }
    return { url: signed, headers, body }
  }
  const sorted = Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-twilio-signature': sign(secret, url + sorted.flat().join('')),
    ...known,
  }
  return { url, headers, body: new URLSearchParams(fields).toString() }
}

function fieldsOf({ id, event }: OutgoingWebhook<null>): Record<string, string> {
  const { businessId, applicationId = '', subjectId, partId, kind } = event
  const { identity = '', factor_name: name = '' } = event.data as Partial<Record<string, string>>
  return {
    uuid: id,
    type: kind,
    account_sid: spellSid('account', businessId),
    service_sid: spellSid('service', applicationId),
    entity_identity: identity,
    factor_sid: spellSid('factor', subjectId),
    factor_type: 'totp',
    factor_friendly_name: name,
    ...(partId !== undefined && { challenge_sid: spellSid('challenge', partId) }),
  }
}

/** A body that is no form is signed through the address. */
function withBodyDigest(url: string, body: string): string {
  const [address = '', ...fragment] = url.split('#')
  const digest = createHash('sha256').update(body).digest('hex')
  return [`${address}${address.includes('?') ? '&' : '?'}bodySHA256=${digest}`, ...fragment].join('#')
}

const sign = (secret: string, text: string): string => createHmac('sha1', secret).update(text).digest('base64')
