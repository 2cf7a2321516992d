import { sql } from 'kysely'
import type { IdentityTold } from '#messaging/core/news.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { Database } from '#platform/database/database.ts'
import { personOf } from '#platform/core/person.ts'
import type { MessagingTables } from './tables.ts'

/**
 * The accounts that senders send to, where they send to no other. Each is its business's whose message told it: of a sender
 * that several share none knows, or stands in the way of, another's person.
 */
export class IdentityKeyStore {
  readonly #database: Database<MessagingTables>

  constructor(database: Database) {
    this.#database = database.of<MessagingTables>()
  }

  /** Undefined: nobody has told yet. */
  async find(businessId: string, sender: Sender, phone: string): Promise<string | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('identity_key')
        .select('key_hash')
        .where('business_id', '=', businessId)
        .where('sender_id', '=', sender.id)
        .where('person', '=', personOf(phone))
        .executeTakeFirst(),
    )
    return found?.key_hash
  }

  /**
   * The first one stays: taking another without asking would send the next code to whoever has taken the number over.
   * That there is another is told once.
   */
  async keep(businessId: string, sender: Sender, told: readonly IdentityTold[]): Promise<void> {
    const { id, live, channel } = sender
    const newest = new Map(told.map((one) => [personOf(one.phone), one]))
    const rows = [...newest.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1))
    await this.#database.asBusiness(businessId, async (trx) => {
      const { rows: changed } = await sql<{ person: string; changed_at: Date }>`
        insert into identity_key as k (business_id, sender_id, person, key_hash, told_at)
        select ${businessId}, ${id}, i.person, i.key_hash, i.at
        from unnest(
          ${rows.map(([person]) => person)}::text[], ${rows.map(([, one]) => one.keyHash)}::text[],
          ${rows.map(([, one]) => one.at)}::timestamptz[]) as i (person, key_hash, at)
        on conflict (business_id, sender_id, person) do update set changed_at = excluded.told_at
        where k.key_hash <> excluded.key_hash and k.changed_at is null and k.told_at < excluded.told_at
        returning k.person, k.changed_at`.execute(trx)
      for (const { person, changed_at: at } of changed) {
        // A row that was just made has not changed.
        if (at === null) continue
        const data = JSON.stringify({ channel, contact: newest.get(person)?.phone })
        await sql`
          insert into event (business_id, live, subject_kind, subject_id, kind, data, at)
          values (${businessId}, ${live}, 'sender', ${id}, 'sender.identity_changed', ${data}::jsonb, ${at})`.execute(
          trx,
        )
      }
    })
  }

  /** The business knows by other means that it is the same person: what is told next is kept anew. */
  async forget(businessId: string, sender: Sender, phone: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .deleteFrom('identity_key')
        .where('business_id', '=', businessId)
        .where('sender_id', '=', sender.id)
        .where('person', '=', personOf(phone))
        .executeTakeFirst(),
    )
    return numDeletedRows > 0n
  }
}
