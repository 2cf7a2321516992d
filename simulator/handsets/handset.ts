import { createHash } from 'node:crypto'
import type { HandsetState } from './handset-state.ts'
import { findMagic } from './magic-numbers.ts'

/** Buttons of a code, and those that send something back: of a template, under a message, in a list. */
export type ButtonKind = 'copy_code' | 'autofill' | 'not_requested' | 'quick_reply' | 'reply' | 'choice'

export interface PhoneButton {
  /** Of one that sends something back: what it sends. */
  readonly id: string
  readonly kind: ButtonKind
  readonly label: string
  readonly description?: string
}

/** A message as it stands on the screen. */
export interface PhoneMessage {
  readonly id: string
  readonly channel: 'whatsapp' | 'sms'
  readonly direction: 'in' | 'out'
  readonly from: string
  /** Name of the sender as the chat shows it. */
  readonly brand: string
  readonly verified: boolean
  readonly text: string
  /** With WhatsApp's asterisks for bold. */
  readonly textMarkup: string
  readonly footer: string | undefined
  readonly code: string | undefined
  /** When the buttons that hand the code over stop working; undefined: never. */
  readonly codeExpiresAt?: number | undefined
  readonly buttons: readonly PhoneButton[]
  /** Label of what opens the list of choices. */
  readonly listLabel?: string | undefined
  /** Of what the person wrote: the number they wrote to. */
  readonly to?: string | undefined
  readonly receivedAt: number
  /** The provider's own id. */
  readonly providerMessageId: string
  isRead: boolean
}

/** A message that waits for its phone to come back, with its end. */
export interface Waiting {
  readonly expiresAt: number
  readonly deliver: () => void
}

export interface Handset {
  readonly digits: string
  readonly state: HandsetState
  /** Set by hand: from then on the number is no magic number any more. */
  isSet: boolean
  messages: PhoneMessage[]
  waiting: Waiting[]
  touchedAt: number
  /** When the person last wrote to a number of the business; free text is open to it for a day from then on. */
  readonly lastWroteAt: Map<string, number>
}

export const messagesKept = 50

export const newHandset = (digits: string, now: number): Handset => ({
  digits,
  state: {
    whatsapp: true,
    sms: true,
    online: true,
    readReceipts: true,
    blocked: false,
    delayMs: 0,
    chatOpen: false,
    language: undefined,
    apps: [],
    refusedWith: undefined,
    failsWith: undefined,
    failsAfterSent: false,
    receiptDelaysMs: {},
    identityKeyHash: createHash('sha256').update(`identity of ${digits}`).digest('base64').slice(0, 12),
    changesHands: false,
    ...findMagic(digits)?.state,
  },
  isSet: false,
  messages: [],
  waiting: [],
  touchedAt: now,
  lastWroteAt: new Map(),
})
