import type { Caller } from '#platform/core/caller.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Receipt, CallbackNews } from '#messaging/core/news.ts'
import type { Send, SendResult } from '#messaging/core/send.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { ChatContent, ChatMessage, InboundMessage } from '#messaging/core/chat.ts'
import {
  type MessageFilter,
  type MessageKey,
  type NewMessage,
  purposesFor,
  type StoredMessage,
} from '#messaging/core/message.ts'
import { readMessageReference, spellMessageReference } from '#messaging/core/reference.ts'
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
  readonly send: Send<ChatMessage>
}

export interface Messages {
  /** The id of the message: another one's, when there is one under the request's key. */
  create(message: NewMessage, now: Date): Promise<string>
  recordSend(key: MessageKey, sender: Sender, result: SendResult, now: Date): Promise<void>
  applyReceipt(key: MessageKey, sender: Sender, receipt: Receipt): Promise<void>
  receive(sender: Sender, message: InboundMessage, now: Date): Promise<void>
  find(businessId: string, live: boolean, id: string, now: Date): Promise<StoredMessage | undefined>
  list(filter: MessageFilter): Promise<StoredMessage[]>
}

export interface WantedMessage {
  readonly to: string
  readonly content: ChatContent
  /** UUID of the message that it answers. */
  readonly replyTo?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  readonly requestKey?: string | undefined
}

/**
 * Sends a message while the caller waits. It is written before the provider is called and its result after it, so that
 * a crash leaves one that may have arrived; nothing is ever sent twice, also when the same request comes again because
 * its answer was lost.
 */
export async function sendMessage(
  chat: Chat,
  { businessId, live }: Pick<Caller, 'businessId' | 'live'>,
  { to, content, replyTo, metadata, requestKey }: WantedMessage,
): Promise<StoredMessage> {
  const answered = replyTo === undefined ? undefined : await chat.messages.find(businessId, live, replyTo, chat.now())
  if (replyTo !== undefined && answered?.contact !== to) throw new Refusal(platformRefusals.resource_not_found)
  const sender = chooseSender(await listChatSenders(chat, businessId, live), content, answered?.senderId)
  const key = { businessId, id: chat.newId() }
  const created = await chat.messages.create(
    {
      ...key,
      live,
      senderId: sender.id,
      contact: to,
      content,
      ...(replyTo !== undefined && { replyTo }),
      ...(metadata && { metadata }),
      requestKey,
    },
    chat.now(),
  )
  if (created !== key.id) return (await chat.messages.find(businessId, live, created, chat.now())) as StoredMessage
  const quotes = answered?.providerMessageId
  const message = {
    reference: spellMessageReference(businessId, key.id),
    to,
    content,
    ...(quotes !== undefined && { quotes }),
  }
  await chat.messages.recordSend(key, sender, await chat.send(message, sender), chat.now())
  return (await chat.messages.find(businessId, live, key.id, chat.now())) as StoredMessage
}

const listChatSenders = async (chat: Chat, businessId: string, live: boolean): Promise<Sender[]> =>
  (await chat.listSenders(businessId)).filter((one) => one.live === live && chat.carriesChats(one))

/**
 * An answer comes from where the question went; else whoever is for it. Never an authentication sender: those carry
 * nothing but codes.
 */
function chooseSender(senders: readonly Sender[], content: ChatContent, answeredFrom: string | undefined): Sender {
  const usable = purposesFor(content).flatMap((purpose) => senders.filter((one) => one.purpose === purpose))
  const sender = usable.find(({ id }) => id === answeredFrom) ?? usable[0]
  if (!sender) throw new Refusal(messagingRefusals.channel_unavailable)
  return sender
}

/**
 * What a callback told of chats. Nothing that is written to a number for codes is kept: people answer a code with the
 * code.
 */
export async function receiveChat({ messages, now }: Chat, sender: Sender, news: CallbackNews): Promise<void> {
  for (const receipt of news.receipts) {
    const told = receipt.reference === undefined ? undefined : readMessageReference(receipt.reference)
    // Only the operator's shared senders send for others.
    if (!told || (told.businessId !== sender.businessId && !sender.shared)) continue
    await messages.applyReceipt({ businessId: told.businessId, id: told.messageId }, sender, receipt)
  }
  if (sender.purpose === 'authentication') return
  for (const message of news.messages ?? []) await messages.receive(sender, message, now())
}
