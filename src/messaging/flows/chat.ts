import type { Caller } from '#platform/core/caller.ts'
import type { Idempotency } from '#platform/core/idempotency.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Send, SendResult } from '#messaging/core/send.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { ChatAddress, ChatContent, ChatMessage } from '#messaging/core/chat.ts'
import type { Contact } from '#messaging/core/contact.ts'
import type { MayLeave } from '#messaging/core/may-leave.ts'
import {
  type MessageFilter,
  type MessageKey,
  type NewMessage,
  purposesFor,
  type Recipient,
  type StoredMessage,
} from '#messaging/core/message.ts'
import { spellMessageReference } from '#messaging/core/reference.ts'
import { personOf } from '#platform/core/person.ts'
import { messagingRefusals } from '#messaging/core/refusals.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** What chats need of the outside; `app.ts` hands it in. */
export interface Chat {
  readonly now: () => Date
  /** UUIDv7. */
  readonly newId: () => string
  readonly listSenders: (businessId: string) => Promise<readonly Sender[]>
  /** Whether the provider of a sender can do more than codes. */
  readonly carriesChats: (sender: Sender) => boolean
  readonly messages: Messages
  readonly mayLeave: MayLeave
  readonly send: Send<ChatMessage>
}

export interface Messages {
  /** The id of the message: another one's, when there is one under the request's key. */
  create(message: NewMessage, now: Date): Promise<string>
  recordSend(key: MessageKey, sender: Sender, result: SendResult, now: Date): Promise<void>
  findContact(businessId: string, live: boolean, id: string): Promise<Contact | undefined>
  find(businessId: string, live: boolean, id: string, now: Date): Promise<StoredMessage | undefined>
  /** The id of the message under a request's key. */
  findRequested(businessId: string, idempotency: Idempotency, now: Date): Promise<string | undefined>
  list(filter: MessageFilter): Promise<StoredMessage[]>
}

export interface WantedMessage {
  /** A number, or somebody who is known already; absent: whoever wrote what it answers. */
  readonly to?: Recipient | undefined
  readonly content: ChatContent
  /** UUID of the message that it answers. */
  readonly replyTo?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  readonly idempotency?: Idempotency | undefined
}

/**
 * Sends a message while the caller waits. It is written before the provider is called and its result after it, so that
 * a crash leaves one that may have arrived; nothing is ever sent twice, also when the same request comes again because
 * its answer was lost.
 */
export async function sendMessage(
  chat: Chat,
  { businessId, applicationId, live }: Pick<Caller, 'businessId' | 'applicationId' | 'live'>,
  { to, content, replyTo, metadata, idempotency }: WantedMessage,
): Promise<StoredMessage> {
  const answered = replyTo === undefined ? undefined : await chat.messages.find(businessId, live, replyTo, chat.now())
  if (replyTo !== undefined && !answered) throw new Refusal(platformRefusals.resource_not_found)
  const recipient = await whomTo(chat, { businessId, live }, to, answered)
  const senders = await listChatSenders(chat, businessId, live)
  const { sender, address } = chooseSender(senders, content, recipient.addressOf, answered?.senderId)
  const key = { businessId, id: chat.newId() }
  const leave = await chat.mayLeave({
    businessId,
    applicationId,
    live,
    subjectId: key.id,
    recipient: 'phone' in address ? address.phone : address.userId,
    channel: sender.channel,
    senderId: sender.id,
    kind: 'chat',
  })
  const wanted = {
    ...key,
    live,
    senderId: sender.id,
    to: recipient.to,
    content,
    ...(replyTo !== undefined && { replyTo }),
    ...(metadata && { metadata }),
    idempotency,
  }
  const created = leave.refusal
    ? await requestedBefore(chat, businessId, idempotency, leave.refusal)
    : await chat.messages.create(wanted, chat.now())
  if (created !== key.id) await leave.giveBack()
  if (created !== key.id) return (await chat.messages.find(businessId, live, created, chat.now())) as StoredMessage
  const quotes = answered?.providerMessageId
  const message = {
    reference: spellMessageReference(businessId, key.id),
    to: address,
    content,
    ...(quotes !== undefined && { quotes }),
  }
  await chat.messages.recordSend(key, sender, await chat.send(message, sender), chat.now())
  return (await chat.messages.find(businessId, live, key.id, chat.now())) as StoredMessage
}

/** A request that was carried out already is answered again, whatever would hold for a new one. */
async function requestedBefore(
  { messages, now }: Chat,
  businessId: string,
  idempotency: Idempotency | undefined,
  refusal: Refusal,
): Promise<string> {
  const found = idempotency && (await messages.findRequested(businessId, idempotency, now()))
  if (found === undefined) throw refusal
  return found
}

interface Whom {
  readonly to: Recipient
  /** How a sender reaches them; undefined when it can't. */
  readonly addressOf: (sender: Sender) => ChatAddress | undefined
}

/** An answer goes to whoever wrote what it answers, and to nobody else. */
async function whomTo(
  chat: Chat,
  { businessId, live }: Pick<Caller, 'businessId' | 'live'>,
  to: Recipient | undefined,
  answered: StoredMessage | undefined,
): Promise<Whom> {
  if (to && 'phone' in to) {
    const { phone } = answered?.contact ?? to
    if (phone === undefined || personOf(phone) !== personOf(to.phone))
      throw new Refusal(platformRefusals.resource_not_found)
    return { to, addressOf: () => to }
  }
  const contact = to ? await chat.messages.findContact(businessId, live, to.contactId) : answered?.contact
  if (!contact || (answered && answered.contact.id !== contact.id))
    throw new Refusal(platformRefusals.resource_not_found)
  return { to: { contactId: contact.id }, addressOf: (sender) => reach(contact, sender) }
}

/** By number where there is one; else by the id that this very sender was told, or one of the same portfolio. */
function reach({ phone, userIds }: Contact, sender: Sender): ChatAddress | undefined {
  if (phone !== undefined) return { phone }
  const { userId } = userIds.find(({ senderId }) => senderId === sender.id) ?? userIds[0] ?? {}
  return userId === undefined ? undefined : { userId }
}

const listChatSenders = async (chat: Chat, businessId: string, live: boolean): Promise<Sender[]> =>
  (await chat.listSenders(businessId)).filter((one) => one.live === live && chat.carriesChats(one))

/**
 * An answer comes from where the question went; else whoever is for it. Never an authentication sender: those carry
 * nothing but codes.
 */
function chooseSender(
  senders: readonly Sender[],
  content: ChatContent,
  addressOf: Whom['addressOf'],
  answeredFrom: string | undefined,
): { readonly sender: Sender; readonly address: ChatAddress } {
  const usable = purposesFor(content).flatMap((purpose) => senders.filter((one) => one.purpose === purpose))
  const sender = usable.find(({ id }) => id === answeredFrom) ?? usable[0]
  const address = sender && addressOf(sender)
  if (!sender || !address) throw new Refusal(messagingRefusals.channel_unavailable)
  return { sender, address }
}
