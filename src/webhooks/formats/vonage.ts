import { createHash, createHmac } from 'node:crypto'
import { spellId } from '#platform/core/id.ts'
import type { VerificationCourse, VerificationFacts } from '#webhooks/core/facts.ts'
import type { WebhookPart } from '#webhooks/core/format.ts'
import type { OutgoingWebhook, WebhookRequest } from './outgoing.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'

type Sending = VerificationCourse['sendings'][number]

/** Vonage Verify v2: `event` and `summary`, signed as Vonage signs its webhooks. */
export function writeVonage(
  webhook: Pick<OutgoingWebhook, 'id' | 'url' | 'secrets' | 'at'>,
  facts: VerificationFacts,
  part: WebhookPart,
): WebhookRequest {
  const body = JSON.stringify(part === 'summary' ? summaryOf(facts) : eventOf(facts))
  const headers = {
    authorization: `Bearer ${sign(webhook, facts, body)}`,
    'content-type': 'application/json',
    // Vonage's have none; it is the one name that is the same each time it is sent.
    'webhook-id': spellId(webhooksIds.webhookDelivery, webhook.id),
  }
  return { url: webhook.url, headers, body }
}

/** How one step ended. */
function eventOf(facts: VerificationFacts): object {
  const sending = sendingOf(facts)
  return {
    request_id: facts.verificationId,
    triggered_at: (sending?.queuedAt ?? facts.at).toISOString(),
    type: 'event',
    channel: sending?.channel ?? facts.channel,
    status: statusOf(facts),
    finalized_at: facts.at.toISOString(),
    client_ref: facts.course?.clientRef,
  }
}

/** The sending that the event is about: its own, the one before the step that was moved on to, or the last. */
function sendingOf({ kind, deliveryId, course }: VerificationFacts): Sending | undefined {
  const sendings = course?.sendings ?? []
  const own = sendings.findIndex((one) => one.deliveryId === deliveryId)
  if (own < 0) return sendings.at(-1)
  return sendings[kind === 'verification.moved_on' ? Math.max(own - 1, 0) : own]
}

function summaryOf(facts: VerificationFacts): object {
  const { course, verificationId, at } = facts
  const { workflow = [], sendings = [] } = course ?? {}
  const last = sendings.at(-1)
  const status = statusOf(facts)
  return {
    request_id: verificationId,
    submitted_at: (course?.createdAt ?? at).toISOString(),
    // A request has fewer ends than a step.
    status: status === 'user_rejected' ? 'failed' : status,
    type: 'summary',
    finalized_at: at.toISOString(),
    channel_timeout: workflow[last?.stepIndex ?? 0]?.waitSeconds,
    workflow: workflow.map(({ channel }, index) => {
      const ofStep = sendings.filter(({ stepIndex }) => stepIndex === index)
      const isLast = last !== undefined && last.stepIndex === index
      return {
        channel,
        initiated_at: ofStep[0]?.queuedAt.toISOString(),
        status: isLast ? status : stepStatus(ofStep),
      }
    }),
    client_ref: course?.clientRef,
  }
}

function stepStatus(sendings: readonly Sending[]): string {
  if (sendings.length === 0) return 'unused'
  return sendings.every(({ hasFailed }) => hasFailed) ? 'failed' : 'expired'
}

function statusOf({ kind, reason }: VerificationFacts): string {
  switch (kind) {
    case 'verification.approved':
      return 'completed'
    case 'verification.moved_on':
    case 'verification.expired':
      return 'expired'
    default:
      // Somebody who did not ask for the code said so.
      return reason === 'not_requested' ? 'user_rejected' : 'failed'
  }
}

/** A JWT by HS256 whose claims hold the digest of the body. */
function sign(
  { id, secrets, at }: Pick<OutgoingWebhook, 'id' | 'secrets' | 'at'>,
  { businessId, applicationId }: VerificationFacts,
  body: string,
): string {
  const issuedAt = Math.floor(at.getTime() / 1000)
  const claims = {
    iat: issuedAt,
    // New each time: a receiver may refuse a token that it has seen, and a sending that is repeated must get through.
    jti: `${id}-${at.getTime()}`,
    iss: 'Vonage',
    payload_hash: createHash('sha256').update(body).digest('hex'),
    api_key: businessId.slice(-8),
    application_id: applicationId,
  }
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${signed}.${createHmac('sha256', secrets[0] ?? '')
    .update(signed)
    .digest('base64url')}`
}
