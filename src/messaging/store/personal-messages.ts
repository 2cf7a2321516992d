import { sql } from 'kysely'
import { messagingIds } from '#messaging/core/ids.ts'
import { spellId } from '#platform/core/id.ts'
import type { Person } from '#platform/core/personal-data.ts'
import type { TenantTransaction } from '#platform/database/database.ts'
import type { PersonalData } from '#platform/module.ts'

interface Found {
  readonly id: string
  readonly live: boolean
  readonly direction: string
  readonly status: string
  readonly content: unknown
  readonly metadata: unknown
  readonly created_at: Date
}

/** Contacts that are known by this number, by itself or beside an id. */
const contactsOf = ({ businessId, modes, spelled }: Person) => sql`
  select a.contact_id from contact_address a
  where a.business_id = ${businessId} and a.live = any(${modes}::boolean[]) and a.kind = 'phone' and a.address = ${spelled ?? null}`

/** What is left says that something was said, by whom of the two, and what became of it. */
const emptied = sql`case m.content ->> 'kind'
  when 'inbound' then jsonb_build_object('kind', 'inbound', 'type', m.content -> 'type', 'text', '')
  when 'template' then m.content || '{"parameters": [], "payloads": []}'
  else '{"kind": "text", "text": ""}' end`

/** Messages of chats; with the last of them the person goes from the contacts, too. */
export const personalMessages: PersonalData = {
  name: 'messages',
  export: (database, person, after = '00000000-0000-0000-0000-000000000000', limit) =>
    database.asBusiness(person.businessId, async (trx) => {
      const { rows } = await sql<Found>`
        select m.id, m.live, m.direction, m.status, m.content, m.metadata, m.created_at
        from message m
        where m.business_id = ${person.businessId} and m.contact_id in (${contactsOf(person)})
          and m.id > ${after} and m.created_at <= ${person.before}
        order by m.id limit ${limit}`.execute(trx)
      return rows.map(({ id, created_at: at, ...found }) => ({
        id,
        item: { id: spellId(messagingIds.message, id), ...found, created_at: at.toISOString() },
      }))
    }),
  erase: ({ database, now }, person, limit) =>
    database.asBusiness(person.businessId, async (trx) => {
      const { rows } = await sql`
        update message m
        set content = ${emptied}, metadata = null, provider_message_id = null, erased_at = ${now()}
        where m.business_id = ${person.businessId} and m.id in (
          select e.id from message e
          where e.business_id = ${person.businessId} and e.contact_id in (${contactsOf(person)})
            and e.erased_at is null and e.created_at <= ${person.before}
          limit ${limit})
        returning 1`.execute(trx)
      if (rows.length < limit) await eraseContact(trx, person)
      return rows.length
    }),
  listPeople: (database, businessId) =>
    database.asBusiness(businessId, async (trx) => {
      const { rows } = await sql<{ address: string }>`
        select distinct address from contact_address where business_id = ${businessId} and kind = 'phone'`.execute(trx)
      return rows.map(({ address }) => address)
    }),
}

/** Who has written since is somebody whom the business speaks with again. */
async function eraseContact(trx: TenantTransaction, person: Person): Promise<void> {
  const { businessId, spelled, before } = person
  const gone = sql`
    select g.contact_id from (${contactsOf(person)}) as g
    where not exists (
      select from message m
      where m.business_id = ${businessId} and m.contact_id = g.contact_id and m.created_at > ${before})`
  await sql`
    update contact c set name = null, username = null
    where c.business_id = ${businessId} and c.id in (${gone})`.execute(trx)
  await sql`
    delete from contact_address a where a.business_id = ${businessId} and a.contact_id in (${gone})`.execute(trx)
  await sql`
    delete from identity_key where business_id = ${businessId} and person = ${spelled ?? null} and told_at <= ${before}`.execute(
    trx,
  )
}
