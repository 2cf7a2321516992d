import { sql } from 'kysely'
import { messagingIds } from '#messaging/core/ids.ts'
import { spellId } from '#platform/core/id.ts'
import { personOf } from '#platform/core/person.ts'
import type { Person } from '#platform/core/personal-data.ts'
import type { TenantTransaction } from '#platform/database/database.ts'
import { scrubEvents } from '#platform/events/scrub-events.ts'
import type { PersonalData } from '#platform/module.ts'
import { lockContacts } from './contacts.ts'
import type { MessagingTables } from './tables.ts'

interface Found {
  readonly id: string
  readonly live: boolean
  readonly direction: string
  readonly content: unknown
  readonly status: string
  readonly metadata: unknown
  readonly created_at: Date
  readonly names: readonly unknown[]
}

/** What says nothing of the person in an event about a message. */
const keptOfEvents = ['channel', 'reason', 'provider_code']

/** Messages of chats, and the contact that a person is in them, with all of its addresses. */
export const personalMessages: PersonalData = {
  name: 'messages',
  export: (database, person, after = '00000000-0000-0000-0000-000000000000', limit) =>
    database.asBusiness(person.businessId, async (trx) => {
      const contacts = await findContacts(trx, person)
      const { rows } = await sql<Found>`
        select m.id, m.live, m.direction, m.content, m.status, m.metadata, m.created_at, (
          select jsonb_agg(jsonb_build_object('kind', a.kind, 'address', a.spelled, 'name', c.name, 'username', c.username))
          from contact_address a join contact c on c.business_id = a.business_id and c.id = a.contact_id
          where a.business_id = m.business_id and a.contact_id = m.contact_id
        ) as names
        from message m
        where m.business_id = ${person.businessId} and m.contact_id = any(${contacts}::uuid[])
          and m.id > ${after} and m.created_at <= ${person.before}
        order by m.id limit ${limit}`.execute(trx)
      return rows.map((found) => ({ id: found.id, item: represent(found) }))
    }),
  async erase({ database }, person, limit) {
    const senders = await database.asEngine((trx) => listSenders(trx, person))
    return database.of<MessagingTables>().asBusiness(person.businessId, async (trx) => {
      await lockContacts(trx, person)
      const contacts = await findContacts(trx, person)
      const erased = await eraseMessages(trx, person, contacts, limit)
      if (erased < limit) {
        await eraseIdentity(trx, person, senders)
        await eraseContacts(trx, person, contacts)
      }
      return erased
    })
  },
  /** Those who have a number: nobody asks for the erasing of an id of WhatsApp. */
  listPeople: (database, businessId) =>
    database.asBusiness(businessId, async (trx) => {
      const { rows } = await sql<{ address: string }>`
        select distinct a.address from contact_address a
        where a.business_id = ${businessId} and a.kind = 'phone'`.execute(trx)
      return rows.map(({ address }) => address)
    }),
}

type Transaction = Pick<TenantTransaction, 'getExecutor'>

async function findContacts(trx: Transaction, { businessId, modes, spelled }: Person): Promise<readonly string[]> {
  if (spelled === undefined) return []
  const { rows } = await sql<{ contact_id: string }>`
    select distinct a.contact_id from contact_address a
    where a.business_id = ${businessId} and a.live = any(${modes}::boolean[])
      and a.kind = 'phone' and a.address = ${spelled}`.execute(trx)
  return rows.map((row) => row.contact_id)
}

/** A row stays for the counts; the key of a request stays too, or its repeat would send a second message. */
async function eraseMessages(
  trx: TenantTransaction<MessagingTables>,
  { businessId, before }: Person,
  contacts: readonly string[],
  limit: number,
): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    update message m
    set content = case m.direction
        when 'in' then '{"kind": "inbound", "type": "erased", "text": ""}'::jsonb
        else '{"kind": "text", "text": ""}' end,
      metadata = null, provider_message_id = 'erased ' || m.id
    from (
      select o.id from message o
      where o.business_id = ${businessId} and o.contact_id = any(${contacts}::uuid[]) and o.created_at <= ${before}
        and coalesce(o.provider_message_id, '') <> 'erased ' || o.id
      order by o.id limit ${limit} for update
    ) as o
    where m.business_id = ${businessId} and m.id = o.id
    returning m.id`.execute(trx)
  const ids = rows.map(({ id }) => id)
  await scrubEvents(trx, businessId, ids, keptOfEvents)
  return ids.length
}

/** By which a business may have sent: its own and the shared ones, also those that are disabled by now. */
async function listSenders(trx: Transaction, { businessId, modes }: Person): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from sender where (business_id = ${businessId} or shared) and live = any(${modes}::boolean[])`.execute(
    trx,
  )
  return rows.map(({ id }) => id)
}

/** What senders know of them, and events about a sender, which stay, that name them: the number in whatever spelling. */
async function eraseIdentity(
  trx: Transaction,
  { businessId, modes, spelled }: Person,
  senders: readonly string[],
): Promise<void> {
  if (spelled === undefined) return
  await sql`delete from identity_key where business_id = ${businessId} and person = ${spelled}
    and sender_id = any(${senders}::uuid[])`.execute(trx)
  const { rows } = await sql<{ contact: string }>`
    select distinct e.data ->> 'contact' as contact from event e
    where e.business_id = ${businessId} and e.live = any(${modes}::boolean[])
      and e.subject_id = any(${senders}::uuid[])
      and e.kind = 'sender.identity_changed' and e.data ? 'contact'`.execute(trx)
  const named = rows.map(({ contact }) => contact).filter((contact) => personOf(contact) === spelled)
  if (named.length === 0) return
  await sql`update event e set data = e.data - 'contact'
    where e.business_id = ${businessId} and e.live = any(${modes}::boolean[])
      and e.subject_id = any(${senders}::uuid[])
      and e.kind = 'sender.identity_changed' and e.data ->> 'contact' = any(${named}::text[])`.execute(trx)
}

/** Who has written or been written to since is somebody new, under the same address. */
async function eraseContacts(
  trx: Transaction,
  { businessId, before }: Person,
  contacts: readonly string[],
): Promise<void> {
  await sql`delete from contact_address a where a.business_id = ${businessId}
    and a.contact_id = any(${contacts}::uuid[]) and a.told_at <= ${before}`.execute(trx)
  await sql`select from contact where business_id = ${businessId} and id = any(${contacts}::uuid[])
    order by id for no key update`.execute(trx)
  await sql`update contact c set name = null, username = null
    where c.business_id = ${businessId} and c.id = any(${contacts}::uuid[])`.execute(trx)
}

const represent = ({ id, created_at: at, names, ...found }: Found) => ({
  id: spellId(messagingIds.message, id),
  live: found.live,
  direction: found.direction,
  contact: names,
  content: found.content,
  status: found.status,
  metadata: found.metadata,
  created_at: at.toISOString(),
})
