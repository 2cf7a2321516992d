import type { InboundMessage } from './chat.ts'
import type { PersonChange, PersonTold } from './contact.ts'
import type { Failure } from './failure.ts'
import type { MessageKey } from './message.ts'
import type { SenderNotice } from './notice.ts'
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

/** One thing that a callback told. Each is kept or not by itself: a bad one takes none of its neighbours along. */
export type NewsItem =
  | { readonly kind: 'receipt'; readonly receipt: Receipt }
  | { readonly kind: 'denial'; readonly denial: Denial }
  /** What a person wrote or tapped. */
  | { readonly kind: 'message'; readonly message: InboundMessage }
  /** Somebody is known by another number or id from now on. */
  | { readonly kind: 'person'; readonly change: PersonChange }
  /** Which account is behind a number; of a sender that sends only to the account that it knows. */
  | { readonly kind: 'identity'; readonly identity: IdentityTold }
  /** The number that the sender sends from, in E.164; told until the sender holds it. */
  | { readonly kind: 'own_number'; readonly number: string }
  /** What is wrong with the number, the app or the account, told of no message in particular. */
  | { readonly kind: 'fault'; readonly failure: Failure }
  /** What changed about the number, the account or a template. */
  | { readonly kind: 'notice'; readonly notice: SenderNotice }
  /** Told here of another sender of the business: it is taken as if it had come at that one's own URL. */
  | { readonly kind: 'handed'; readonly to: Sender; readonly item: NewsItem }
  /** Something that should have been one of these and lacks what makes it one. */
  | { readonly kind: 'unreadable'; readonly what: string }
  /** Something that we failed to read, by a fault of ours. */
  | { readonly kind: 'unread'; readonly error: unknown }

/** Which account was behind a number when it was told. */
export interface IdentityTold {
  /** Of the message whose receipt told it, where one did and the provider echoes it. */
  readonly reference?: string
  readonly phone: string
  readonly keyHash: string
  readonly at: Date
}

/**
 * What became of one item with one module: kept, about nothing of its own, or what stood in the way. Only what can never
 * succeed (`isForGood`) is lost; after anything else, a bug of ours among it, the vendor is to come again.
 */
export type NewsFate = 'kept' | 'not_mine' | { readonly error: unknown }

/**
 * Takes what a provider told and keeps what is its own; may be asked twice. It answers for each item, in their order,
 * after everything is committed, so that the vendor's retry covers whatever is lost before.
 */
export type NewsListener = (sender: Sender, items: readonly NewsItem[]) => Promise<readonly NewsFate[]>

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
  /** Whom it went to, where the provider tells more than a number. */
  readonly person?: PersonTold
  /** The provider's own object, kept for support. Must not hold the code. */
  readonly raw: unknown
}

/** The person pressed "I didn't request a code" (or its like) under a message of ours. */
export interface Denial {
  readonly providerMessageId: string
  readonly at: Date
}

/** A receipt of a message in a chat, and which one that is. */
export interface ChatReceipt {
  readonly key: MessageKey
  readonly receipt: Receipt
}
