import type { Channel } from '#platform/core/channel.ts'
import type { FailureReason } from '#messaging/core/failure.ts'
import type { ReceiptStatus } from '#messaging/core/news.ts'
import type { CheckOutcome } from './check.ts'
import type { WorkflowStep } from '#access/core/policy.ts'
import type { StartOutcome } from './start.ts'
import type { EndStatus } from './move.ts'
import type { DeliveryStatus } from '#platform/core/delivery-status.ts'
import type { Idempotency } from '#platform/core/idempotency.ts'
import type { VerificationPolicy, Transaction, Verification, VerificationStatus } from './verification.ts'

/**
 * The guarded statements, as the flows see them. Each call is one row of a set that is bound together with the rows
 * of other requests of the same moment; each answer comes after its commit. An error of one row is that row's alone.
 */
export interface Engine {
  start(row: StartRow): Promise<StartAnswer>
  check(row: CheckRow): Promise<CheckAnswer>
  /** Undefined when the delivery is no longer to be sent. */
  claim(delivery: DeliveryKey): Promise<ClaimedDelivery | undefined>
  recordSend(row: SendRow): Promise<{ readonly status: DeliveryStatus; readonly hasEarlyReceipts: boolean }>
  applyReceipt(row: ReceiptRow): Promise<ReceiptAnswer>
  move(row: MoveRow): Promise<MoveAnswer>
  /** A verification with its code and that one's deliveries; undefined when there is none. */
  load(verification: DeliveryKey): Promise<Verification | undefined>
  /** Codes that fell due after `since`. Looking always from there on would miss what another server set late. */
  claimDue(limit: number, leaseSeconds: number, since?: Date): Promise<DueCode[]>
  /** Deliveries whose server died: to be sent, or moved on from, by whoever asks. */
  claimAbandoned(graceSeconds: number, limit: number): Promise<Abandoned[]>
  /** The workflow has moved on from a failure, or had nothing to do, as it stood at that time. */
  settleFailure(delivery: DeliveryKey, decidedAt: Date): Promise<void>
  /** Receipts that came before their delivery's message id was known, now that it is. */
  listEarlyReceipts(limit: number): Promise<EarlyReceipt[]>
  /** Once they are applied. */
  forgetEarlyReceipts(receipts: readonly EarlyReceipt[]): Promise<void>
  /** When the next due time after `since` is; undefined when there is none. */
  nextDueAt(since?: Date): Promise<Date | undefined>
}

export interface StartRow extends CodeSource {
  readonly businessId: string
  readonly applicationId: string
  readonly live: boolean
  readonly id: string
  /** Of the code it takes part in, when that is another verification's. */
  readonly codeId?: string
  readonly recipient: string
  /** What stands for the person (`People`). */
  readonly person: string
  readonly purpose: string
  readonly locale: string
  readonly codeMac: Uint8Array
  /** Only verifications of the same binding share a code. */
  readonly binding: string
  /** A pending verification of the same binding is the answer, instead of one of its own. */
  readonly takesPending: boolean
  /** Pending verifications with a caller's own code end: the newest is the only one that counts. */
  readonly replaces: boolean
  readonly transaction?: Transaction
  readonly expiresAt: Date
  readonly policy: VerificationPolicy
  readonly workflow: readonly WorkflowStep[]
  readonly dueAt: Date
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly deliveryId: string
  readonly channel: Channel
  readonly senderId: string
  /** The message is claimed together with the decision, and sent after its commit. */
  readonly atOnce: boolean
  /** False: no message may leave for it, so that it may only join, or be a request that was carried out already. */
  readonly mayCreate: boolean
  readonly idempotency?: Idempotency
  readonly now: Date
}

export interface StartAnswer {
  readonly outcome: StartOutcome
  /** The new verification, or the one that was there. */
  readonly verificationId?: string
  /** Of `joins`: the code that the start may take part in. */
  readonly code?: { readonly id: string; readonly keyVersion: number }
  readonly sentRecently: readonly Date[]
}

export interface CheckRow {
  readonly businessId: string
  readonly live: boolean
  readonly id: string
  /** MACs of the guess by key version. */
  readonly macs: ReadonlyMap<number, Uint8Array>
  readonly idempotency?: Idempotency
  readonly now: Date
}

export interface CheckAnswer {
  readonly outcome: CheckOutcome
  readonly status: VerificationStatus
  readonly checksRemaining: number
  readonly retryAt?: Date
  /** What an earlier request with the same Idempotency-Key was answered: nothing was compared for this one. */
  readonly isRepeated?: true
}

export interface DeliveryKey {
  readonly businessId: string
  readonly id: string
}

/** A delivery that waits to be sent, with whatever has to be read before it is claimed. */
export interface QueuedDelivery extends DeliveryKey {
  readonly applicationId: string
  readonly senderId: string
}

export type Abandoned =
  | { readonly needs: 'send'; readonly delivery: QueuedDelivery }
  | { readonly needs: 'move'; readonly delivery: DeliveryKey; readonly code: DeliveryKey }

/** What a code is derived from besides its id; a caller's own code is kept sealed instead. */
export interface CodeSource {
  readonly keyVersion: number
  readonly codeLength: number
  readonly codeSealed?: Uint8Array
}

export interface ClaimedDelivery extends DeliveryKey, CodeSource {
  readonly codeId: string
  readonly applicationId: string
  readonly live: boolean
  readonly recipient: string
  readonly locale: string
  readonly channel: Channel
  readonly senderId: string
  readonly transaction?: Transaction
  readonly expiresAt: Date
  readonly deferCount: number
}

export interface SendRow extends DeliveryKey {
  /** `queued`: deferred until `sendAfter`. */
  readonly status: 'queued' | 'unknown' | 'sent' | 'failed'
  readonly providerMessageId?: string
  readonly failureReason?: FailureReason
  readonly providerCode?: string
  readonly detail?: string
  readonly sendAfter?: Date
}

export interface ReceiptRow {
  /** The sender whose webhook told it; it may only speak of what it sent. */
  readonly senderId: string
  readonly businessId: string
  /** From the echoed reference; absent when only the provider's id is known. */
  readonly deliveryId?: string
  readonly providerMessageId: string
  readonly status: ReceiptStatus
  readonly at: Date
  readonly failureReason?: FailureReason
  readonly providerCode?: string
  readonly detail?: string
  /** May another channel be tried, when this is a failure? */
  readonly fallback: boolean
  readonly raw: unknown
}

/** A receipt as it was kept. */
export interface EarlyReceipt extends ReceiptRow {
  readonly deliveryId: string
  /** Of the sender: a receipt that names no delivery does not tell for which business a shared sender sent. */
  readonly keptForBusinessId: string
  readonly sequence: string
}

export interface ReceiptAnswer {
  /** `failed`: the workflow has to move on. `early`: kept until the delivery is known. */
  readonly outcome: 'raised' | 'duplicate' | 'early' | 'failed'
  readonly deliveryId?: string
  readonly codeId?: string
  /** This receipt told the message id that earlier ones had come under. */
  readonly hasEarlyReceipts: boolean
}

export interface MoveRow {
  readonly businessId: string
  /** Of a verification; `end` names the one whose start made the code. */
  readonly id: string
  /** Of its code. */
  readonly revision: number
  /** For a person: refused when this verification has ended, whatever becomes of its code. */
  readonly isAsked: boolean
  readonly move:
    | {
        readonly kind: 'send'
        readonly reason: string
        readonly stepIndex: number
        readonly workflow: readonly WorkflowStep[]
        readonly dueAt: Date
        readonly deliveryId: string
        readonly channel: Channel
        readonly senderId: string
        readonly sendCountMax: number
        /** As of a start. */
        readonly atOnce: boolean
        readonly waitsSeconds?: readonly number[]
      }
    | { readonly kind: 'leave' | 'end'; readonly status: EndStatus; readonly reason: string }
    | { readonly kind: 'wait'; readonly dueAt: Date }
}

export interface MoveAnswer {
  readonly outcome: 'moved' | 'stale' | 'send_limit_reached' | 'resend_too_soon'
  readonly sentRecently: readonly Date[]
  /** Of the code, when it moved. */
  readonly code?: CodeSource
}

export interface DueCode {
  /** The one whose start made the code. */
  readonly verification: Verification
  /** The due time it was claimed for. */
  readonly dueAt: Date
}
