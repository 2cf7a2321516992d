import { createHmac } from 'node:crypto'
import { spellId } from '#platform/core/id.ts'
import { webhookEvent } from '#webhooks/core/event.ts'
import type { VerificationFacts } from '#webhooks/core/facts.ts'
import type { OutgoingWebhook, WebhookRequest } from './outgoing.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'

export const writeStandard = (
  { id, url, secrets, at }: Pick<OutgoingWebhook, 'id' | 'url' | 'secrets' | 'at'>,
  facts: VerificationFacts,
): WebhookRequest =>
  signStandard({
    id: spellId(webhooksIds.webhookDelivery, id),
    url,
    body: JSON.stringify(webhookEvent(facts)),
    secrets,
    at,
  })

/** Standard Webhooks 1.0: each secret (`whsec_…`) signs `id.timestamp.body`. */
export function signStandard({
  id,
  url,
  body,
  secrets,
  at,
}: {
  readonly id: string
  readonly url: string
  readonly body: string
  readonly secrets: readonly string[]
  readonly at: Date
}): WebhookRequest {
  const timestamp = Math.floor(at.getTime() / 1000)
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
    'content-type': 'application/json',
  }
  return { url, headers, body }
}
