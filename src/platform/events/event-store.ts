import { sql } from 'kysely'
import type { Database, TenantTransaction } from '#platform/database/database.ts'

export interface StoredEvent {
  /** Where to resume: `transaction-sequence`. */
  readonly cursor: string
  /** Of a kind `message.*` the id of the message. */
  readonly verificationId: string
  readonly deliveryId?: string
  readonly kind: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly at: Date
}

export interface EventPage {
  readonly events: readonly StoredEvent[]
  /** Where to go on. */
  readonly cursor: string
}

interface FoundEvent {
  transaction: string
  sequence: string
  verification_id: string
  delivery_id: string | null
  kind: string
  data: Record<string, unknown> | null
  at: Date
}

export class EventStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Everything that happened to one verification, in the order we learned of it: vendors' clocks are coarse. */
  async timeline(businessId: string, verificationId: string): Promise<StoredEvent[]> {
    return this.#database.asBusiness(businessId, async (trx) => {
      const { rows } = await sql<FoundEvent>`
        select transaction::text, sequence::text, verification_id, delivery_id, kind, data, at from event
        where business_id = ${businessId} and verification_id = ${verificationId}
        order by event.sequence limit 500`.execute(trx)
      return rows.map(readEvent)
    })
  }

  /**
   * Events after a cursor, each once and in order. An event becomes visible when every transaction before it has
   * ended: until then a lower one might still commit and be missed.
   */
  async after(businessId: string, live: boolean, cursor: string, limit: number): Promise<EventPage> {
    const [transaction, sequence] = cursor.split('-')
    return this.#database.asBusiness(businessId, async (trx) => {
      const seenUpTo = await latestCursor(trx)
      const { rows } = await sql<FoundEvent>`
        select e.transaction::text, e.sequence::text, e.verification_id, e.delivery_id, e.kind, e.data, e.at
        from event e
        left join lateral (
          select v.live from verification v where v.business_id = e.business_id and v.id = e.verification_id limit 1
        ) as v on true
        left join lateral (
          select m.live from message m where m.business_id = e.business_id and m.id = e.verification_id limit 1
        ) as m on e.kind like 'message.%'
        where e.business_id = ${businessId} and coalesce(v.live, m.live) = ${live}
          and (e.transaction, e.sequence) > (${transaction}::xid8, ${sequence}::bigint)
          and e.transaction < pg_snapshot_xmin(pg_current_snapshot())
        order by e.transaction, e.sequence limit ${limit}`.execute(trx)
      const events = rows.map(readEvent)
      const last = events.at(-1)?.cursor ?? cursor
      // The other mode's events need not be passed over again.
      return { events, cursor: events.length < limit ? laterOf(last, seenUpTo) : last }
    })
  }

  /** The cursor from which only what is still to come will be seen. */
  async latestCursor(businessId: string): Promise<string> {
    return this.#database.asBusiness(businessId, latestCursor)
  }
}

const transactionOf = (cursor: string): bigint => BigInt(cursor.split('-')[0] as string)
const laterOf = (a: string, b: string): string => (transactionOf(b) >= transactionOf(a) ? b : a)

/** Below the oldest transaction that still runs. Read before the events: those that end in between come next time. */
async function latestCursor(trx: TenantTransaction): Promise<string> {
  const { rows } = await sql<{ xmin: string }>`
    select (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)::text as xmin`.execute(trx)
  return `${rows[0]?.xmin ?? '0'}-9223372036854775807`
}

const readEvent = (found: FoundEvent): StoredEvent => ({
  cursor: `${found.transaction}-${found.sequence}`,
  verificationId: found.verification_id,
  ...(found.delivery_id !== null && { deliveryId: found.delivery_id }),
  kind: found.kind,
  ...(found.data && { data: found.data }),
  at: found.at,
})
