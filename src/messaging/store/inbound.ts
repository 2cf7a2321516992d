import { sql } from 'kysely'
import { addressesOf } from '#messaging/core/address-book.ts'
import type { InboundMessage } from '#messaging/core/chat.ts'
import type { PersonChange } from '#messaging/core/contact.ts'
import type { InboundContent } from '#messaging/core/message.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { TenantTransaction } from '#platform/database/database.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import { fileContacts } from './contacts.ts'
import { tellMessages } from './message-events.ts'
import type { MessagingTables } from './tables.ts'

type Transaction = TenantTransaction<MessagingTables>

/** As a set: every message of a POST in a few statements. One that is here already is passed over. */
export async function receiveMessages(
  trx: Transaction,
  sender: Sender,
  told: readonly InboundMessage[],
  now: Date,
): Promise<void> {
  const messages = await onlyNew(trx, sender, told)
  if (messages.length === 0) return
  const quoted = await findQuoted(trx, sender, messages)
  const owners = sender.shared ? await findOwners(trx, sender, messages) : new Map<number, string>()
  const filed = messages.map((message, n) => {
    const answered = message.quotes === undefined ? undefined : quoted.get(message.quotes)
    const businessId = sender.shared ? (answered?.businessId ?? owners.get(n) ?? sender.businessId) : sender.businessId
    return { message, answered, businessId, id: uuidv7(now.getTime()), contactId: '' }
  })
  // In one order, whoever else files for several of them.
  for (const businessId of [...new Set(filed.map((one) => one.businessId))].toSorted()) {
    const own = filed.filter((one) => one.businessId === businessId)
    const scope = { businessId, live: sender.live, senderId: sender.id }
    const people = own.map(({ message }) => message.from)
    const contactIds = await fileContacts(trx, scope, people, now)
    for (const [index, one] of own.entries()) one.contactId = contactIds[index] as string
  }
  await insert(trx, sender, filed, now)
}

interface Filed {
  readonly message: InboundMessage
  readonly answered: Quoted | undefined
  readonly businessId: string
  readonly id: string
  readonly contactId: string
}

/** Who writes is who it is filed under; it answers only what was said between the same two. */
async function insert(trx: Transaction, sender: Sender, filed: readonly Filed[], now: Date): Promise<void> {
  // In one order, whoever else is told the same at this moment.
  const rows = filed.toSorted((a, b) => (a.message.providerMessageId < b.message.providerMessageId ? -1 : 1))
  // Read again: filing may have joined the contact of what is quoted.
  const quoted = await findQuoted(
    trx,
    sender,
    filed.map(({ message }) => message),
  )
  const replyOf = ({ message, businessId, contactId }: Filed): string | null => {
    const answered = message.quotes === undefined ? undefined : quoted.get(message.quotes)
    return answered?.businessId === businessId && answered.contactId === contactId ? answered.id : null
  }
  const { rows: inserted } = await sql<{ id: string }>`
    insert into message (business_id, id, live, direction, sender_id, contact_id, content, status,
      provider_message_id, reply_to, created_at)
    select i.business_id, i.id, ${sender.live}, 'in', ${sender.id}, i.contact_id, i.content, 'received',
      i.provider_message_id, i.reply_to, ${now}
    from unnest(
      ${rows.map((one) => one.businessId)}::uuid[], ${rows.map((one) => one.id)}::uuid[],
      ${rows.map((one) => one.contactId)}::uuid[], ${rows.map((one) => JSON.stringify(contentOf(one.message)))}::jsonb[],
      ${rows.map((one) => one.message.providerMessageId)}::text[], ${rows.map(replyOf)}::uuid[]
    ) as i (business_id, id, contact_id, content, provider_message_id, reply_to)
    on conflict do nothing
    returning id`.execute(trx)
  const isNew = new Set(inserted.map(({ id }) => id))
  await tellMessages(
    trx,
    filed
      .filter(({ id }) => isNew.has(id))
      .map(({ businessId, id, message }) => ({
        businessId,
        id,
        live: sender.live,
        kind: 'message.received',
        data: {
          channel: sender.channel,
          message_type: message.type,
          ...(message.choice !== undefined && { choice: message.choice }),
        },
        at: message.at,
      })),
  )
}

const contentOf = ({ type, text, choice, group }: InboundMessage): InboundContent => ({
  kind: 'inbound',
  type,
  text,
  ...(choice !== undefined && { choice }),
  ...(group !== undefined && { group }),
})

/** Told a second time they change nothing, also not who is who: things may have changed again since. */
async function onlyNew(trx: Transaction, sender: Sender, told: readonly InboundMessage[]): Promise<InboundMessage[]> {
  const known = await knownInbound(
    trx,
    sender,
    told.map((one) => one.providerMessageId),
  )
  const seen = new Set(known)
  return told.filter(({ providerMessageId }) => {
    if (seen.has(providerMessageId)) return false
    seen.add(providerMessageId)
    return true
  })
}

async function knownInbound(trx: Transaction, sender: Sender, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select m.provider_message_id as id from message m
    where m.provider_message_id = any(${ids}::text[]) and m.sender_id = ${sender.id} and m.direction = 'in'`.execute(
    trx,
  )
  return rows.map(({ id }) => id)
}

interface Quoted {
  readonly businessId: string
  readonly id: string
  readonly contactId: string
}

async function findQuoted(
  trx: Transaction,
  sender: Sender,
  messages: readonly InboundMessage[],
): Promise<ReadonlyMap<string, Quoted>> {
  const quotes = messages.flatMap((one) => one.quotes ?? [])
  if (quotes.length === 0) return new Map()
  const { rows } = await sql<{ provider_message_id: string; business_id: string; id: string; contact_id: string }>`
    select m.provider_message_id, m.business_id, m.id, m.contact_id from message m
    where m.provider_message_id = any(${quotes}::text[]) and m.sender_id = ${sender.id}`.execute(trx)
  return new Map(
    rows.map((one) => [
      one.provider_message_id,
      { businessId: one.business_id, id: one.id, contactId: one.contact_id },
    ]),
  )
}

/** Of a sender that several businesses share: which of them spoke with each person last. */
async function findOwners(
  trx: Transaction,
  sender: Sender,
  messages: readonly InboundMessage[],
): Promise<Map<number, string>> {
  const wanted = messages.flatMap(({ from }, n) => addressesOf(from).map((one) => ({ ...one, n })))
  const { rows } = await sql<{ n: number; business_id: string }>`
    select distinct on (i.n) i.n, last.business_id
    from unnest(
      ${wanted.map(({ n }) => n)}::integer[], ${wanted.map(({ kind }) => kind)}::text[],
      ${wanted.map(({ address }) => address)}::text[]
    ) as i (n, kind, address)
    join contact_address a on a.kind = i.kind and a.address = i.address and a.live = ${sender.live}
    cross join lateral (
      select m.business_id, m.id from message m
      where m.business_id = a.business_id and m.contact_id = a.contact_id and m.sender_id = ${sender.id}
      order by m.id desc limit 1
    ) as last
    order by i.n, last.id desc`.execute(trx)
  return new Map(rows.map((one) => [one.n, one.business_id]))
}

/** The businesses whose contact changes; none when the message that says so is here already. */
export async function businessesOf(
  trx: Transaction,
  sender: Sender,
  { before, providerMessageId }: PersonChange,
): Promise<readonly string[]> {
  if ((await knownInbound(trx, sender, [providerMessageId])).length > 0) return []
  if (!sender.shared) return [sender.businessId]
  const wanted = addressesOf(before)
  const { rows } = await sql<{ business_id: string }>`
    select distinct a.business_id
    from unnest(${wanted.map(({ kind }) => kind)}::text[], ${wanted.map(({ address }) => address)}::text[])
      as i (kind, address)
    join contact_address a on a.kind = i.kind and a.address = i.address and a.live = ${sender.live}
    where exists (
      select from message m
      where m.business_id = a.business_id and m.contact_id = a.contact_id and m.sender_id = ${sender.id})
    order by 1`.execute(trx)
  return rows.map((one) => one.business_id)
}
