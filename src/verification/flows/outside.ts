import type { Application } from '#access/core/business.ts'
import type { PreSendDecision, PreSendHookOwner, PreSendQuestion } from '#verification/core/pre-send.ts'
import type { CodeMessage, Send } from '#messaging/core/send.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { Mac } from '#verification/core/code.ts'
import type { ClaimedDelivery, DeliveryKey, Engine, QueuedDelivery } from '#verification/core/engine.ts'
import type { MoveEvent } from '#verification/core/move.ts'

/** Everything that the flows need of the outside; the module hands it in. */
export interface Outside {
  readonly engine: Engine
  readonly keys: Keys
  readonly now: () => Date
  /** UUIDv7. */
  readonly newId: () => string
  readonly findVerificationOfMessage: (senderId: string, providerMessageId: string) => Promise<DeliveryKey | undefined>
  readonly findApplication: (businessId: string, id: string) => Promise<Application | undefined>
  readonly listSenders: (businessId: string) => Promise<readonly Sender[]>
  readonly send: Send<CodeMessage>
  /** The business's own say before a verification is sent, within half a second. Undefined: it has no hook. */
  readonly askBeforeSend?: (owner: PreSendHookOwner, question: PreSendQuestion) => Promise<PreSendDecision | undefined>
  /** Carries an effect out after its cause was committed; its failure is logged, never thrown. */
  readonly perform: (effect: Effect, delayMs?: number) => void
  /** Room to send one message of this sender at once; undefined: there is none, and the message has to queue. */
  readonly reserve: (senderId: string) => Reservation | undefined
}

/** Ends with exactly one of the two. */
export interface Reservation {
  /** Takes the room and sends. */
  send(delivery: ClaimedDelivery, sender: Sender, application: Application | undefined): void
  /** Gives the room back. */
  release(): void
}

/** What follows from a decision, once it is committed. */
export type Effect =
  | { readonly kind: 'dispatch'; readonly delivery: QueuedDelivery }
  | {
      readonly kind: 'send'
      readonly delivery: ClaimedDelivery
      readonly sender: Sender
      readonly application: Application | undefined
    }
  | { readonly kind: 'catch-up' }
  | { readonly kind: 'move'; readonly verification: DeliveryKey; readonly event: MoveEvent }

export interface Keys {
  readonly currentVersion: number
  readonly versions: readonly number[]
  codeMac(version: number): Mac
  checkMac(version: number, data: Uint8Array): Uint8Array
  seal(plaintext: string, about: string): Uint8Array
  unseal(sealed: Uint8Array, about: string): string
  fingerprint(...parts: readonly string[]): Uint8Array
  /** Ed25519, under the current version. */
  sign(data: Uint8Array): Uint8Array
  readonly publicKeys: ReadonlyMap<number, string>
}
