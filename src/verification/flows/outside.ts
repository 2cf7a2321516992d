import type { Application } from '#access/core/business.ts'
import type { AccessPort } from '#access/port.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { MayLeave } from '#messaging/core/may-leave.ts'
import type { MessagingPort } from '#messaging/port.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import type { People } from '#platform/keys/people.ts'
import type { PreSendDecision, PreSendHookOwner, PreSendQuestion } from '#verification/core/pre-send.ts'
import type { ClaimedDelivery, DeliveryKey, Engine, QueuedDelivery } from '#verification/core/engine.ts'
import type { MayCheck } from '#verification/core/may-check.ts'
import type { ProvenQuestion } from '#verification/core/proven.ts'
import type { MoveEvent } from '#verification/core/move.ts'

/** Handed in to the flows by `module.ts`, which has it from the ports of other modules and from its own store. */
export interface HandedIn extends Pick<AccessPort, 'findApplication'>, Pick<MessagingPort, 'listSenders' | 'send'> {
  readonly engine: Engine
  readonly keys: Pick<
    Keyring,
    'currentVersion' | 'versions' | 'codeMac' | 'checkMac' | 'seal' | 'unseal' | 'fingerprint'
  >
  readonly people: People
  readonly now: () => Date
  /** UUIDv7. */
  readonly newId: () => string
  readonly findCodeOfMessage: (senderId: string, providerMessageId: string) => Promise<DeliveryKey | undefined>
  readonly hasProven: (question: ProvenQuestion) => Promise<boolean>
  /** Asked before each message leaves; it counts what it allows. */
  readonly mayLeave: MayLeave
  /** Asked before each code is compared. */
  readonly mayCheck: MayCheck
  /** The business's own say before a verification is sent, within half a second. Undefined: it has no hook. */
  readonly askBeforeSend?: (owner: PreSendHookOwner, question: PreSendQuestion) => Promise<PreSendDecision | undefined>
}

/** Carries out effects, and keeps room for them. */
export interface Performer {
  /** Carries an effect out after its cause was committed; its failure is logged, never thrown. */
  readonly perform: (effect: Effect, delayMs?: number) => void
  /** Room to send one message of this sender at once; undefined: there is none, and the message has to queue. */
  readonly reserve: (senderId: string) => Reservation | undefined
  /** Moves on what has failed and waits for what is under way; what is still to be sent waits for the next start. */
  readonly drain: () => Promise<void>
}

/** All that lies outside of a single flow. Each picks from it what it needs. */
export type Outside = HandedIn & Pick<Performer, 'perform' | 'reserve'>

/** Ends with exactly one of the two. */
export interface Reservation {
  /** Takes the room and sends. */
  send(delivery: ClaimedDelivery, sender: Sender, application: Application | undefined): void
  /** Gives the room back. */
  release(): void
}

/** Something that follows from a decision, once it is committed. */
export type Effect =
  | { readonly kind: 'dispatch'; readonly delivery: QueuedDelivery }
  | {
      readonly kind: 'send'
      readonly delivery: ClaimedDelivery
      readonly sender: Sender
      readonly application: Application | undefined
    }
  | { readonly kind: 'catch-up' }
  /** Of a code: it is named by the verification whose start made it. */
  | { readonly kind: 'move'; readonly code: DeliveryKey; readonly event: MoveEvent }
