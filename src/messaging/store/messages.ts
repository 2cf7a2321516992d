import { type Selectable, sql } from 'kysely'
import type { FailureReason } from '#messaging/core/failure.ts'
import type { ChatReceipt } from '#messaging/core/news.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { SendResult } from '#messaging/core/send.ts'
import type { InboundMessage } from '#messaging/core/chat.ts'
import type { Contact, PersonChange, PersonTold } from '#messaging/core/contact.ts'
import { deliveryRank, hasArrived } from '#messaging/core/receipt.ts'
import type { MessageFilter, MessageKey, MessageStatus, NewMessage, StoredMessage } from '#messaging/core/message.ts'
import type { Idempotency } from '#platform/core/idempotency.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { deliveryStatuses } from '#platform/core/delivery-status.ts'
import type { Database, TenantTransaction } from '#platform/database/database.ts'
import {
  type ContactRow,
  contactJson,
  fileContacts,
  fileKnownContacts,
  findContact,
  readContact,
  renameContact,
} from './contacts.ts'
import { businessesOf, receiveMessages } from './inbound.ts'
import { tellMessages } from './message-events.ts'
import type { MessagingTables } from './tables.ts'

type Transaction = TenantTransaction<MessagingTables>

interface News {
  readonly status: Exclude<MessageStatus, 'sending' | 'received' | 'queued'>
  readonly at: Date
  readonly providerMessageId?: string | undefined
  readonly reason?: FailureReason | undefined
  readonly providerCode?: string | undefined
}

/** Chats, message by message. */
export class MessageStore {
  readonly #database: Database<MessagingTables>

  constructor(database: Database) {
    this.#database = database.of<MessagingTables>()
  }

  /**
   * Before it is sent: from here on a crash leaves a message that may have arrived. Under a request's key there is one;
   * its id is what comes back, unless something else was asked under that key.
   */
  async create(message: NewMessage, now: Date): Promise<string> {
    const { businessId, idempotency } = message
    return this.#database.asBusiness(businessId, async (trx) => {
      const known = idempotency && (await findRequest(trx, businessId, idempotency, now))
      if (known !== undefined) return known
      const contactId = await recipientOf(trx, message, now)
      const { numInsertedOrUpdatedRows } = await trx
        .insertInto('message')
        .values({
          business_id: businessId,
          id: message.id,
          live: message.live,
          direction: 'out',
          sender_id: message.senderId,
          contact_id: contactId,
          content: JSON.stringify(message.content),
          status: 'sending',
          reply_to: message.replyTo ?? null,
          metadata: message.metadata ? JSON.stringify(message.metadata) : null,
          request_key: idempotency?.key ?? null,
          request_fingerprint: idempotency ? Buffer.from(idempotency.fingerprint) : null,
          created_at: now,
        })
        .onConflict((conflict) =>
          conflict.columns(['business_id', 'request_key']).where('request_key', 'is not', null).doNothing(),
        )
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows === 1n) return message.id
      // Somebody else was faster.
      return (await findRequest(trx, businessId, idempotency as Idempotency, now)) as string
    })
  }

  /** The id of the message that a request with this key made. */
  async findRequested(businessId: string, idempotency: Idempotency, now: Date): Promise<string | undefined> {
    return this.#database.asBusiness(businessId, (trx) => findRequest(trx, businessId, idempotency, now))
  }

  async recordSend(key: MessageKey, sender: Sender, result: SendResult, now: Date): Promise<void> {
    await this.#database.asBusiness(key.businessId, (trx) => raise(trx, key, sender, newsOf(result, now), now))
  }

  /**
   * Ranks only rise, so duplicates and any order end in the same row, as those of deliveries do. A receipt that tells both
   * number and id of whom a message went to joins them, in a transaction of its own: who joins contacts locks them before
   * their messages. What dies in between is told again.
   */
  async applyReceipts(sender: Sender, told: readonly ChatReceipt[], now: Date): Promise<void> {
    for (const [businessId, own] of Map.groupBy(told, ({ key }) => key.businessId)) {
      const people = await this.#database.asBusiness(businessId, (trx) => raiseAll(trx, sender, own, now))
      if (people.length === 0) continue
      const scope = { businessId, live: sender.live, senderId: sender.id }
      await this.#database.asBusiness(businessId, (trx) => fileKnownContacts(trx, scope, people, now))
    }
  }

  /** Keeps what people said, once however often it is told. A shared sender's is for who spoke with them last. */
  async receive(sender: Sender, messages: readonly InboundMessage[], now: Date): Promise<void> {
    await this.#database.asEngine((trx) => receiveMessages(trx, sender, messages, now))
  }

  /** Keeps who somebody is from now on, with every business that knows them by this sender. */
  async rename(sender: Sender, change: PersonChange, now: Date): Promise<void> {
    await this.#database.asEngine(async (trx) => {
      for (const businessId of await businessesOf(trx, sender, change)) {
        const scope = { businessId, live: sender.live, senderId: sender.id }
        await renameContact(trx, scope, change, now)
      }
    })
  }

  async find(businessId: string, live: boolean, id: string, now: Date): Promise<StoredMessage | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('message')
        .selectAll()
        .select(contactJson('message').as('contact'))
        .where('business_id', '=', businessId)
        .where('live', '=', live)
        .where('id', '=', id)
        .executeTakeFirst(),
    )
    return found && read(found, now)
  }

  async findContact(businessId: string, live: boolean, id: string): Promise<Contact | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('contact')
        .select(contactJson('contact', 'id').as('contact'))
        .where('business_id', '=', businessId)
        .where('live', '=', live)
        .where('id', '=', id)
        .executeTakeFirst(),
    )
    return found && readContact(found.contact)
  }

  /** The newest first. */
  async list({ businessId, live, contact, before, limit, now }: MessageFilter): Promise<StoredMessage[]> {
    const found = await this.#database.asBusiness(businessId, async (trx) => {
      const scope = { businessId, live, senderId: undefined }
      const contactId = contact && ('contactId' in contact ? contact.contactId : await findContact(trx, scope, contact))
      if (contact && contactId === undefined) return []
      return trx
        .selectFrom('message')
        .selectAll()
        .select(contactJson('message').as('contact'))
        .where('business_id', '=', businessId)
        .where('live', '=', live)
        .$if(contactId !== undefined, (query) => query.where('contact_id', '=', contactId as string))
        .$if(before !== undefined, (query) => query.where('id', '<', before as string))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
    })
    return found.map((one) => read(one, now))
  }
}

/** Keys are kept for a day (idempotency keys of every call). */
const requestKeptMs = 86_400_000

async function findRequest(
  trx: Transaction,
  businessId: string,
  { key, fingerprint }: Idempotency,
  now: Date,
): Promise<string | undefined> {
  await trx
    .updateTable('message')
    .set({ request_key: null, request_fingerprint: null })
    .where('business_id', '=', businessId)
    .where('request_key', '=', key)
    .where('created_at', '<', new Date(now.getTime() - requestKeptMs))
    .execute()
  const found = await trx
    .selectFrom('message')
    .select(['id', 'request_fingerprint'])
    .where('business_id', '=', businessId)
    .where('request_key', '=', key)
    .executeTakeFirst()
  if (found && !found.request_fingerprint?.equals(fingerprint))
    throw new Refusal(platformRefusals.idempotency_key_reused)
  return found?.id
}

async function recipientOf(trx: Transaction, { businessId, live, to }: NewMessage, now: Date): Promise<string> {
  if ('contactId' in to) return to.contactId
  const [contactId] = await fileContacts(trx, { businessId, live, senderId: undefined }, [to], now)
  return contactId as string
}

/** By key, those of one message in the order in which they were told; whom the messages went to, where that is told. */
async function raiseAll(
  trx: Transaction,
  sender: Sender,
  told: readonly ChatReceipt[],
  now: Date,
): Promise<PersonTold[]> {
  const people: PersonTold[] = []
  for (const { key, receipt } of told.toSorted((a, b) => compare(a.key.id, b.key.id))) {
    const { status, at, providerMessageId, failure, person } = receipt
    const { reason, providerCode } = failure ?? {}
    const isOurs = await raise(trx, key, sender, { status, at, providerMessageId, reason, providerCode }, now)
    if (isOurs && person) people.push(person)
  }
  return people
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * @param sender only when it was sent from there: a webhook speaks of nothing else
 * @returns whether there is such a message
 */
async function raise(trx: Transaction, key: MessageKey, sender: Sender, news: News, now: Date): Promise<boolean> {
  const { status, providerMessageId = null, reason = null, providerCode = null } = news
  const lower = deliveryStatuses.filter((one) => deliveryRank(one) < deliveryRank(status))
  const { rows } = await sql<{ live: boolean; is_news: boolean; at: Date }>`
    update message m
    set
      status = case when m.status = any(${lower}::text[]) then ${status} else m.status end,
      provider_message_id = coalesce(m.provider_message_id, ${providerMessageId}),
      sent_at = coalesce(m.sent_at, case when ${status} in ('sent', 'delivered', 'read') then before.at end),
      delivered_at = coalesce(m.delivered_at, case when ${status} in ('delivered', 'read') then before.at end),
      read_at = coalesce(m.read_at, case when ${status} = 'read' then before.at end),
      failed_at = coalesce(m.failed_at, case when ${status} = 'failed' then before.at end),
      -- What succeeded in the end has no reason for failing, in whatever order it was told.
      failure_reason = case
        when ${hasArrived(status)} or m.status in ('delivered', 'read') then null
        else coalesce(m.failure_reason, ${reason}) end,
      provider_code = case
        when ${hasArrived(status)} or m.status in ('delivered', 'read') then null
        else coalesce(m.provider_code, ${providerCode}) end
    from (
      -- Of a provider's clock, in whole seconds: never before what led to it, and never after now.
      select b.status, greatest(
        least(${news.at}::timestamptz, ${now}), b.created_at, b.sent_at, b.delivered_at, b.failed_at) as at
      from message b where b.business_id = ${key.businessId} and b.id = ${key.id} for update
    ) as before
    where m.business_id = ${key.businessId} and m.id = ${key.id} and m.direction = 'out'
      and m.sender_id = ${sender.id}
    returning m.live, before.at, before.status = any(${lower}::text[]) as is_news`.execute(trx)
  const [raised] = rows
  if (!raised?.is_news) return raised !== undefined
  const data = {
    channel: sender.channel,
    ...(reason !== null && { reason }),
    ...(providerCode !== null && { provider_code: providerCode }),
  }
  await tellMessages(trx, [{ ...key, live: raised.live, kind: `message.${status}`, data, at: raised.at }])
  return true
}

function newsOf(result: SendResult, at: Date): News {
  switch (result.outcome) {
    case 'accepted':
      return { status: 'sent', at, providerMessageId: result.providerMessageId }
    case 'unknown':
      return { status: 'unknown', at }
    // Whoever sends waits for the answer: they are told at once, and nothing is sent behind their back later.
    case 'deferred':
      return { status: 'failed', at, reason: result.failure.reason, providerCode: result.failure.providerCode }
    case 'refused':
      return {
        status: 'failed',
        at,
        reason: result.failure.reason,
        providerCode: result.failure.providerCode,
        providerMessageId: result.providerMessageId,
      }
  }
}

/** A result is written within seconds; without one nobody knows any more. */
const unknownAfterMs = 30_000

type Found = Selectable<MessagingTables['message']> & { readonly contact: ContactRow }

function read(found: Found, now: Date): StoredMessage {
  const { provider_message_id: providerMessageId, reply_to: replyTo, failure_reason: reason, metadata } = found
  const isLost = found.status === 'sending' && now.getTime() - found.created_at.getTime() > unknownAfterMs
  return {
    businessId: found.business_id,
    id: found.id,
    live: found.live,
    direction: found.direction as StoredMessage['direction'],
    senderId: found.sender_id,
    contact: readContact(found.contact),
    content: found.content as StoredMessage['content'],
    status: isLost ? 'unknown' : (found.status as MessageStatus),
    createdAt: found.created_at,
    ...(providerMessageId !== null && { providerMessageId }),
    ...(replyTo !== null && { replyTo }),
    ...(reason !== null && { failure: { reason: reason as FailureReason, providerCode: found.provider_code ?? '' } }),
    ...(metadata !== null && { metadata: metadata as Record<string, string> }),
    ...(found.sent_at && { sentAt: found.sent_at }),
    ...(found.delivered_at && { deliveredAt: found.delivered_at }),
    ...(found.read_at && { readAt: found.read_at }),
    ...(found.failed_at && { failedAt: found.failed_at }),
  }
}
