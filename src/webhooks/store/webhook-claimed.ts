import { sql } from 'kysely'
import type { FactorFacts, VerificationCourse, VerificationFacts, WebhookNews } from '#webhooks/core/facts.ts'
import type { WebhookFormat, WebhookPart, WebhookVersion } from '#webhooks/core/format.ts'
import type { TenantTransaction } from '#platform/database/database.ts'

/** A delivery with its endpoint and, when the event is still kept, what it tells. */
export interface FoundClaimed {
  business_id: string
  id: string
  endpoint_id: string
  part: WebhookPart
  url: string
  format: WebhookFormat
  version: WebhookVersion | null
  secrets_sealed: Buffer
  previous_secret_until: Date | null
  send_count: number
  verification_id: string
  kind: string | null
  at: Date
  data: Record<string, string | boolean | undefined> | null
  delivery_id: string | null
  application_id: string | null
  live: boolean
  recipient: string
  purpose: string
  client_ref: string | null
  started_at: Date
  workflow: VerificationCourse['workflow']
  sendings: FoundSending[] | null
}

interface FoundSending {
  delivery_id: string
  step_index: number
  channel: string
  queued_at: string
  has_failed: boolean
}

export async function readClaimed(
  trx: TenantTransaction,
  claimed: readonly { readonly business_id: string; readonly id: string }[],
): Promise<FoundClaimed[]> {
  const { rows } = await sql<FoundClaimed>`
    select d.business_id, d.id, d.endpoint_id, d.part, d.send_count, d.verification_id, w.url, w.format, w.version,
      w.secrets_sealed, w.previous_secret_until, told.*, course.sendings
    from unnest(${claimed.map((one) => one.business_id)}::uuid[], ${claimed.map((one) => one.id)}::uuid[]) as c (business_id, id)
    join webhook_delivery d on d.business_id = c.business_id and d.id = c.id
    join webhook_endpoint w on w.business_id = d.business_id and w.id = d.endpoint_id
    left join lateral (
      select e.kind, e.at, e.data, e.delivery_id, v.application_id, v.live, v.recipient, v.purpose,
        v.metadata ->> 'client_ref' as client_ref, v.created_at as started_at, v.workflow
      from event e
      left join verification v on v.business_id = e.business_id and v.id = e.verification_id
      where e.business_id = d.business_id and e.verification_id = d.verification_id and e.sequence = d.event_sequence
        and (v.id is not null or e.data ->> 'factor_id' is not null)
      limit 1
    ) as told on true
    left join lateral (
      select jsonb_agg(jsonb_build_object(
        'delivery_id', s.id, 'step_index', s.step_index, 'channel', s.channel, 'queued_at', s.queued_at,
        -- What failed since is no part of what the event told, or the webhook would not be the same each time.
        'has_failed', exists (
          select from event f
          where f.business_id = s.business_id and f.verification_id = s.verification_id
            and f.delivery_id = s.id and f.kind = 'delivery.failed' and f.sequence <= d.event_sequence)
      ) order by s.id) as sendings
      from delivery s
      where w.format = 'vonage' and s.business_id = d.business_id and s.verification_id = d.verification_id
    ) as course on true`.execute(trx)
  return rows
}

/** Undefined: the event is no longer kept. */
export function newsOf(found: FoundClaimed): WebhookNews | undefined {
  const { kind, part } = found
  if (kind === null) return undefined
  const { application_id: applicationId } = found
  return applicationId === null
    ? { facts: factorFacts(found, kind), part }
    : { facts: verificationFacts(found, kind, applicationId), part }
}

function verificationFacts(found: FoundClaimed, kind: string, applicationId: string): VerificationFacts {
  const { channel, reason, provider_code: providerCode } = (found.data ?? {}) as Record<string, string | undefined>
  return {
    about: 'verification',
    kind,
    at: found.at,
    businessId: found.business_id,
    verificationId: found.verification_id,
    applicationId,
    live: found.live,
    recipient: found.recipient,
    purpose: found.purpose,
    ...(found.delivery_id !== null && { deliveryId: found.delivery_id }),
    ...(channel !== undefined && { channel }),
    ...(reason !== undefined && { reason }),
    ...(providerCode !== undefined && { providerCode }),
    ...(found.sendings && { course: courseOf(found, found.sendings) }),
  }
}

const courseOf = (found: FoundClaimed, sendings: readonly FoundSending[]): VerificationCourse => ({
  createdAt: found.started_at,
  ...(found.client_ref !== null && { clientRef: found.client_ref }),
  workflow: found.workflow,
  sendings: sendings.map((one) => ({
    deliveryId: one.delivery_id,
    stepIndex: one.step_index,
    channel: one.channel,
    queuedAt: new Date(one.queued_at),
    hasFailed: one.has_failed,
  })),
})

/** Written by `tellOfFactor` (totp-events.ts). */
function factorFacts({ business_id, at, data }: FoundClaimed, kind: string): FactorFacts {
  const { live, application_id, identity, factor_id, factor_name, challenge_id } = data as unknown as FactorEventData
  return {
    about: 'factor',
    kind,
    at,
    businessId: business_id,
    applicationId: application_id,
    live,
    identity,
    factorId: factor_id,
    factorName: factor_name,
    ...(challenge_id !== undefined && { challengeId: challenge_id }),
  }
}

/** All that is told of an authenticator app, because it may be gone by then. */
export interface FactorEventData {
  readonly live: boolean
  readonly application_id: string
  readonly identity: string
  readonly factor_id: string
  readonly factor_name: string
  readonly challenge_id?: string
}
