import { createHash, createHmac } from 'node:crypto'
import { spellId } from '#platform/core/id.ts'
import type { FactorFacts } from '#webhooks/core/facts.ts'
import type { OutgoingWebhook, WebhookRequest } from './outgoing.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'

/** Twilio Verify's webhooks of factors and challenges: a form, or JSON for an endpoint of version v1. */
export function writeTwilio(
  { id, url, version, secrets }: Pick<OutgoingWebhook, 'id' | 'url' | 'version' | 'secrets'>,
  facts: FactorFacts,
): WebhookRequest {
  const fields = fieldsOf(id, facts)
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

function fieldsOf(id: string, facts: FactorFacts): Record<string, string> {
  return {
    uuid: id,
    type: facts.kind,
    account_sid: sid('AC', facts.businessId),
    service_sid: sid('VA', facts.applicationId),
    entity_identity: facts.identity,
    factor_sid: sid('YF', facts.factorId),
    factor_type: 'totp',
    factor_friendly_name: facts.factorName,
    ...(facts.challengeId !== undefined && { challenge_sid: sid('YC', facts.challengeId) }),
  }
}

const sid = (prefix: string, uuid: string): string => `${prefix}${uuid.replaceAll('-', '')}`

/** A body that is no form is signed through the address. */
function withBodyDigest(url: string, body: string): string {
  const [address = '', ...fragment] = url.split('#')
  const digest = createHash('sha256').update(body).digest('hex')
  return [`${address}${address.includes('?') ? '&' : '?'}bodySHA256=${digest}`, ...fragment].join('#')
}

const sign = (secret: string, text: string): string => createHmac('sha1', secret).update(text).digest('base64')
