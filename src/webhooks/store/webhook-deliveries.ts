import { sql } from 'kysely'
import type {
  WebhookDelivery,
  WebhookDeliveryFilter,
  WebhookEndpointOwner,
  WebhookProgress,
  WebhookStatus,
} from '#webhooks/core/endpoint.ts'
import { isFactorKind } from '#webhooks/core/event-kinds.ts'
import type { WebhookPart } from '#webhooks/core/format.ts'
import type { Database } from '#platform/database/database.ts'

/** Verifications end within the hour, but receipts come late: a replay looks this far back for their events. */
const receiptsLatestMs = 24 * 3_600_000

/** What is under way is due again when its lease ends (flows/deliver-webhooks.ts), within this time. */
const leaseLongestMs = 20_000

/** What was sent to an endpoint, and sending it again. The endpoint has been found to be the caller's by then. */
export class WebhookDeliveryStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
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
            .onRef('e.verification_id', '=', 'd.verification_id')
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
      ...(!isFactorKind(one.kind ?? '') && { verificationId: one.verification_id }),
      part: one.part as WebhookPart,
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
      const from = firstIdOf(since.getTime() - receiptsLatestMs)
      // Found before they are put in order: a plan that followed the order would read every event before them.
      const { rows } = await sql<{ transaction: string; sequence: string }>`
        with later as materialized (
          select e.transaction, e.sequence from event e
          where e.business_id = ${businessId} and e.verification_id >= ${from}::uuid and e.at >= ${since}
        )
        select transaction::text, sequence::text from later order by later.transaction, later.sequence limit 1`.execute(
        trx,
      )
      const [first] = rows
      if (!first) return false
      await sql`update webhook_endpoint
        set seen_transaction = ${first.transaction}::xid8, seen_sequence = ${first.sequence}::bigint - 1
        where business_id = ${businessId} and id = ${endpointId}
          and (seen_transaction, seen_sequence) >= (${first.transaction}::xid8, ${first.sequence}::bigint)`.execute(trx)
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
            where e.business_id = w.business_id and (e.transaction, e.sequence) > (w.seen_transaction, w.seen_sequence)
            order by e.transaction, e.sequence limit 1
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

/** The lowest UUIDv7 of a time. */
function firstIdOf(ms: number): string {
  const time = Math.max(0, ms).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`
}
