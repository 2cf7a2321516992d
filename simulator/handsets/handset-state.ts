export interface HandsetState {
  /** Has a WhatsApp account. */
  whatsapp: boolean
  /** Gets SMS. */
  sms: boolean
  online: boolean
  readReceipts: boolean
  /** Has blocked the business on WhatsApp. */
  blocked: boolean
  delayMs: number
  /** The chat with the business is on the screen: messages are read as they come. */
  chatOpen: boolean
  /** Language of the phone, for the words that are WhatsApp's own; undefined: that of the template. */
  language: string | undefined
  /** Android apps that did the one-tap handshake. */
  apps: readonly { readonly packageName: string; readonly signatureHash: string }[]
  /** Code the Graph API refuses sends to this number with. */
  refusedWith: number | undefined
  /** Code that WhatsApp messages to this number fail with after they were accepted. */
  failsWith: number | undefined
  /** The failure comes after `sent`. */
  failsAfterSent: boolean
  /** How much later than it happened the business hears of a status. */
  receiptDelaysMs: Readonly<Partial<Record<ReceiptStatus, number>>>
  /** Hash of the identity behind the number; another one when the account changed hands. */
  identityKeyHash: string
  /** Somebody else has the account after each message that arrived. */
  changesHands: boolean
}

export const receiptStatuses = ['sent', 'delivered', 'read', 'failed'] as const
export type ReceiptStatus = (typeof receiptStatuses)[number]
