import { sql } from 'kysely'
import type { Database } from './database.ts'

export interface StoredEvent {
  /** Where to resume: `transaction-sequence`. */
  readonly cursor: string
  readonly verificationId: string
  readonly deliveryId?: string
  readonly kind: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly at: Date
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
  async after(businessId: string, live: boolean, cursor: string, limit: number): Promise<StoredEvent[]> {
    const [transaction, sequence] = cursor.split('-')
    return this.#database.asBusiness(businessId, async (trx) => {
      const { rows } = await sql<FoundEvent>`
        select e.transaction::text, e.sequence::text, e.verification_id, e.delivery_id, e.kind, e.data, e.at
        from event e
        join verification v on v.business_id = e.business_id and v.id = e.verification_id and v.live = ${live}
        where e.business_id = ${businessId}
          and (e.transaction, e.sequence) > (${transaction}::xid8, ${sequence}::bigint)
          and e.transaction < pg_snapshot_xmin(pg_current_snapshot())
        order by e.transaction, e.sequence limit ${limit}`.execute(trx)
      return rows.map(readEvent)
    })
  }

  /** The cursor from which only what is still to come will be seen. */
  async latestCursor(businessId: string): Promise<string> {
    return this.#database.asBusiness(businessId, async (trx) => {
      const { rows } = await sql<{ xmin: string }>`
        select (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)::text as xmin`.execute(trx)
      return `${rows[0]?.xmin ?? '0'}-9223372036854775807`
    })
  }
}

const readEvent = (found: FoundEvent): StoredEvent => ({
  cursor: `${found.transaction}-${found.sequence}`,
  verificationId: found.verification_id,
  ...(found.delivery_id !== null && { deliveryId: found.delivery_id }),
  kind: found.kind,
  ...(found.data && { data: found.data }),
  at: found.at,
})
