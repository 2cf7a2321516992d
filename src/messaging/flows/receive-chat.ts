import type { InboundMessage } from '#messaging/core/chat.ts'
import type { PersonChange } from '#messaging/core/contact.ts'
import type { MessageKey } from '#messaging/core/message.ts'
import type { ChatReceipt, NewsFate, NewsItem, Receipt } from '#messaging/core/news.ts'
import { readMessageReference } from '#messaging/core/reference.ts'
import { runInHalves } from '#messaging/core/run-in-halves.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { isPassing } from '#platform/core/passing-fault.ts'

/** What news of chats needs of the outside. */
export interface ChatReceiving {
  readonly now: () => Date
  readonly messages: {
    applyReceipts(sender: Sender, receipts: readonly ChatReceipt[], now: Date): Promise<void>
    receive(sender: Sender, messages: readonly InboundMessage[], now: Date): Promise<void>
    rename(sender: Sender, change: PersonChange, now: Date): Promise<void>
  }
}

/**
 * What a callback told of chats, in its order: what is of one kind and stands together is kept as a set. Nothing that is
 * written to a number for codes is kept: people answer a code with the code.
 */
export async function receiveChat(
  { messages, now }: ChatReceiving,
  sender: Sender,
  items: readonly NewsItem[],
): Promise<NewsFate[]> {
  const fates: NewsFate[] = items.map(() => 'not_mine')
  for (const run of runsOf(items.flatMap((item, index) => own(sender, item, index)))) {
    const errors = await runInHalves(run, (set) => keep(messages, sender, set, now()), isPassing)
    for (const [n, { index }] of run.entries()) fates[index] = errors[n] === undefined ? 'kept' : { error: errors[n] }
  }
  return fates
}

/** Something told of chats, and where it stands among everything told. */
type Own = { readonly index: number } & (
  | ({ readonly kind: 'receipt' } & ChatReceipt)
  | { readonly kind: 'message'; readonly message: InboundMessage }
  | { readonly kind: 'person'; readonly change: PersonChange }
)

function own(sender: Sender, item: NewsItem, index: number): Own[] {
  if (item.kind === 'receipt') {
    const key = keyOf(sender, item.receipt)
    return key ? [{ kind: 'receipt', key, receipt: item.receipt, index }] : []
  }
  if (sender.purpose === 'authentication') return []
  return item.kind === 'message' || item.kind === 'person' ? [{ ...item, index }] : []
}

/** Only the operator's shared senders send for others. */
function keyOf(sender: Sender, { reference }: Receipt): MessageKey | undefined {
  const told = reference === undefined ? undefined : readMessageReference(reference)
  if (!told || (told.businessId !== sender.businessId && !sender.shared)) return undefined
  return { businessId: told.businessId, id: told.messageId }
}

/** What follows each other and is of one kind; changes of people one by one. */
function runsOf(told: readonly Own[]): Own[][] {
  const runs: Own[][] = []
  for (const one of told) {
    const last = runs.at(-1)
    if (one.kind !== 'person' && last?.[0]?.kind === one.kind) last.push(one)
    else runs.push([one])
  }
  return runs
}

async function keep(
  messages: ChatReceiving['messages'],
  sender: Sender,
  set: readonly Own[],
  now: Date,
): Promise<void> {
  const receipts = set.filter((one) => one.kind === 'receipt')
  const written = set.filter((one) => one.kind === 'message')
  if (receipts.length > 0) await messages.applyReceipts(sender, receipts, now)
  if (written.length > 0)
    await messages.receive(
      sender,
      written.map(({ message }) => message),
      now,
    )
  for (const one of set) if (one.kind === 'person') await messages.rename(sender, one.change, now)
}
