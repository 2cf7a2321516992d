import type { InboundMessage } from './chat.ts'
import type { Failure } from './failure.ts'
import type { Sender } from './sender.ts'

/** A provider's request to us, which vendors call a webhook; that word is for what we send (webhooks). */
export interface Callback {
  readonly method: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly query: Readonly<Record<string, string | undefined>>
  /** The bytes as they came: signatures are over these, never over re-serialised JSON. */
  readonly body: Uint8Array
  /** When they came, by our clock. */
  readonly receivedAt: Date
}

/** What one callback told. */
export interface CallbackNews {
  readonly receipts: readonly Receipt[]
  readonly denials: readonly Denial[]
  /** What people wrote or tapped. */
  readonly messages?: readonly InboundMessage[]
  /** What is wrong with the number, the app or the account, told of no message in particular. */
  readonly accountFailures?: readonly Failure[]
}

/**
 * Takes what a provider told and keeps what is its own; may be asked twice. It returns after everything is committed, so
 * that the vendor's retry covers whatever is lost before.
 */
export type NewsListener = (sender: Sender, news: CallbackNews) => Promise<void>

export type ReceiptStatus = 'sent' | 'delivered' | 'read' | 'failed'

/** News of a delivery, as a callback tells it. */
export interface Receipt {
  /** Echo of `CodeMessage.reference`, when the provider echoes one. */
  readonly reference?: string
  readonly providerMessageId: string
  readonly status: ReceiptStatus
  /** When it happened, by the provider's clock. */
  readonly at: Date
  readonly failure?: Failure
  /** The provider's own object, kept for support. Must not hold the code. */
  readonly raw: unknown
}

/** The person pressed "I didn't request a code" (or its like) under a message of ours. */
export interface Denial {
  readonly providerMessageId: string
  readonly at: Date
}
