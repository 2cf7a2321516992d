import { sql } from 'kysely'
import type {
  WebhookDelivery,
  WebhookDeliveryFilter,
  WebhookEndpointOwner,
  WebhookProgress,
  WebhookStatus,
} from '#webhooks/core/endpoint.ts'
import type { Database } from '#platform/database/database.ts'
import { firstSince } from '#platform/events/first-since.ts'
import type { WebhookTables } from './tables.ts'

/** What is under way is due again when its lease ends (flows/deliver-webhooks.ts), within this time. */
const leaseLongestMs = 20_000

/** What was sent to an endpoint, and sending it again. The endpoint has been found to be the caller's by then. */
export class WebhookDeliveryStore {
  readonly #database: Database<WebhookTables>

  constructor(database: Database) {
    this.#database = database.of<WebhookTables>()
  }

  /** Newest first. */
  async list(
    { businessId }: WebhookEndpointOwner,
    endpointId: string,
    { id, status, before, limit }: WebhookDeliveryFilter,
  ): Promise<WebhookDelivery[]> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('webhook_delivery as d')
        .leftJoin('event as e', (join) =>
          join
            .onRef('e.business_id', '=', 'd.business_id')
            .onRef('e.subject_id', '=', 'd.subject_id')
            .onRef('e.sequence', '=', 'd.event_sequence'),
        )
        .selectAll('d')
        .select('e.kind')
        .where('d.business_id', '=', businessId)
        .where('d.endpoint_id', '=', endpointId)
        .$if(id !== undefined, (query) => query.where('d.id', '=', id as string))
        .$if(status !== undefined, (query) => query.where('d.status', '=', status as string))
        .$if(before !== undefined, (query) => query.where('d.id', '<', before as string))
        .orderBy('d.id', 'desc')
        .limit(limit)
        .execute(),
    )
    return found.map((one) => ({
      id: one.id,
      ...(one.kind !== null && { kind: one.kind }),
      subjectKind: one.subject_kind,
      subjectId: one.subject_id,
      part: one.part,
      status: one.status as WebhookStatus,
      sendCount: one.send_count,
      ...(one.due_at && { dueAt: one.due_at }),
      ...(one.response_status !== null && { responseStatus: one.response_status }),
      ...(one.problem !== null && { problem: one.problem }),
      createdAt: one.created_at,
      ...(one.sent_at && { sentAt: one.sent_at }),
      ...(one.settled_at && { settledAt: one.settled_at }),
    }))
  }

  /** One delivery at once, whatever became of it; false when it is none of this endpoint. */
  async replay({ businessId }: WebhookEndpointOwner, endpointId: string, id: string, now: Date): Promise<boolean> {
    const { numAffectedRows = 0n } = await this.#database.asBusiness(businessId, (trx) =>
      sql`update webhook_delivery
        set send_count = case when status = 'pending' then send_count else 0 end, status = 'pending',
          due_at = ${now}, settled_at = null
        where business_id = ${businessId} and endpoint_id = ${endpointId} and id = ${id}`.execute(trx),
    )
    return numAffectedRows > 0n
  }

  /**
   * Everything from a time on, by setting the endpoint's cursor back: it is spread again set by set, and what was
   * settled is sent again under its old id. False: nothing has happened since.
   */
  async replaySince({ businessId }: WebhookEndpointOwner, endpointId: string, since: Date): Promise<boolean> {
    return this.#database.asBusiness(businessId, async (trx) => {
      const first = await firstSince(trx, businessId, since)
      if (!first) return false
      await sql`update webhook_endpoint
        set seen_position = ${first.position}::bigint, seen_sequence = ${first.sequence}::bigint - 1
        where business_id = ${businessId} and id = ${endpointId}
          and (seen_position, seen_sequence) >= (${first.position}::bigint, ${first.sequence}::bigint)`.execute(trx)
      return true
    })
  }

  /**
   * Counted in two looks, by the index of what is due and by that of what is settled: an endpoint may have millions of
   * deliveries that are neither. What waits for a later time than a lease lasts is none of a replay's.
   */
  async progress(
    { businessId }: WebhookEndpointOwner,
    endpointId: string,
    since: Date,
    now: Date,
  ): Promise<WebhookProgress> {
    const dueBy = new Date(now.getTime() + leaseLongestMs)
    return this.#database.asBusiness(businessId, async (trx) => {
      const { rows } = await sql<Record<'waiting' | 'retrying' | 'delivered' | 'failed', number> & { behind: boolean }>`
        select pending.waiting, pending.retrying, settled.delivered, settled.failed,
          w.disabled_at is null and exists (
            select from event e
            where e.business_id = w.business_id and (e.log_position, e.sequence) > (w.seen_position, w.seen_sequence)
            order by e.log_position, e.sequence limit 1
          ) as behind
        from webhook_endpoint w
        cross join lateral (
          select count(*) filter (where (d.sent_at >= ${since}) is not true and d.due_at <= ${dueBy})::int as waiting,
            count(*) filter (where d.sent_at >= ${since})::int as retrying
          from webhook_delivery d
          where d.business_id = w.business_id and d.endpoint_id = w.id and d.due_at is not null
        ) as pending
        cross join lateral (
          select count(*) filter (where d.status = 'delivered')::int as delivered,
            count(*) filter (where d.status = 'failed')::int as failed
          from webhook_delivery d
          where d.business_id = w.business_id and d.endpoint_id = w.id and d.settled_at >= ${since}
        ) as settled
        where w.business_id = ${businessId} and w.id = ${endpointId}`.execute(trx)
      const [{ behind, ...counts } = { waiting: 0, retrying: 0, delivered: 0, failed: 0, behind: false }] = rows
      return { ...counts, isCaughtUp: !behind }
    })
  }
}
