import type { ChatMessage, InboundMessage } from './chat.ts'

/** Channels in the order of preference of a default workflow. */
export const channels = ['whatsapp', 'rcs', 'sms', 'voice', 'email'] as const
export type Channel = (typeof channels)[number]

export const senderPurposes = ['authentication', 'utility', 'marketing', 'service'] as const
export type SenderPurpose = (typeof senderPurposes)[number]

/** A number or sender id of one business on one channel, with what the provider needs to use it. */
export interface Sender {
  /** UUID. */
  readonly id: string
  /** UUID of the business that owns it. */
  readonly businessId: string
  /** False: only ever used with test keys, and only against the simulator. */
  readonly live: boolean
  readonly channel: Channel
  /** Key of the provider in `channels/registry.ts`. */
  readonly provider: string
  readonly purpose: SenderPurpose
  /** Lent by the operator to every business of the server, in its mode. */
  readonly shared?: boolean
  /** What may be shown: ids, template name, URLs. Its shape is the provider's `configSchema`. */
  readonly config: Readonly<Record<string, unknown>>
  /** Tokens and secrets, decrypted; encrypted at rest. Its shape is the provider's `secretsSchema`. */
  readonly secrets: Readonly<Record<string, string>>
}

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
  /** What a code authorises, shown where the channel allows text. */
  readonly transaction?: { readonly amount: string; readonly currency: string; readonly payee: string }
}

/** Why a provider would not send, or why a message did not arrive; the same words for both. */
export const failureReasons = [
  'not_reachable_on_channel',
  'recipient_invalid',
  'identity_changed',
  'blocked_by_policy',
  'rate_limited',
  'held',
  'sender_misconfigured',
  'template_unavailable',
  'window_closed',
  'provider_unavailable',
  'request_rejected',
  'expired',
  'unspecified',
] as const
export type FailureReason = (typeof failureReasons)[number]

export interface Failure {
  readonly reason: FailureReason
  /** The provider's own code, raw; empty when it gave none. */
  readonly providerCode: string
  /** The provider's own words, without code or recipient. */
  readonly detail: string
  /** Every send from this sender will fail the same way until somebody acts. */
  readonly alert: boolean
  /** May the workflow go on to another channel of the same number? False after an identity change. */
  readonly fallback: boolean
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

export type ReceiptStatus = 'sent' | 'delivered' | 'read' | 'failed'

/** News of a delivery, as a provider's webhook tells it. */
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

export interface WebhookNews {
  readonly receipts: readonly Receipt[]
  readonly denials: readonly Denial[]
  /** What people wrote or tapped. */
  readonly messages?: readonly InboundMessage[]
}

/**
 * Takes what a provider told and keeps what is its own; may be asked twice. It returns after everything is committed, so
 * that the vendor's retry covers whatever is lost before.
 */
export type NewsListener = (sender: Sender, news: WebhookNews) => Promise<void>

export interface ProviderRequest {
  readonly method: 'POST' | 'GET' | 'PUT'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface IncomingWebhook {
  readonly method: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly query: Readonly<Record<string, string | undefined>>
  /** The bytes as they came: signatures are over these, never over re-serialised JSON. */
  readonly body: Uint8Array
}

/**
 * A provider is a pure translator between our words and a vendor's wire. It does no I/O: `channels/http.ts`
 * carries requests out, `http/webhooks` hands bytes in.
 */
export interface ChannelProvider {
  readonly id: string
  readonly channel: Channel
  /** Hosts of the vendor; a live sender calls no other unless the operator allows it. Empty: the operator names it. */
  readonly hosts: readonly string[]
  /** JSON Schemas (TypeBox) of `Sender.config` and `Sender.secrets`; the console draws its form from them. */
  readonly configSchema: object
  readonly secretsSchema: object
  toRequest(message: CodeMessage, sender: Sender): ProviderRequest
  /** Absent: this provider carries codes only. */
  toChatRequest?(message: ChatMessage, sender: Sender): ProviderRequest
  toResult(httpStatus: number, body: string, sender: Sender): SendResult
  /** Answers a vendor's subscription handshake; undefined when this request is none. */
  answerHandshake?(
    webhook: IncomingWebhook,
    sender: Sender,
  ): { readonly status: number; readonly body: string } | undefined
  /** Throws `Refusal('webhook_signature_invalid')` when the bytes are not the vendor's. */
  readNews(webhook: IncomingWebhook, sender: Sender): WebhookNews
}
