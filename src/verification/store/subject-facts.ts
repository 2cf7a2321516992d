import { sql } from 'kysely'
import type { ReadFacts } from '#platform/core/event-subject.ts'
import type { Database } from '#platform/database/database.ts'

/** Facts that webhooks say of verifications besides their events. */
export const verificationFactsReader =
  (database: Database): ReadFacts =>
  (keys) =>
    database.asEngine(async (trx) => {
      const { rows } = await sql<{ id: string; recipient: string; purpose: string }>`
        select v.id, v.recipient, v.purpose
        from unnest(${keys.map(({ businessId }) => businessId)}::uuid[], ${keys.map(({ id }) => id)}::uuid[]) as k (business_id, id)
        join verification v on v.business_id = k.business_id and v.id = k.id`.execute(trx)
      return new Map(rows.map(({ id, recipient, purpose }) => [id, { to: recipient, purpose }]))
    })
