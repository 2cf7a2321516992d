import { sql } from 'kysely'
import type { TenantTransaction } from '#platform/database/database.ts'
import type { FormatSettings, LoggedEvent } from '#webhooks/core/format.ts'
import type { WebhookTables } from './tables.ts'

/** A delivery with its endpoint and, when it is still kept, its event. */
export interface FoundClaimed {
  business_id: string
  id: string
  endpoint_id: string
  part: string
  url: string
  format: string
  format_settings: FormatSettings | null
  secrets_sealed: Buffer
  previous_secret_until: Date | null
  send_count: number
  subject_kind: string
  subject_id: string
  event_sequence: string
  kind: string | null
  at: Date
  data: Record<string, unknown> | null
  part_id: string | null
  application_id: string | null
  live: boolean
}

export async function readClaimed(
  trx: TenantTransaction<WebhookTables>,
  claimed: readonly { readonly business_id: string; readonly id: string }[],
): Promise<FoundClaimed[]> {
  const { rows } = await sql<FoundClaimed>`
    select d.business_id, d.id, d.endpoint_id, d.part, d.send_count, d.subject_kind, d.subject_id,
      d.event_sequence::text, w.url, w.format, w.format_settings, w.secrets_sealed, w.previous_secret_until,
      e.kind, e.at, e.data, e.part_id, e.application_id, e.live
    from unnest(${claimed.map((one) => one.business_id)}::uuid[], ${claimed.map((one) => one.id)}::uuid[]) as c (business_id, id)
    join webhook_delivery d on d.business_id = c.business_id and d.id = c.id
    join webhook_endpoint w on w.business_id = d.business_id and w.id = d.endpoint_id
    left join event e on e.business_id = d.business_id and e.subject_id = d.subject_id and e.sequence = d.event_sequence`.execute(
    trx,
  )
  return rows
}

/** Undefined: it is no longer kept. */
export function eventOf(found: FoundClaimed): LoggedEvent | undefined {
  if (found.kind === null) return undefined
  return {
    businessId: found.business_id,
    live: found.live,
    ...(found.application_id !== null && { applicationId: found.application_id }),
    subjectKind: found.subject_kind,
    subjectId: found.subject_id,
    ...(found.part_id !== null && { partId: found.part_id }),
    sequence: found.event_sequence,
    kind: found.kind,
    data: found.data ?? {},
    at: found.at,
  }
}
