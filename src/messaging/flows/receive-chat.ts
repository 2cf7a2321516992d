import type { InboundMessage } from '#messaging/core/chat.ts'
import type { PersonChange, PersonTold } from '#messaging/core/contact.ts'
import type { MessageKey } from '#messaging/core/message.ts'
import type { NewsFate, NewsItem, Receipt } from '#messaging/core/news.ts'
import { readMessageReference } from '#messaging/core/reference.ts'
import { runInHalves } from '#messaging/core/run-in-halves.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { isPassing } from '#platform/core/passing-fault.ts'

/** What news of chats needs of the outside. */
export interface ChatReceiving {
  readonly now: () => Date
  readonly messages: {
    applyReceipt(key: MessageKey, sender: Sender, receipt: Receipt): Promise<void>
    meet(sender: Sender, businessId: string, people: readonly PersonTold[], now: Date): Promise<void>
    receive(sender: Sender, messages: readonly InboundMessage[], now: Date): Promise<void>
    rename(sender: Sender, change: PersonChange, now: Date): Promise<void>
  }
}

/**
 * What a callback told of chats, in its order: messages that stand together are kept as a set. Nothing that is written to
 * a number for codes is kept: people answer a code with the code.
 */
export async function receiveChat(
  { messages, now }: ChatReceiving,
  sender: Sender,
  items: readonly NewsItem[],
): Promise<NewsFate[]> {
  const isOfChats = sender.purpose !== 'authentication'
  const fates: NewsFate[] = items.map(() => 'not_mine')
  for (const run of runsOf(items)) {
    const [first] = run
    const keep = async (work: (indices: readonly number[]) => Promise<void>): Promise<void> => {
      const errors = await runInHalves(run, work, isPassing)
      for (const [n, index] of run.entries()) fates[index] = errors[n] === undefined ? 'kept' : { error: errors[n] }
    }
    const item = items[first as number] as NewsItem
    if (item.kind === 'receipt') {
      const key = ownKey(sender, item.receipt)
      if (key) await keep(() => applyOne(messages, key, sender, item.receipt, now()))
    } else if (item.kind === 'person' && isOfChats) await keep(() => messages.rename(sender, item.change, now()))
    else if (item.kind === 'message' && isOfChats)
      await keep((indices) =>
        messages.receive(
          sender,
          indices.map((index) => messageAt(items, index)),
          now(),
        ),
      )
  }
  return fates
}

/** A message or several that follow each other; anything else alone. */
function runsOf(items: readonly NewsItem[]): number[][] {
  const runs: number[][] = []
  for (const [index, { kind }] of items.entries()) {
    const isMore = kind === 'message' && items[index - 1]?.kind === 'message'
    if (isMore) runs.at(-1)?.push(index)
    else runs.push([index])
  }
  return runs
}

const messageAt = (items: readonly NewsItem[], index: number): InboundMessage =>
  (items[index] as NewsItem & { kind: 'message' }).message

/** Only the operator's shared senders send for others. */
function ownKey(sender: Sender, { reference }: Receipt): MessageKey | undefined {
  const told = reference === undefined ? undefined : readMessageReference(reference)
  if (!told || (told.businessId !== sender.businessId && !sender.shared)) return undefined
  return { businessId: told.businessId, id: told.messageId }
}

async function applyOne(
  messages: ChatReceiving['messages'],
  key: MessageKey,
  sender: Sender,
  receipt: Receipt,
  now: Date,
): Promise<void> {
  await messages.applyReceipt(key, sender, receipt)
  if (receipt.person) await messages.meet(sender, key.businessId, [receipt.person], now)
}
