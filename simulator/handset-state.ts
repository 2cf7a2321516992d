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
  language: string
  /** Android apps that did the one-tap handshake. */
  apps: readonly { readonly packageName: string; readonly signatureHash: string }[]
}
