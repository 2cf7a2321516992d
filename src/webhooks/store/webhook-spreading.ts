import { sql } from 'kysely'
import type { TenantTransaction } from '#platform/database/database.ts'
import { uuidv7Of } from '#platform/database/uuidv7.ts'
import { isWanted } from '#webhooks/core/event-kinds.ts'
import type { WebhookFormats } from '#webhooks/core/format.ts'
import type { WebhookTables } from './tables.ts'

/** Endpoints and events of one spreading; short, because it holds the endpoints' rows. */
const endpointSetMax = 20
const eventSetMax = 200
/** Deliveries of one endpoint that wait to be taken. */
export const pendingMax = 10_000

interface Spreading {
  business_id: string
  id: string
  live: boolean
  format: string
  application_id: string | null
  events: string[]
  seen_position: string
  seen_sequence: string
}

interface SpreadEvent {
  endpoint_id: string
  log_position: string
  sequence: string
  subject_kind: string
  subject_id: string
  kind: string
  reason: string | null
  live: boolean
  application_id: string | null
  recorded_ms: string
}

/** One webhook to come of an event. */
interface Wanted {
  readonly endpoint: Spreading
  readonly event: SpreadEvent
  readonly part: string
}

/** A set of the events that are new to endpoints becomes deliveries, and the endpoints' cursors move past them. */
export async function spreadEvents(
  trx: TenantTransaction<WebhookTables>,
  formats: WebhookFormats,
  now: Date,
): Promise<boolean> {
  const endpoints = await lockBehind(trx, formats)
  if (endpoints.length === 0) return false
  const events = await readNew(trx, endpoints)
  const byEndpoint = Map.groupBy(events, (event) => event.endpoint_id)
  await insertDeliveries(
    trx,
    endpoints.flatMap((endpoint) =>
      (byEndpoint.get(endpoint.id) ?? []).flatMap((event) => wantedBy(formats, endpoint, event)),
    ),
    now,
  )
  for (const { business_id, id } of endpoints) {
    const last = byEndpoint.get(id)?.at(-1)
    if (!last) continue
    await sql`update webhook_endpoint
      set seen_position = ${last.log_position}::bigint, seen_sequence = ${last.sequence}::bigint
      where business_id = ${business_id} and id = ${id}`.execute(trx)
  }
  return true
}

function wantedBy(formats: WebhookFormats, endpoint: Spreading, event: SpreadEvent): Wanted[] {
  const isOfAnother = endpoint.application_id !== null && endpoint.application_id !== event.application_id
  if (event.live !== endpoint.live || isOfAnother || !isWanted(endpoint.events, event.kind)) return []
  const parts = formats.get(endpoint.format)?.partsOf(event.kind, event.reason ?? undefined) ?? []
  return parts.map((part) => ({ endpoint, event, part }))
}

/**
 * Endpoints with an event after their cursor: the one that each business has waited with longest before the second of
 * any, so that nobody's flood of events holds up another's. By a look for one each, so that no plan reads all events for
 * it. Whose pending deliveries are as many as one may have waits with the cursor where it is: the log keeps the events.
 */
async function lockBehind(trx: TenantTransaction<WebhookTables>, formats: WebhookFormats): Promise<Spreading[]> {
  const { rows } = await sql<Spreading>`
    with behind as (
      select w.business_id, w.id, row_number() over (partition by w.business_id order by w.seen_position, w.id) as turn
      from webhook_endpoint w
      cross join lateral (
        select from event e
        where e.business_id = w.business_id and (e.log_position, e.sequence) > (w.seen_position, w.seen_sequence)
          and e.log_position < log_horizon()
        order by e.log_position, e.sequence limit 1
      ) as news
      where w.disabled_at is null and w.format = any(${[...formats.keys()]}::text[])
        and not exists (
          select from webhook_delivery d where d.endpoint_id = w.id and d.due_at is not null
          order by d.due_at offset ${pendingMax} limit 1)
    ), chosen as (
      select business_id, id from behind order by turn, random() limit ${endpointSetMax}
    )
    select w.business_id, w.id, w.live, w.format, w.application_id, w.events, w.seen_position::text, w.seen_sequence::text
    from webhook_endpoint w
    join chosen on chosen.business_id = w.business_id and chosen.id = w.id
    where w.disabled_at is null
    for update of w skip locked`.execute(trx)
  return rows
}

async function readNew(trx: TenantTransaction<WebhookTables>, endpoints: readonly Spreading[]): Promise<SpreadEvent[]> {
  const { rows } = await sql<SpreadEvent>`
    select w.id as endpoint_id, e.log_position::text, e.sequence::text, e.subject_kind, e.subject_id, e.kind,
      e.reason, e.live, e.application_id, e.recorded_ms::text
    from unnest(
      ${endpoints.map((one) => one.business_id)}::uuid[], ${endpoints.map((one) => one.id)}::uuid[],
      ${endpoints.map((one) => one.seen_position)}::bigint[], ${endpoints.map((one) => one.seen_sequence)}::bigint[]
    ) as w (business_id, id, seen_position, seen_sequence)
    cross join lateral (
      select e.log_position, e.sequence, e.subject_kind, e.subject_id, e.kind, e.data ->> 'reason' as reason, e.live,
        e.application_id, floor(extract(epoch from e.recorded_at) * 1000)::bigint as recorded_ms
      from event e
      where e.business_id = w.business_id
        and (e.log_position, e.sequence) > (w.seen_position, w.seen_sequence)
        and e.log_position < log_horizon()
      order by e.log_position, e.sequence limit ${eventSetMax}
    ) as e
    order by e.log_position, e.sequence`.execute(trx)
  return rows
}

/** A second delivery of an event to an endpoint would have the same id. It is as old as the event, and goes with it. */
const idOf = ({ endpoint, event, part }: Wanted): string =>
  uuidv7Of(Number(event.recorded_ms), [endpoint.id, event.subject_id, event.sequence, part].join(' '))

/** Where there is a delivery of the event already, this is a replay: it is sent now, also when it waited for a later time. */
async function insertDeliveries(
  trx: TenantTransaction<WebhookTables>,
  wanted: readonly Wanted[],
  now: Date,
): Promise<void> {
  if (wanted.length === 0) return
  await sql`
    insert into webhook_delivery (
      business_id, id, endpoint_id, subject_kind, subject_id, event_sequence, part, status, due_at, created_at)
    select *, 'pending', ${now}::timestamptz, ${now}::timestamptz from unnest(
      ${wanted.map(({ endpoint }) => endpoint.business_id)}::uuid[],
      ${wanted.map(idOf)}::uuid[],
      ${wanted.map(({ endpoint }) => endpoint.id)}::uuid[],
      ${wanted.map(({ event }) => event.subject_kind)}::text[],
      ${wanted.map(({ event }) => event.subject_id)}::uuid[],
      ${wanted.map(({ event }) => event.sequence)}::bigint[],
      ${wanted.map(({ part }) => part)}::text[])
    on conflict (business_id, id) do update
    set status = 'pending', due_at = ${now}::timestamptz, settled_at = null,
      send_count = case when webhook_delivery.status = 'pending' then webhook_delivery.send_count else 0 end`.execute(
    trx,
  )
}
