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
      const { rows } = await sql<{
        id: string
        direction: string
        contact: string | null
        contact_id: string
        sender_id: string
      }>`
        select m.id, m.direction, m.contact_id, m.sender_id, (
          select a.spelled from contact_address a
          where a.business_id = m.business_id and a.contact_id = m.contact_id and a.kind = 'phone') as contact
        from unnest(${keys.map(({ businessId }) => businessId)}::uuid[], ${keys.map(({ id }) => id)}::uuid[]) as k (business_id, id)
        join message m on m.business_id = k.business_id and m.id = k.id`.execute(trx)
      return new Map(
        rows.map(({ id, direction, contact, contact_id: contactId, sender_id: senderId }) => [
          id,
          {
            direction,
            contact,
            contact_id: spellId(messagingIds.contact, contactId),
            sender_id: spellId(messagingIds.sender, senderId),
          },
        ]),
      )
    })

/** What webhooks say of senders besides their events. */
export const senderFactsReader =
  (database: Database): ReadFacts =>
  (keys) =>
    database.asEngine(async (trx) => {
      const { rows } = await sql<{ id: string; provider: string; purpose: string }>`
        select s.id, s.provider, s.purpose
        from unnest(${keys.map(({ businessId }) => businessId)}::uuid[], ${keys.map(({ id }) => id)}::uuid[]) as k (business_id, id)
        join sender s on s.id = k.id and (s.business_id = k.business_id or s.shared)`.execute(trx)
      return new Map(rows.map(({ id, ...facts }) => [id, facts]))
    })
