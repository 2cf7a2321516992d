import type { ChatMessage } from '#messaging/core/chat.ts'
import type { NewsFate, NewsItem } from '#messaging/core/news.ts'
import type { CodeMessage, Send, SendResult } from '#messaging/core/send.ts'
import { runInHalves } from '#messaging/core/run-in-halves.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { isPassing } from '#platform/core/passing-fault.ts'

/** What it takes to send to one account behind a number and to no other. */
export interface IdentityTakes {
  /** Whether a sender does so. */
  readonly isWanted: (sender: Sender) => boolean
  readonly keys: {
    find(sender: Sender, phone: string): Promise<string | undefined>
    keep(
      sender: Sender,
      told: readonly { readonly phone: string; readonly keyHash: string; readonly at: Date }[],
    ): Promise<void>
  }
}

const phoneOf = ({ to }: CodeMessage | ChatMessage): string | undefined =>
  typeof to === 'string' ? to : 'phone' in to ? to.phone : undefined

/** Names the account that a message is for, when it is known. Without knowing it for sure nothing is sent. */
export const sendToKnownAccount =
  <Message extends CodeMessage | ChatMessage>({ isWanted, keys }: IdentityTakes, send: Send<Message>): Send<Message> =>
  async (message, sender) => {
    const phone = isWanted(sender) ? phoneOf(message) : undefined
    if (phone === undefined) return send(message, sender)
    let identityKeyHash: string | undefined
    try {
      identityKeyHash = await keys.find(sender, phone)
    } catch {
      return unknownAccount
    }
    return send(identityKeyHash === undefined ? message : { ...message, identityKeyHash }, sender)
  }

const unknownAccount: SendResult = {
  outcome: 'deferred',
  retryAfterMs: 1000,
  failure: {
    reason: 'provider_unavailable',
    providerCode: '',
    detail: 'Which account is behind the number could not be read.',
    alert: false,
    fallback: true,
  },
}

/** Keeps which accounts are behind numbers, as receipts and messages tell. */
export async function keepIdentities(
  { isWanted, keys }: IdentityTakes,
  sender: Sender,
  items: readonly NewsItem[],
): Promise<NewsFate[]> {
  const told = isWanted(sender) ? items.filter((one) => one.kind === 'identity') : []
  const errors = await runInHalves(told, (set) => keys.keep(sender, set), isPassing)
  const fates = new Map<NewsItem, NewsFate>(
    told.map((one, n) => [one, errors[n] === undefined ? 'kept' : { error: errors[n] }]),
  )
  return items.map((one) => fates.get(one) ?? 'not_mine')
}
