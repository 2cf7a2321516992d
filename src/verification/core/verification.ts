import type { DeliveryStatus } from '#platform/core/delivery-status.ts'
import type { Channel } from '#platform/core/channel.ts'
import type { FailureReason } from '#messaging/core/failure.ts'
import { type Policy, sendWindowMs, type WorkflowStep } from '#access/core/policy.ts'

export const verificationStatuses = ['pending', 'approved', 'canceled', 'expired', 'blocked', 'undeliverable'] as const
export type VerificationStatus = (typeof verificationStatuses)[number]

/** The payment that a code is bound to: a code given for one amount and payee authorises no other. */
export interface Transaction {
  /** The caller's name for it, for example of an order: only starts that name the same one share a code. */
  readonly id?: string
  /** Decimal string as the caller wrote it, for example `120.00`. */
  readonly amount: string
  /** ISO 4217. */
  readonly currency: string
  readonly payee: string
}

export interface Delivery {
  readonly id: string
  readonly stepIndex: number
  readonly channel: Channel
  readonly senderId: string
  readonly status: DeliveryStatus
  readonly failureReason?: FailureReason
  /** The provider's own code and words. */
  readonly providerCode?: string
  readonly detail?: string
  readonly queuedAt: Date
  readonly sentAt?: Date
  readonly deliveredAt?: Date
  readonly readAt?: Date
  readonly failedAt?: Date
}

/** The application's policy as it was when the verification started, and what else was said of the whole of it. */
export interface VerificationPolicy extends Policy {
  /** Nobody checks the code here, so nothing will tell whether it was right. */
  readonly isCheckedElsewhere?: boolean
}

export interface Verification {
  readonly businessId: string
  readonly id: string
  readonly applicationId: string
  readonly live: boolean
  readonly recipient: string
  readonly purpose: string
  readonly locale: string
  readonly status: VerificationStatus
  readonly checkCount: number
  readonly checkCountMax: number
  readonly policy: VerificationPolicy
  /** The code, by the verification whose start made it; workflow, step, revision and deliveries are the code's. */
  readonly codeId: string
  readonly codeEndedAt?: Date
  readonly workflow: readonly WorkflowStep[]
  readonly stepIndex: number
  readonly revision: number
  readonly transaction?: Transaction
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly endedAt?: Date
  /** Of its code, oldest first. */
  readonly deliveries: readonly Delivery[]
  /** Sends to this recipient in the last ten minutes, oldest first, over all verifications. */
  readonly sentRecently: readonly Date[]
}

export const sendsRemaining = (policy: Policy, sentRecently: readonly Date[]): number =>
  Math.max(0, policy.sendCountMax - sentRecently.length)

/** The sends of the last ten minutes as a caller is told of them; `resetSeconds` until the oldest no longer counts. */
export const sendQuota = (
  policy: Policy,
  sentRecently: readonly Date[],
  now: Date,
): { readonly limit: number; readonly remaining: number; readonly resetSeconds: number } => ({
  limit: policy.sendCountMax,
  remaining: sendsRemaining(policy, sentRecently),
  resetSeconds: sentRecently.length === 0 ? 0 : windowOverInSeconds(sentRecently, now),
})

/** When the next send is allowed: after a wait that grows with the sends of the last ten minutes, within their limit. */
export function resendAfter(policy: Policy, sentRecently: readonly Date[]): Date | undefined {
  const last = sentRecently.at(-1)
  if (!last) return undefined
  const waits = policy.resendWaitsSeconds
  const wait = waits[Math.min(sentRecently.length, waits.length) - 1] ?? 0
  const afterWait = last.getTime() + wait * 1000
  // With as many sends as are allowed, the first of those that count has to be forgotten.
  const counted = sentRecently.at(-policy.sendCountMax)
  return new Date(counted ? Math.max(afterWait, counted.getTime() + sendWindowMs) : afterWait)
}

/** Seconds until the oldest send of the last ten minutes no longer counts. */
export function windowOverInSeconds(sentRecently: readonly Date[], now: Date): number {
  const [oldest] = sentRecently
  return oldest ? Math.max(1, Math.ceil((oldest.getTime() + sendWindowMs - now.getTime()) / 1000)) : 1
}

/** Nobody has to run a timer for a verification to be over. */
export const statusAt = (verification: Pick<Verification, 'status' | 'expiresAt'>, now: Date): VerificationStatus =>
  verification.status === 'pending' && verification.expiresAt <= now ? 'expired' : verification.status
