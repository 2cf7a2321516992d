import type { Failure } from './failure.ts'
import type { Sender } from './sender.ts'

/** One code on its way to one person. The only object that carries a code in clear. */
export interface CodeMessage {
  /** Opaque; comes back on receipts where the provider echoes one. ≤ 100 characters of [0-9a-f.]. */
  readonly reference: string
  /** E.164 with `+`, or an e-mail address. */
  readonly to: string
  readonly code: string
  /** BCP 47: `en`, `id`, `es`, `pt-BR`. */
  readonly locale: string
  /** The application's brand, for channels with free text. */
  readonly brand: string
  /** Seconds until the code dies, counted from the sending. */
  readonly expiresInSeconds: number
  /** Domain for the origin-bound last line of an SMS, when the application has one. */
  readonly domain?: string
  /** The account that it is for, as the provider knows it: another one behind the same number does not get it. */
  readonly identityKeyHash?: string
  /** What a code authorises, shown where the channel allows text. */
  readonly transaction?: { readonly amount: string; readonly currency: string; readonly payee: string }
}

/**
 * The four outcomes of a send. `unknown` is not `refused`: a timed-out send may have arrived and is never
 * repeated blindly.
 */
export type SendResult =
  | { readonly outcome: 'accepted'; readonly providerMessageId: string }
  /** `providerMessageId`: taken in but held back; its receipts may still come. */
  | { readonly outcome: 'refused'; readonly failure: Failure; readonly providerMessageId?: string }
  | { readonly outcome: 'deferred'; readonly retryAfterMs: number; readonly failure: Failure }
  | { readonly outcome: 'unknown'; readonly detail: string }

/** Carries one message to its provider; never inside a transaction. Does not throw. */
export type Send<Message> = (message: Message, sender: Sender) => Promise<SendResult>
