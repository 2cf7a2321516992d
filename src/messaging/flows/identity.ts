import type { ChatMessage } from '#messaging/core/chat.ts'
import type { IdentityTold, NewsFate, NewsItem } from '#messaging/core/news.ts'
import type { CodeMessage, Send, SendResult } from '#messaging/core/send.ts'
import { ownerOfReference } from '#messaging/core/reference.ts'
import { runInHalves } from '#messaging/core/run-in-halves.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { isPassing } from '#platform/core/passing-fault.ts'

/** What it takes to send to one account behind a number and to no other. */
export interface IdentityTakes {
  /** Whether a sender does so. */
  readonly isWanted: (sender: Sender) => boolean
  readonly keys: {
    find(businessId: string, sender: Sender, phone: string): Promise<string | undefined>
    keep(businessId: string, sender: Sender, told: readonly IdentityTold[]): Promise<void>
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
      identityKeyHash = await keys.find(ownerOf(sender, message.reference) ?? sender.businessId, sender, phone)
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

/**
 * Whose message it is. Only the operator's shared senders send for others: the reference that their provider echoes says for
 * whom, and nobody but the operator can write one. Undefined: nobody can tell.
 */
const ownerOf = (sender: Sender, reference: string | undefined): string | undefined =>
  sender.shared ? reference && ownerOfReference(reference) : sender.businessId

/**
 * Keeps which accounts are behind numbers, as receipts and messages tell. What somebody writes to a shared sender tells it of
 * no business in particular: those learn it from the receipts of what they send.
 */
export async function keepIdentities(
  { isWanted, keys }: IdentityTakes,
  sender: Sender,
  items: readonly NewsItem[],
): Promise<NewsFate[]> {
  const fates: NewsFate[] = items.map(() => 'not_mine')
  const told = items.flatMap((item, index) => {
    const businessId = item.kind === 'identity' ? ownerOf(sender, item.identity.reference) : undefined
    return item.kind === 'identity' && businessId !== undefined ? [{ index, businessId, identity: item.identity }] : []
  })
  if (!isWanted(sender)) return fates
  for (const [businessId, own] of Map.groupBy(told, (one) => one.businessId)) {
    const keep = (set: typeof own) =>
      keys.keep(
        businessId,
        sender,
        set.map(({ identity }) => identity),
      )
    const errors = await runInHalves(own, keep, isPassing)
    for (const [n, { index }] of own.entries()) fates[index] = errors[n] === undefined ? 'kept' : { error: errors[n] }
  }
  return fates
}
