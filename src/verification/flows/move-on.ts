import { Refusal } from '#platform/core/refusal.ts'
import { decideMove, isAsked, type Move, type MoveEvent } from '#verification/core/move.ts'
import type { ClaimedDelivery, CodeSource, DeliveryKey, MoveAnswer, MoveRow } from '#verification/core/engine.ts'
import { resendAfter, sendQuota, type Verification, windowOverInSeconds } from '#verification/core/verification.ts'
import { stepTo } from './choose-workflow.ts'
import type { Outside } from './outside.ts'
import { writeAndSend } from './write-and-send.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'

export interface Moved {
  /** As it stands after the move; absent when there is none, or when nobody asked. */
  readonly verification?: Verification
  readonly refusal?: Refusal
}

/** A move may send, and then needs all that a sending is decided with. */
export type MoveTakes = Pick<
  Outside,
  | 'engine'
  | 'now'
  | 'newId'
  | 'listSenders'
  | 'findApplication'
  | 'askBeforeSend'
  | 'hasProven'
  | 'mayLeave'
  | 'perform'
  | 'reserve'
>

/** Somebody else moving first is rare; this often in a row it is a fault. */
const decisionsMax = 10

type WrittenMove = Extract<Move, { kind: 'send' | 'leave' | 'end' | 'wait' }>

interface Known {
  /** As it was read a moment ago, by whoever has it at hand. */
  readonly loaded?: Verification
  /** The business's own hook was asked for this already. */
  readonly isAllowed?: boolean
}

/**
 * Moves a verification, or its code, on: load, decide in core, write guarded by the revision that was read, then carry out the
 * sending. When somebody else moved first, everything is decided anew on what they left.
 */
export async function moveOn(
  outside: MoveTakes,
  key: DeliveryKey,
  event: MoveEvent,
  known: Known = {},
): Promise<Moved> {
  const decidedAt = outside.now()
  const moved = await decideAndWrite(outside, key, event, known)
  if (event.kind === 'failed') {
    // Until here a crash leaves the failure marked, and a sweep decides once more.
    await outside.engine.settleFailure({ businessId: key.businessId, id: event.deliveryId }, decidedAt)
  }
  return moved
}

async function decideAndWrite(
  outside: MoveTakes,
  key: DeliveryKey,
  asked: MoveEvent,
  { loaded, isAllowed = false }: Known,
): Promise<Moved> {
  let event = asked
  let mayLeave = isAllowed || !isAsked(event)
  for (let decisions = 0; decisions < decisionsMax; decisions++) {
    const verification = decisions === 0 && loaded ? loaded : await outside.engine.load(key)
    if (!verification) return { refusal: new Refusal(verificationRefusals.verification_not_found) }
    let move = decideMove(verification, event, outside.now())
    if (move.kind === 'send' && !mayLeave) {
      mayLeave = true
      event = await allowedEvent(outside, verification, event, move)
      move = decideMove(verification, event, outside.now())
    }
    if (move.kind === 'none') return { verification }
    if (move.kind === 'refuse') return { verification, refusal: new Refusal(verificationRefusals[move.code]) }
    const answer = await write(outside, verification, move, isAsked(event))
    if (answer instanceof Refusal) return afterRefusal(outside, verification, event, answer)
    if (answer.outcome === 'stale') continue
    if (answer.outcome !== 'moved') return afterLimit(outside, verification, event, answer)
    // Only a person who asked is shown how it stands now.
    const after = isAsked(event) ? await outside.engine.load(key) : undefined
    return after ? { verification: after } : {}
  }
  throw new Refusal(platformRefusals.busy, { detail: `verification ${key.id} kept changing`, retryAfterSeconds: 1 })
}

/** As the business's own hook allows a message that somebody asks for; it may choose another channel. */
async function allowedEvent(
  outside: MoveTakes,
  verification: Verification,
  event: MoveEvent,
  { workflow, stepIndex }: Extract<Move, { kind: 'send' }>,
): Promise<MoveEvent> {
  const { recipient, purpose, locale } = verification
  const channel = workflow[stepIndex]?.channel
  const decision = await outside.askBeforeSend?.(verification, { recipient, purpose, locale, channel })
  if (decision?.kind === 'deny') throw new Refusal(verificationRefusals.send_denied)
  if (decision?.channel === undefined || decision.channel === channel) return event
  return { kind: event.kind as 'resend' | 'next', step: await stepTo(outside, verification, decision.channel) }
}

/** Writes a move; its message leaves after the commit. */
async function write(
  outside: MoveTakes,
  verification: Verification,
  move: WrittenMove,
  byPerson: boolean,
): Promise<MoveAnswer | Refusal> {
  const { businessId, revision, codeId } = verification
  // What ends the code ends all that share it.
  const id = move.kind === 'end' ? codeId : verification.id
  if (move.kind !== 'send') {
    return outside.engine.move({ businessId, id, revision, isAsked: move.kind === 'leave', move })
  }
  const { applicationId, policy } = verification
  const sending = sendingOf(outside, verification, move)
  const { deliveryId, senderId } = sending
  const [senders, application] = await Promise.all([
    outside.listSenders(businessId),
    outside.findApplication(businessId, applicationId),
  ])
  const leave = await outside.mayLeave({
    ...verification,
    ...sending,
    subjectId: codeId,
    kind: 'further',
    isCheckedElsewhere: policy.isCheckedElsewhere,
    hasProven: () => outside.hasProven({ ...verification, now: outside.now() }),
  })
  if (leave.refusal) return leave.refusal
  const answer = await writeAndSend(
    outside,
    {
      delivery: { businessId, id: deliveryId, applicationId, senderId },
      sender: senders.find((one) => one.id === senderId),
      application,
    },
    (atOnce) => outside.engine.move({ businessId, id, revision, isAsked: byPerson, move: { ...sending, atOnce } }),
    ({ outcome, code }) => (outcome === 'moved' && code ? claimedBy(verification, sending, code) : undefined),
  )
  if (answer.outcome !== 'moved') await leave.giveBack()
  return answer
}

const claimedBy = (
  { businessId, codeId, applicationId, live, recipient, locale, transaction, expiresAt }: Verification,
  { deliveryId, channel, senderId }: Omit<SendingMove, 'atOnce'>,
  code: CodeSource,
): ClaimedDelivery => ({
  businessId,
  id: deliveryId,
  codeId,
  applicationId,
  live,
  recipient,
  locale,
  channel,
  senderId,
  ...code,
  ...(transaction && { transaction }),
  expiresAt,
  deferCount: 0,
})

type SendingMove = Extract<MoveRow['move'], { kind: 'send' }>

function sendingOf(
  outside: Pick<Outside, 'newId'>,
  { id, policy }: Verification,
  move: Extract<Move, { kind: 'send' }>,
): Omit<SendingMove, 'atOnce'> {
  const step = move.workflow[move.stepIndex]
  if (!step) throw new Error(`verification ${id} has no step ${move.stepIndex}`)
  return {
    kind: 'send',
    reason: move.reason,
    stepIndex: move.stepIndex,
    workflow: move.workflow,
    dueAt: move.dueAt,
    deliveryId: outside.newId(),
    channel: step.channel,
    senderId: step.senderId,
    sendCountMax: policy.sendCountMax,
    ...(move.mustWait && { waitsSeconds: policy.resendWaitsSeconds }),
  }
}

/** A person is told why; a timer waits until the code expires, since nothing else is to be sent. */
async function afterRefusal(
  outside: Pick<Outside, 'engine'>,
  verification: Verification,
  event: MoveEvent,
  refusal: Refusal,
): Promise<Moved> {
  if (!isAsked(event)) await waitForExpiry(outside, verification)
  return { verification, refusal }
}

const waitForExpiry = (
  { engine }: Pick<Outside, 'engine'>,
  { businessId, id, revision, expiresAt }: Verification,
): Promise<MoveAnswer> =>
  engine.move({ businessId, id, revision, isAsked: false, move: { kind: 'wait', dueAt: expiresAt } })

/** A person is told when to retry; a timer that hit the send limit waits until the code expires. */
async function afterLimit(
  outside: Pick<Outside, 'engine' | 'now'>,
  verification: Verification,
  event: MoveEvent,
  answer: MoveAnswer,
): Promise<Moved> {
  const now = outside.now()
  const quota = sendQuota(verification.policy, answer.sentRecently, now)
  if (answer.outcome === 'resend_too_soon') {
    const at = resendAfter(verification.policy, answer.sentRecently) ?? now
    const retryAfterSeconds = Math.max(1, Math.ceil((at.getTime() - now.getTime()) / 1000))
    return { verification, refusal: new Refusal(verificationRefusals.resend_too_soon, { retryAfterSeconds, quota }) }
  }
  if (!isAsked(event)) await waitForExpiry(outside, verification)
  const retryAfterSeconds = windowOverInSeconds(answer.sentRecently, now)
  return { verification, refusal: new Refusal(verificationRefusals.send_limit_reached, { retryAfterSeconds, quota }) }
}
