import { createHash, createHmac, randomBytes } from 'node:crypto'
import { spellId } from '#platform/core/id.ts'
import type { Course, CourseKey } from '#verification/core/course.ts'
import type { LoggedEvent, OutgoingWebhook, WebhookFormat } from '#webhooks/core/format.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'

type Sending = Course['sendings'][number]
type Webhook = OutgoingWebhook<Course>

/** Vonage Verify v2: `event` and `summary`, signed as Vonage signs its webhooks. */
export const vonageWebhooks = (
  readCourses: (keys: readonly CourseKey[]) => Promise<readonly (Course | undefined)[]>,
): WebhookFormat<Course> => ({
  name: 'vonage',
  about:
    '`vonage` is the event and summary webhooks of Vonage Verify v2 and needs `application_id`; which events there are is fixed.',
  events: ['verification.*', 'delivery.failed'],
  signsTwice: false,
  newSecret: () => randomBytes(32).toString('hex'),
  partsOf: vonageParts,
  readFacts: (events) =>
    readCourses(
      events.map(({ businessId, subjectId: verificationId, sequence }) => ({ businessId, verificationId, sequence })),
    ),
  write: writeVonage,
})

/** Vonage tells how each step ended, and at the end of the whole. */
function vonageParts(kind: string, reason: string | undefined): readonly string[] {
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

function writeVonage(webhook: Webhook) {
  const body = JSON.stringify(webhook.part === 'summary' ? summaryOf(webhook) : eventOf(webhook))
  const headers = {
    authorization: `Bearer ${sign(webhook, body)}`,
    'content-type': 'application/json',
    // Vonage's have none; it is the one name that is the same each time it is sent.
    'webhook-id': spellId(webhooksIds.webhookDelivery, webhook.id),
  }
  return { url: webhook.url, headers, body }
}

/** How one step ended. */
function eventOf({ event, facts: course }: Webhook): object {
  const sending = sendingOf(event, course)
  return {
    request_id: event.subjectId,
    triggered_at: (sending?.queuedAt ?? event.at).toISOString(),
    type: 'event',
    channel: sending?.channel ?? event.data['channel'],
    status: statusOf(event),
    finalized_at: event.at.toISOString(),
    client_ref: course.clientRef,
  }
}

/** The sending that the event is about: its own, the one before the step that was moved on to, or the last. */
function sendingOf({ kind, partId }: LoggedEvent, { sendings }: Course): Sending | undefined {
  const own = sendings.findIndex((one) => one.deliveryId === partId)
  if (own < 0) return sendings.at(-1)
  return sendings[kind === 'verification.moved_on' ? Math.max(own - 1, 0) : own]
}

function summaryOf({ event, facts: course }: Webhook): object {
  const { workflow, sendings } = course
  const last = sendings.at(-1)
  const status = statusOf(event)
  return {
    request_id: event.subjectId,
    submitted_at: course.createdAt.toISOString(),
    // A request has fewer ends than a step.
    status: status === 'user_rejected' ? 'failed' : status,
    type: 'summary',
    finalized_at: event.at.toISOString(),
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
    client_ref: course.clientRef,
  }
}

function stepStatus(sendings: readonly Sending[]): string {
  if (sendings.length === 0) return 'unused'
  return sendings.every(({ hasFailed }) => hasFailed) ? 'failed' : 'expired'
}

function statusOf({ kind, data }: LoggedEvent): string {
  switch (kind) {
    case 'verification.approved':
      return 'completed'
    case 'verification.moved_on':
    case 'verification.expired':
      return 'expired'
    default:
      // Somebody who did not ask for the code said so.
      return data['reason'] === 'not_requested' ? 'user_rejected' : 'failed'
  }
}

/** A JWT by HS256 whose claims hold the digest of the body. */
function sign({ id, secrets, at, event }: Webhook, body: string): string {
  const issuedAt = Math.floor(at.getTime() / 1000)
  const claims = {
    iat: issuedAt,
    // New each time: a receiver may refuse a token that it has seen, and a sending that is repeated must get through.
    jti: `${id}-${at.getTime()}`,
    iss: 'Vonage',
    payload_hash: createHash('sha256').update(body).digest('hex'),
    api_key: event.businessId.slice(-8),
    application_id: event.applicationId,
  }
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${signed}.${createHmac('sha256', secrets[0] ?? '')
    .update(signed)
    .digest('base64url')}`
}
