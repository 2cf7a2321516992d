import { sql } from 'kysely'
import type { FactorFacts, VerificationCourse, VerificationFacts, WebhookNews } from '#webhooks/core/facts.ts'
import type { WebhookFormat, WebhookPart, WebhookVersion } from '#webhooks/core/format.ts'
import type { TenantTransaction } from '#platform/database/database.ts'
import type { WebhookTables } from './tables.ts'

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
  subject_kind: string
  subject_id: string
  kind: string | null
  at: Date
  data: Record<string, string | undefined> | null
  part_id: string | null
  application_id: string
  live: boolean
  recipient: string | null
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
  trx: TenantTransaction<WebhookTables>,
  claimed: readonly { readonly business_id: string; readonly id: string }[],
): Promise<FoundClaimed[]> {
  const { rows } = await sql<FoundClaimed>`
    select d.business_id, d.id, d.endpoint_id, d.part, d.send_count, d.subject_kind, d.subject_id, w.url, w.format, w.version,
      w.secrets_sealed, w.previous_secret_until, told.*, course.sendings
    from unnest(${claimed.map((one) => one.business_id)}::uuid[], ${claimed.map((one) => one.id)}::uuid[]) as c (business_id, id)
    join webhook_delivery d on d.business_id = c.business_id and d.id = c.id
    join webhook_endpoint w on w.business_id = d.business_id and w.id = d.endpoint_id
    left join lateral (
      select e.kind, e.at, e.data, e.part_id, e.application_id, e.live, v.recipient, v.purpose,
        v.metadata ->> 'client_ref' as client_ref, v.created_at as started_at, v.workflow
      from event e
      left join verification v on e.subject_kind = 'verification' and v.business_id = e.business_id and v.id = e.subject_id
      where e.business_id = d.business_id and e.subject_id = d.subject_id and e.sequence = d.event_sequence
      limit 1
    ) as told on true
    left join lateral (
      select jsonb_agg(jsonb_build_object(
        'delivery_id', s.id, 'step_index', s.step_index, 'channel', s.channel, 'queued_at', s.queued_at,
        -- What failed since is no part of what the event told, or the webhook would not be the same each time.
        'has_failed', exists (
          select from event f
          where f.business_id = s.business_id and f.subject_id = s.verification_id
            and f.part_id = s.id and f.kind = 'delivery.failed' and f.sequence <= d.event_sequence)
      ) order by s.id) as sendings
      from delivery s
      where w.format = 'vonage' and s.business_id = d.business_id and s.verification_id = d.subject_id
    ) as course on true`.execute(trx)
  return rows
}

/** Undefined: the event is no longer kept. */
export function newsOf(found: FoundClaimed): WebhookNews | undefined {
  const { kind, part, recipient } = found
  if (kind === null) return undefined
  if (found.subject_kind === 'factor') return { facts: factorFacts(found, kind), part }
  return recipient === null ? undefined : { facts: verificationFacts(found, kind, recipient), part }
}

function verificationFacts(found: FoundClaimed, kind: string, recipient: string): VerificationFacts {
  const { channel, reason, provider_code: providerCode } = found.data ?? {}
  return {
    about: 'verification',
    kind,
    at: found.at,
    businessId: found.business_id,
    verificationId: found.subject_id,
    applicationId: found.application_id,
    live: found.live,
    recipient,
    purpose: found.purpose,
    ...(found.part_id !== null && { deliveryId: found.part_id }),
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
function factorFacts(found: FoundClaimed, kind: string): FactorFacts {
  const { identity, factor_name: factorName } = found.data as { identity: string; factor_name: string }
  return {
    about: 'factor',
    kind,
    at: found.at,
    businessId: found.business_id,
    applicationId: found.application_id,
    live: found.live,
    identity,
    factorId: found.subject_id,
    factorName,
    ...(found.part_id !== null && { challengeId: found.part_id }),
  }
}
