import { sql } from 'kysely'
import { messagingIds } from '#messaging/core/ids.ts'
import type { ReadFacts } from '#platform/core/event-subject.ts'
import { spellId } from '#platform/core/id.ts'
import type { Database } from '#platform/database/database.ts'

/** What webhooks say of messages besides their events. */
export const messageFactsReader =
  (database: Database): ReadFacts =>
  (keys) =>
    database.asEngine(async (trx) => {
      const { rows } = await sql<{ id: string; direction: string; contact: string; sender_id: string }>`
        select m.id, m.direction, m.contact, m.sender_id
        from unnest(${keys.map(({ businessId }) => businessId)}::uuid[], ${keys.map(({ id }) => id)}::uuid[]) as k (business_id, id)
        join message m on m.business_id = k.business_id and m.id = k.id`.execute(trx)
      return new Map(
        rows.map(({ id, direction, contact, sender_id: senderId }) => [
          id,
          { direction, contact, sender_id: spellId(messagingIds.sender, senderId) },
        ]),
      )
    })
