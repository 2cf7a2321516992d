import { hasArrived, mayStillArrive } from '#messaging/core/receipt.ts'
import type { verificationRefusals } from './refusals.ts'
import type { WorkflowStep } from '#access/core/policy.ts'
import type { Delivery, Verification, VerificationStatus } from './verification.ts'

/** Everything that may move a verification or its code on. */
export type MoveEvent =
  /** Its due time has come. */
  | { readonly kind: 'due' }
  /** A delivery was refused, failed or is held; `fallback` is false when no other channel may be tried. */
  | { readonly kind: 'failed'; readonly deliveryId: string; readonly fallback: boolean }
  /**
   * The customer asks: again, by another channel, or not at all. `step` is the step to send, when a channel is named;
   * `atOnce` where the caller's own rule stands in for the waits between sends.
   */
  | { readonly kind: 'resend'; readonly step?: WorkflowStep; readonly atOnce?: boolean }
  | { readonly kind: 'next'; readonly step?: WorkflowStep }
  | { readonly kind: 'cancel' }
  /** "I didn't request a code." */
  | { readonly kind: 'denied' }

export type EndStatus = Exclude<VerificationStatus, 'pending' | 'approved'>

export type Move =
  | {
      readonly kind: 'send'
      readonly reason: string
      readonly stepIndex: number
      readonly workflow: readonly WorkflowStep[]
      readonly dueAt: Date
      /** True when the waits between sends apply: the same channel again, asked for by a person. */
      readonly mustWait: boolean
    }
  /** It ends, and its code goes on while another verification that shares it is pending. */
  | { readonly kind: 'leave'; readonly status: EndStatus; readonly reason: string }
  /** The code ends, and with it all that share it. */
  | { readonly kind: 'end'; readonly status: EndStatus; readonly reason: string }
  | { readonly kind: 'wait'; readonly dueAt: Date }
  | { readonly kind: 'none' }
  | { readonly kind: 'refuse'; readonly code: keyof typeof verificationRefusals }

/** Asked for by a person, for a verification of theirs; everything else happens to the code. */
export const isAsked = ({ kind }: MoveEvent): boolean => kind === 'resend' || kind === 'next' || kind === 'cancel'

/** The workflow: what happens next to a code. Pure; the caller writes the move guarded by the revision. */
export function decideMove(verification: Verification, event: MoveEvent, now: Date): Move {
  if (isAsked(event)) {
    if (verification.status !== 'pending') return refuseClosed(verification)
    if (verification.expiresAt <= now) return { kind: 'refuse', code: 'verification_expired' }
  } else {
    // Its first verification may have ended: the code goes on for the others.
    if (verification.codeEndedAt) return { kind: 'none' }
    if (verification.expiresAt <= now) return end('expired', 'lifetime_over')
  }
  switch (event.kind) {
    case 'cancel':
      return { kind: 'leave', status: 'canceled', reason: 'canceled' }
    case 'denied':
      return end('blocked', 'not_requested')
    case 'due':
      return afterStepTime(verification, now)
    case 'failed':
      return afterFailure(verification, event, now)
    case 'resend':
      return resend(verification, event, now)
    case 'next':
      return next(verification, event, now)
  }
}

function refuseClosed(verification: Verification): Move {
  if (verification.status === 'expired') return { kind: 'refuse', code: 'verification_expired' }
  return { kind: 'refuse', code: 'verification_closed' }
}

/** The step's time is over: go on unless it arrived; with nothing left to try, wait for the code's end. */
function afterStepTime(verification: Verification, now: Date): Move {
  if (hasChangedHands(verification)) return noFallback
  const { stepIndex, expiresAt } = verification
  const hasArrivedNow = onStep(verification, stepIndex).some((delivery) => hasArrived(delivery.status))
  const following = hasArrivedNow ? undefined : nextOpenStep(verification)
  if (following === undefined) return { kind: 'wait', dueAt: expiresAt }
  return send(verification, following, 'not_delivered_in_time', now)
}

function afterFailure(verification: Verification, event: Extract<MoveEvent, { kind: 'failed' }>, now: Date): Move {
  const failed = verification.deliveries.find((delivery) => delivery.id === event.deliveryId)
  // A receipt may say 'failed' of something that has been seen since.
  if (!failed || hasArrived(failed.status)) return { kind: 'none' }
  if (!event.fallback || hasChangedHands(verification)) return noFallback
  const { stepIndex } = verification
  const others = verification.deliveries.filter((delivery) => delivery.id !== failed.id)
  const isCovered = others.some((delivery) => delivery.stepIndex === stepIndex && mayStillArrive(delivery.status))
  const isOpen = verification.deliveries.some(isOnItsWay)
  // A step that was left long ago moves nothing, unless it was the last hope.
  if ((failed.stepIndex === stepIndex && !isCovered) || !isOpen) {
    const following = nextOpenStep(verification)
    if (following !== undefined) return send(verification, following, 'delivery_failed', now)
  }
  return isOpen ? { kind: 'none' } : end('undeliverable', 'every_channel_failed')
}

/** A changed WhatsApp identity means the number may have a new owner: no other channel of it is any better. */
const hasChangedHands = ({ deliveries }: Verification): boolean =>
  deliveries.some(({ status, failureReason }) => status === 'failed' && failureReason === 'identity_changed')

/** A message that is held back counts as failed, so that the workflow goes on, and may be released all the same. */
const isOnItsWay = ({ status, failureReason }: Delivery): boolean => mayStillArrive(status) || failureReason === 'held'

/** Where the workflow goes by itself: past every step whose message has arrived or may still arrive. */
function nextOpenStep(verification: Verification): number | undefined {
  const { stepIndex, workflow } = verification
  for (let index = stepIndex + 1; index < workflow.length; index++) {
    if (!onStep(verification, index).some(isOnItsWay)) return index
  }
  return undefined
}

function resend(verification: Verification, event: Extract<MoveEvent, { kind: 'resend' }>, now: Date): Move {
  if (hasChangedHands(verification)) return noFallback
  const asked = event.step
  const current = verification.workflow[verification.stepIndex]
  if (!asked || asked.channel === current?.channel) {
    return unlessAtOnce(event, sendAsked(verification, verification.stepIndex, 'asked_again', now))
  }
  return unlessAtOnce(event, sendBy(verification, asked, now))
}

const unlessAtOnce = ({ atOnce }: { readonly atOnce?: boolean }, move: SendMove): SendMove =>
  atOnce ? { ...move, mustWait: false } : move

function next(verification: Verification, event: Extract<MoveEvent, { kind: 'next' }>, now: Date): Move {
  if (hasChangedHands(verification)) return noFallback
  if (event.step) return sendBy(verification, event.step, now)
  if (verification.stepIndex + 1 >= verification.workflow.length) return { kind: 'refuse', code: 'workflow_exhausted' }
  return sendAsked(verification, verification.stepIndex + 1, 'asked_for_next', now)
}

/** Jumps to the step of a channel; a channel outside the workflow becomes its new last step. */
function sendBy(verification: Verification, step: WorkflowStep, now: Date): SendMove {
  const existing = verification.workflow.findIndex(({ channel }) => channel === step.channel)
  const workflow = existing >= 0 ? verification.workflow : [...verification.workflow, step]
  const stepIndex = existing >= 0 ? existing : verification.workflow.length
  return sendAsked({ ...verification, workflow }, stepIndex, 'asked_for_channel', now)
}

/** Alternating between two channels must not avoid the waits: a channel that was used before has to wait. */
function sendAsked(verification: Verification, stepIndex: number, reason: string, now: Date): SendMove {
  const channel = verification.workflow[stepIndex]?.channel
  const mustWait = verification.deliveries.some((delivery) => delivery.channel === channel)
  return { ...send(verification, stepIndex, reason, now), mustWait }
}

type SendMove = Extract<Move, { kind: 'send' }>

function send(verification: Verification, stepIndex: number, reason: string, now: Date): SendMove {
  const { workflow } = verification
  return { kind: 'send', reason, stepIndex, workflow, dueAt: stepDueAt(verification, stepIndex, now), mustWait: false }
}

/** When a step is over: after its wait, but never after the code. */
export function stepDueAt(
  verification: Pick<Verification, 'workflow' | 'expiresAt'>,
  stepIndex: number,
  now: Date,
): Date {
  const wait = verification.workflow[stepIndex]?.waitSeconds ?? 0
  return new Date(Math.min(now.getTime() + wait * 1000, verification.expiresAt.getTime()))
}

const end = (status: EndStatus, reason: string): Move => ({ kind: 'end', status, reason })
const noFallback = end('undeliverable', 'no_fallback_allowed')

const onStep = (verification: Verification, stepIndex: number): Delivery[] =>
  verification.deliveries.filter((delivery) => delivery.stepIndex === stepIndex)
