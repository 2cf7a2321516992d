import { sql } from 'kysely'
import type { Finding } from '#messaging/core/finding.ts'
import type { NoticeKind, SenderNotice } from '#messaging/core/notice.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { Database } from '#platform/database/database.ts'
import type { MessagingTables } from './tables.ts'

/** Of one sender; when a provider makes up new ones without end, the oldest go. */
const keptMax = 50

/** What was told about senders, the newest of each check. */
export class NoticeStore {
  readonly #database: Database<MessagingTables>

  constructor(database: Database) {
    this.#database = database.of<MessagingTables>()
  }

  /** With its event, unless it was told before, or something newer. */
  async keep(sender: Sender, notice: SenderNotice): Promise<void> {
    const { kind, check, state, detail, mend = null, at } = notice
    const { businessId, id, live, channel } = sender
    await this.#database.asBusiness(businessId, async (trx) => {
      const { rows } = await sql`
        insert into sender_notice as n (business_id, sender_id, "check", kind, state, detail, mend, at)
        values (${businessId}, ${id}, ${check}, ${kind}, ${state}, ${detail}, ${mend}, ${at})
        on conflict (business_id, sender_id, "check") do update
        set kind = excluded.kind, state = excluded.state, detail = excluded.detail, mend = excluded.mend, at = excluded.at
        where n.at < excluded.at or (n.at = excluded.at and n.detail <> excluded.detail)
        returning 1`.execute(trx)
      if (rows.length === 0) return
      await sql`
        delete from sender_notice where business_id = ${businessId} and sender_id = ${id} and "check" in (
          select "check" from sender_notice where business_id = ${businessId} and sender_id = ${id}
          order by at desc offset ${keptMax})`.execute(trx)
      const data = JSON.stringify({ channel, check, state, detail, ...(mend !== null && { mend }) })
      await sql`
        insert into event (business_id, live, subject_kind, subject_id, kind, data, at)
        values (${businessId}, ${live}, 'sender', ${id}, ${`sender.${kind}`}, ${data}::jsonb, ${at})`.execute(trx)
    })
  }

  /** The newest first, by the ids of senders. */
  async list(businessId: string): Promise<ReadonlyMap<string, readonly SenderNotice[]>> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx.selectFrom('sender_notice').selectAll().where('business_id', '=', businessId).orderBy('at', 'desc').execute(),
    )
    const bySender = new Map<string, SenderNotice[]>()
    for (const { sender_id: id, kind, check, state, detail, mend, at } of found) {
      const said = { check, state: state as Finding['state'], detail, ...(mend !== null && { mend }) }
      const own = bySender.get(id) ?? []
      bySender.set(id, [...own, { kind: kind as NoticeKind, ...said, at }])
    }
    return bySender
  }
}
