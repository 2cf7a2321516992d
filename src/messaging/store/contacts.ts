import { sql } from 'kysely'
import {
  type Address,
  addressesOf,
  addressKey,
  openAddressBook,
  type BookChanges,
} from '#messaging/core/address-book.ts'
import type { Contact, PersonChange, PersonTold } from '#messaging/core/contact.ts'
import type { TenantTransaction } from '#platform/database/database.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import type { MessagingTables } from './tables.ts'

type Transaction = TenantTransaction<MessagingTables>

/** The contacts of one business in one mode, and who tells of them: nobody when the business itself names a number. */
export interface ContactScope {
  readonly businessId: string
  readonly live: boolean
  readonly senderId: string | undefined
}

/** The contact of each person, found or made, in the transaction of what is kept of them. */
export const fileContacts = (
  trx: Transaction,
  scope: ContactScope,
  people: readonly PersonTold[],
  now: Date,
): Promise<string[]> => file(trx, scope, people, now, () => people)

/** What is told of people who are known already. Whoever was erased meanwhile is made anew by nothing of it. */
export async function fileKnownContacts(
  trx: Transaction,
  scope: ContactScope,
  people: readonly PersonTold[],
  now: Date,
): Promise<void> {
  await file(trx, scope, people, now, (known) => {
    const keys = new Set(known.map(addressKey))
    return people.filter((told) => addressesOf(told).some((address) => keys.has(addressKey(address))))
  })
}

async function file(
  trx: Transaction,
  scope: ContactScope,
  people: readonly PersonTold[],
  now: Date,
  choose: (known: readonly Address[]) => readonly PersonTold[],
): Promise<string[]> {
  const turn = async (isLocked: boolean): Promise<string[] | undefined> => {
    const known = await readAddresses(trx, scope, people)
    const chosen = choose(known)
    const book = openAddressBook(known)
    const ids = chosen.map((told) => book.file(told, scope.senderId, uuidv7(now.getTime())))
    const changes = book.changes()
    if (hasChanges(changes)) {
      // Whoever else makes or joins contacts of this business waits; what was read before that may be old by now.
      if (!isLocked) return undefined
      await write(trx, scope, changes, now)
    }
    // One that was joined to another in between is gone.
    else if (!(await areThere(trx, scope, ids))) return undefined
    await callByName(trx, scope, ids, chosen)
    return ids
  }
  const ids = await turn(false)
  if (ids) return ids
  await lockContacts(trx, scope)
  return (await turn(true)) ?? []
}

/** Somebody is known by another number or id from now on. */
export async function renameContact(
  trx: Transaction,
  scope: ContactScope & { readonly senderId: string },
  change: PersonChange,
  now: Date,
): Promise<void> {
  await lockContacts(trx, scope)
  const known = await readAddresses(trx, scope, [change.before, change.after])
  const createdAt = await readCreation(trx, scope, known)
  const book = openAddressBook(known)
  // The provider tells whole seconds.
  const isNewer = (id: string): boolean => (createdAt.get(id)?.getTime() ?? 0) >= change.at.getTime()
  book.rename(change, scope.senderId, isNewer)
  await write(trx, scope, book.changes(), now)
}

export async function findContact(
  trx: Transaction,
  scope: ContactScope,
  told: PersonTold,
): Promise<string | undefined> {
  const [found] = await readAddresses(trx, scope, [told])
  return found?.contactId
}

/** SQL that makes the `Contact` of a row with business_id and, in this column, the id of the contact, as JSON. */
export const contactJson = (row: string, column = 'contact_id') =>
  sql<ContactRow>`(
    select json_build_object('id', c.id, 'name', c.name, 'username', c.username, 'addresses', (
      select coalesce(json_agg(json_build_object('kind', a.kind, 'spelled', a.spelled, 'sender_id', a.sender_id)
        order by a.told_at desc), '[]')
      from contact_address a where a.business_id = c.business_id and a.contact_id = c.id))
    from contact c
    where c.business_id = ${sql.ref(`${row}.business_id`)} and c.id = ${sql.ref(`${row}.${column}`)})`

export interface ContactRow {
  id: string
  name: string | null
  username: string | null
  addresses: { kind: Address['kind']; spelled: string; sender_id: string | null }[]
}

export function readContact({ id, name, username, addresses }: ContactRow): Contact {
  const phone = addresses.find(({ kind }) => kind === 'phone')?.spelled
  return {
    id,
    ...(phone !== undefined && { phone }),
    userIds: addresses
      .filter(({ kind }) => kind === 'whatsapp')
      .map((one) => ({ userId: one.spelled, ...(one.sender_id !== null && { senderId: one.sender_id }) })),
    ...(name !== null && { name }),
    ...(username !== null && { username }),
  }
}

/** Every address of every contact that one of these people could be. */
async function readAddresses(
  trx: Transaction,
  { businessId, live }: ContactScope,
  people: readonly PersonTold[],
): Promise<Address[]> {
  const wanted = people.flatMap(addressesOf)
  const { rows } = await sql<{
    kind: Address['kind']
    address: string
    spelled: string
    contact_id: string
    sender_id: string | null
  }>`
    select a.kind, a.address, a.spelled, a.contact_id, a.sender_id
    from contact_address a
    where a.business_id = ${businessId} and a.contact_id in (
      select f.contact_id
      from unnest(${wanted.map(({ kind }) => kind)}::text[], ${wanted.map(({ address }) => address)}::text[])
        as i (kind, address)
      join contact_address f
        on f.business_id = ${businessId} and f.live = ${live} and f.kind = i.kind and f.address = i.address)`.execute(
    trx,
  )
  return rows.map(({ contact_id: contactId, sender_id: senderId, ...address }) => ({
    ...address,
    contactId,
    ...(senderId !== null && { senderId }),
  }))
}

async function readCreation(
  trx: Transaction,
  { businessId }: ContactScope,
  known: readonly Address[],
): Promise<ReadonlyMap<string, Date>> {
  const { rows } = await sql<{ id: string; created_at: Date }>`
    select id, created_at from contact
    where business_id = ${businessId} and id = any(${known.map((one) => one.contactId)}::uuid[])`.execute(trx)
  return new Map(rows.map((one) => [one.id, one.created_at]))
}

/** Holds them: nobody joins one to another before this transaction is over. */
async function areThere(trx: Transaction, { businessId }: ContactScope, ids: readonly string[]): Promise<boolean> {
  const wanted = [...new Set(ids)]
  const { rows } = await sql`
    select from contact where business_id = ${businessId} and id = any(${wanted}::uuid[])
    order by id for key share`.execute(trx)
  return rows.length === wanted.length
}

/** Whoever makes, joins, renames or erases contacts of a business asks for this before any row: they wait in no circle. */
export async function lockContacts(
  trx: Pick<Transaction, 'getExecutor'>,
  { businessId }: Pick<ContactScope, 'businessId'>,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('contacts ' || ${businessId}, 0))`.execute(trx)
}

const hasChanges = ({ created, joined, removed, set }: BookChanges): boolean =>
  created.length + joined.length + removed.length + set.length > 0

async function write(
  trx: Transaction,
  { businessId, live }: ContactScope,
  { created, joined, removed, set }: BookChanges,
  now: Date,
): Promise<void> {
  if (created.length > 0)
    await sql`
      insert into contact (business_id, id, live, created_at)
      select ${businessId}, id, ${live}, ${now} from unnest(${created}::uuid[]) as id`.execute(trx)
  const gone = joined.map((one) => one.gone)
  if (removed.length > 0)
    await sql`
      delete from contact_address a
      using unnest(${removed.map(({ kind }) => kind)}::text[], ${removed.map(({ address }) => address)}::text[])
        as i (kind, address)
      where a.business_id = ${businessId} and a.live = ${live} and a.kind = i.kind and a.address = i.address`.execute(
      trx,
    )
  if (set.length > 0)
    await sql`
      insert into contact_address (business_id, live, kind, address, spelled, contact_id, sender_id, told_at)
      select ${businessId}, ${live}, i.kind, i.address, i.spelled, i.contact_id, i.sender_id, ${now}
      from unnest(
        ${set.map(({ kind }) => kind)}::text[], ${set.map(({ address }) => address)}::text[],
        ${set.map(({ spelled }) => spelled)}::text[], ${set.map(({ contactId }) => contactId)}::uuid[],
        ${set.map(({ senderId }) => senderId ?? null)}::uuid[]
      ) as i (kind, address, spelled, contact_id, sender_id)
      on conflict (business_id, live, kind, address) do update
      set spelled = excluded.spelled, contact_id = excluded.contact_id,
        sender_id = coalesce(excluded.sender_id, contact_address.sender_id), told_at = excluded.told_at`.execute(trx)
  if (gone.length === 0) return
  // Who files under them holds them; once they are gone, nothing new can be filed.
  await sql`delete from contact where business_id = ${businessId} and id = any(${gone}::uuid[])`.execute(trx)
  // By key, as receipts take them.
  await sql`
    select from message where business_id = ${businessId} and contact_id = any(${gone}::uuid[])
    order by id for no key update`.execute(trx)
  for (const { gone: from, kept } of joined)
    await sql`
      update message set contact_id = ${kept} where business_id = ${businessId} and contact_id = ${from}`.execute(trx)
}

/** As they call themselves now. */
async function callByName(
  trx: Transaction,
  { businessId }: ContactScope,
  ids: readonly string[],
  people: readonly PersonTold[],
): Promise<void> {
  // Of several names in one set the last counts.
  const named = new Map(people.flatMap((told, index) => (hasName(told) ? [[ids[index] as string, told] as const] : [])))
  if (named.size === 0) return
  const told = [...named.values()]
  await sql`
    select from contact where business_id = ${businessId} and id = any(${[...named.keys()]}::uuid[])
    order by id for no key update`.execute(trx)
  await sql`
    update contact c
    set name = coalesce(i.name, c.name), username = coalesce(i.username, c.username)
    from unnest(
      ${[...named.keys()]}::uuid[], ${told.map(({ name }) => name ?? null)}::text[],
      ${told.map(({ username }) => username ?? null)}::text[]
    ) as i (id, name, username)
    where c.business_id = ${businessId} and c.id = i.id
      and (coalesce(i.name, c.name), coalesce(i.username, c.username)) is distinct from (c.name, c.username)`.execute(
    trx,
  )
}

const hasName = ({ name, username }: PersonTold): boolean => name !== undefined || username !== undefined
