import { type Selectable, sql } from 'kysely'
import type { FailureReason } from '#messaging/core/failure.ts'
import type { Receipt } from '#messaging/core/news.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { SendResult } from '#messaging/core/send.ts'
import type { InboundMessage } from '#messaging/core/chat.ts'
import type { MessageEventKind } from '#messaging/core/event-kinds.ts'
import { deliveryRank } from '#messaging/core/receipt.ts'
import type { MessageFilter, MessageKey, MessageStatus, NewMessage, StoredMessage } from '#messaging/core/message.ts'
import { deliveryStatuses } from '#platform/core/delivery-status.ts'
import { lowestIdAt } from '#platform/core/partition.ts'
import { type Forgotten, forgotten } from '#platform/core/kept.ts'
import type { Database, TenantTransaction } from '#platform/database/database.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import type { MessagingTables } from './tables.ts'

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
   * its id is what comes back.
   */
  async create(message: NewMessage, now: Date): Promise<string> {
    const { businessId, requestKey } = message
    return this.#database.asBusiness(businessId, async (trx) => {
      if (requestKey !== undefined) await forgetRequest(trx, businessId, requestKey, now)
      const { numInsertedOrUpdatedRows } = await trx
        .insertInto('message')
        .values({
          business_id: businessId,
          id: message.id,
          live: message.live,
          direction: 'out',
          sender_id: message.senderId,
          contact: message.contact,
          content: JSON.stringify(message.content),
          status: 'sending',
          reply_to: message.replyTo ?? null,
          metadata: message.metadata ? JSON.stringify(message.metadata) : null,
          request_key: requestKey ?? null,
          created_at: now,
        })
        .onConflict((conflict) =>
          conflict.columns(['business_id', 'request_key']).where('request_key', 'is not', null).doNothing(),
        )
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows === 1n) return message.id
      const { id } = await trx
        .selectFrom('message')
        .select('id')
        .where('business_id', '=', businessId)
        .where('request_key', '=', requestKey as string)
        .executeTakeFirstOrThrow()
      return id
    })
  }

  async recordSend(key: MessageKey, sender: Sender, result: SendResult, now: Date): Promise<void> {
    await this.#database.asBusiness(key.businessId, (trx) => raise(trx, key, sender, newsOf(result, now)))
  }

  /** Ranks only rise, so duplicates and any order end in the same row, as those of deliveries do. */
  async applyReceipt(key: MessageKey, sender: Sender, receipt: Receipt): Promise<void> {
    const { status, at, providerMessageId, failure } = receipt
    await this.#database.asBusiness(key.businessId, (trx) =>
      raise(trx, key, sender, {
        status,
        at,
        providerMessageId,
        reason: failure?.reason,
        providerCode: failure?.providerCode,
      }),
    )
  }

  /** Keeps what a person said, once however often it is told. A shared sender's is for who spoke with them last. */
  async receive(sender: Sender, message: InboundMessage, now: Date): Promise<void> {
    await this.#database.asEngine(async (trx) => {
      const found = await findChat(trx, sender, message)
      const businessId = found?.business_id ?? sender.businessId
      const id = uuidv7(now.getTime())
      const { choice } = message
      const content = { kind: 'inbound', text: message.text, ...(choice !== undefined && { choice }) }
      const { numInsertedOrUpdatedRows } = await trx
        .insertInto('message')
        .values({
          business_id: businessId,
          id,
          live: sender.live,
          direction: 'in',
          sender_id: sender.id,
          contact: found?.contact ?? message.from,
          content: JSON.stringify(content),
          status: 'received',
          provider_message_id: message.providerMessageId,
          reply_to: found?.is_quoted ? found.id : null,
          created_at: now,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows !== 1n) return
      const data = { channel: sender.channel, ...(choice !== undefined && { choice }) }
      await tell(trx, { businessId, id }, sender.live, 'message.received', data, message.at)
    })
  }

  async find(businessId: string, live: boolean, id: string, now: Date): Promise<StoredMessage | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('message')
        .selectAll()
        .where('business_id', '=', businessId)
        .where('live', '=', live)
        .where('id', '=', id)
        .executeTakeFirst(),
    )
    return found && read(found, now)
  }

  /** The newest first. */
  async list({ businessId, live, contact, before, limit, now }: MessageFilter): Promise<StoredMessage[]> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('message')
        .selectAll()
        .where('business_id', '=', businessId)
        .where('live', '=', live)
        .$if(contact !== undefined, (query) => query.where('contact', '=', contact as string))
        .$if(before !== undefined, (query) => query.where('id', '<', before as string))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute(),
    )
    return found.map((one) => read(one, now))
  }

  /** Business by business, by the key: an id tells when it was made. */
  async forget(before: Date, limit: number): Promise<Forgotten> {
    return this.#database.asEngine(async (trx) => {
      const { numAffectedRows } = await sql`delete from message m using (
        select o.business_id, o.id from business b
        cross join lateral (
          select o.business_id, o.id from message o
          where o.business_id = b.id and o.id < ${lowestIdAt(before)}::uuid
          order by o.id limit ${limit} for update skip locked
        ) as o
        limit ${limit}
      ) as o where m.business_id = o.business_id and m.id = o.id`.execute(trx)
      return forgotten(numAffectedRows, limit)
    })
  }
}

/** Keys are kept for a day (idempotency keys of every call). */
const requestKeptMs = 86_400_000

const forgetRequest = (trx: TenantTransaction<MessagingTables>, businessId: string, requestKey: string, now: Date) =>
  trx
    .updateTable('message')
    .set({ request_key: null })
    .where('business_id', '=', businessId)
    .where('request_key', '=', requestKey)
    .where('created_at', '<', new Date(now.getTime() - requestKeptMs))
    .execute()

/** The message that was answered, else the last one with this person from this sender. */
async function findChat(
  trx: TenantTransaction<MessagingTables>,
  sender: Sender,
  { from, quotes }: InboundMessage,
): Promise<{ business_id: string; id: string; contact: string; is_quoted: boolean } | undefined> {
  const { rows } = await sql<{ business_id: string; id: string; contact: string; is_quoted: boolean }>`
    (select m.business_id, m.id, m.contact, true as is_quoted
      from message m
      where m.provider_message_id = ${quotes ?? null} and m.sender_id = ${sender.id}
      limit 1)
    union all
    (select m.business_id, m.id, m.contact, false
      from message m
      where m.sender_id = ${sender.id} and m.contact = ${from}
      order by m.id desc limit 1)
    limit 1`.execute(trx)
  return rows[0]
}

/** @param sender only when it was sent from there: a webhook speaks of nothing else */
async function raise(
  trx: TenantTransaction<MessagingTables>,
  key: MessageKey,
  sender: Sender,
  news: News,
): Promise<void> {
  const { status, at, providerMessageId = null, reason = null, providerCode = null } = news
  const lower = deliveryStatuses.filter((one) => deliveryRank(one) < deliveryRank(status))
  const { rows } = await sql<{ live: boolean; is_news: boolean }>`
    update message m
    set
      status = case when m.status = any(${lower}::text[]) then ${status} else m.status end,
      provider_message_id = coalesce(m.provider_message_id, ${providerMessageId}),
      sent_at = coalesce(m.sent_at, case when ${status} in ('sent', 'delivered', 'read') then ${at}::timestamptz end),
      delivered_at = coalesce(m.delivered_at, case when ${status} in ('delivered', 'read') then ${at}::timestamptz end),
      read_at = coalesce(m.read_at, case when ${status} = 'read' then ${at}::timestamptz end),
      failed_at = coalesce(m.failed_at, case when ${status} = 'failed' then ${at}::timestamptz end),
      failure_reason = coalesce(m.failure_reason, ${reason}),
      provider_code = coalesce(m.provider_code, ${providerCode})
    from (
      select b.status from message b where b.business_id = ${key.businessId} and b.id = ${key.id} for update
    ) as before
    where m.business_id = ${key.businessId} and m.id = ${key.id} and m.direction = 'out'
      and m.sender_id = ${sender.id}
    returning m.live, before.status = any(${lower}::text[]) as is_news`.execute(trx)
  const [raised] = rows
  if (!raised?.is_news) return
  const data = {
    channel: sender.channel,
    ...(reason !== null && { reason }),
    ...(providerCode !== null && { provider_code: providerCode }),
  }
  await tell(trx, key, raised.live, `message.${status}`, data, at)
}

const tell = (
  trx: TenantTransaction<MessagingTables>,
  { businessId, id }: MessageKey,
  live: boolean,
  kind: MessageEventKind,
  data: object,
  at: Date,
) =>
  trx
    .insertInto('event')
    .values({
      business_id: businessId,
      live,
      subject_kind: 'message',
      subject_id: id,
      kind,
      data: JSON.stringify(data),
      at,
    })
    .execute()

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

function read(found: Selectable<MessagingTables['message']>, now: Date): StoredMessage {
  const { provider_message_id: providerMessageId, reply_to: replyTo, failure_reason: reason, metadata } = found
  const isLost = found.status === 'sending' && now.getTime() - found.created_at.getTime() > unknownAfterMs
  return {
    businessId: found.business_id,
    id: found.id,
    live: found.live,
    direction: found.direction as StoredMessage['direction'],
    senderId: found.sender_id,
    contact: found.contact,
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
