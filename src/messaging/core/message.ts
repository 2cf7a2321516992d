import type { Idempotency } from '#platform/core/idempotency.ts'
import type { DeliveryStatus } from '#platform/core/delivery-status.ts'
import type { Failure } from './failure.ts'
import type { SenderPurpose } from './sender.ts'
import type { ChatContent } from './chat.ts'
import type { Contact } from './contact.ts'

export type MessageStatus = DeliveryStatus | 'received'

export interface MessageKey {
  readonly businessId: string
  /** UUID. */
  readonly id: string
}

/** One message of a chat, in either direction. */
export interface StoredMessage extends MessageKey {
  readonly live: boolean
  readonly direction: 'out' | 'in'
  readonly senderId: string
  /** The person. */
  readonly contact: Contact
  readonly content: ChatContent | InboundContent
  readonly status: MessageStatus
  /** Absent until the provider has given one. */
  readonly providerMessageId?: string
  /** The message that it answers, when that is known here. */
  readonly replyTo?: string
  readonly failure?: Pick<Failure, 'reason' | 'providerCode'>
  readonly metadata?: Readonly<Record<string, string>>
  readonly createdAt: Date
  readonly sentAt?: Date
  readonly deliveredAt?: Date
  readonly readAt?: Date
  readonly failedAt?: Date
}

/** Whom one is for: by number, or somebody who is known already. */
export type Recipient = { readonly phone: string } | { readonly contactId: string }

/** One on its way out. */
export type NewMessage = Pick<
  StoredMessage,
  'businessId' | 'id' | 'live' | 'senderId' | 'content' | 'replyTo' | 'metadata'
> & {
  readonly to: Recipient
  /** The Idempotency-Key of the request, with what was asked: under a key there is one message. */
  readonly idempotency?: Idempotency | undefined
}

export interface MessageFilter {
  readonly businessId: string
  readonly live: boolean
  readonly contact?: Recipient | undefined
  /** Only older ones than this. */
  readonly before?: string | undefined
  readonly limit: number
  readonly now: Date
}

export interface InboundContent {
  readonly kind: 'inbound'
  /** The provider's word for what it is. */
  readonly type: string
  readonly text: string
  readonly choice?: string
  readonly group?: string
}

/** Which senders may carry it, the best first. Never one for authentication, and never one for marketing. */
export const purposesFor = (content: ChatContent): readonly SenderPurpose[] =>
  content.kind === 'template' ? ['utility', 'service'] : ['service', 'utility']
