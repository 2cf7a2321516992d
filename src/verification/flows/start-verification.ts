import type { Caller } from '#platform/core/caller.ts'
import type { Application } from '#access/core/business.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Channel } from '#platform/core/channel.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { checkedBytes, deriveCode, normaliseCode } from '#verification/core/code.ts'
import type { Idempotency } from '#platform/core/idempotency.ts'
import type { ClaimedDelivery, StartAnswer, StartRow } from '#verification/core/engine.ts'
import { stepDueAt } from '#verification/core/move.ts'
import { type Policy, policyLimits, type WorkflowTemplateStep } from '#access/core/policy.ts'
import { problemOfTransaction, transactionText } from '#verification/core/transaction.ts'
import { sendQuota, type Transaction, type Verification, windowOverInSeconds } from '#verification/core/verification.ts'
import { chooseWorkflow, stepTo } from './choose-workflow.ts'
import { type MoveTakes, moveOn } from './move-on.ts'
import type { Outside } from './outside.ts'
import { writeAndSend } from './write-and-send.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'

export interface StartRequest {
  /** E.164 or an e-mail address, canonical. */
  readonly recipient: string
  readonly channel?: Channel | undefined
  readonly workflow?: readonly WorkflowTemplateStep[] | undefined
  readonly locale?: string | undefined
  readonly purpose: string
  readonly codeLength?: number | undefined
  readonly expiresInSeconds?: number | undefined
  /** The caller's own code. */
  readonly code?: string | undefined
  /** The pending verification stays, also when this start brings a code of its own. */
  readonly keepsPending?: boolean | undefined
  readonly transaction?: Transaction | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly idempotency?: Idempotency | undefined
}

export interface Started {
  readonly verification: Verification
  /** False when a pending verification was sent again; of a repeated request, what the first one was. */
  readonly isNew: boolean
}

/** A start of what is pending already is a move of that. */
type StartTakes = MoveTakes & Pick<Outside, 'keys' | 'askBeforeSend'>

type Prepared = Omit<StartRow, 'atOnce'>

/** A pending verification that ends between two statements is rare; this often in a row it is a fault. */
const startsMax = 4

/**
 * Starts a verification, or sends the pending one of the same application, recipient and purpose again. The answer
 * comes after the commit; the message leaves after the answer was decided, outside every transaction.
 */
export async function startVerification(outside: StartTakes, caller: Caller, request: StartRequest): Promise<Started> {
  const application = await outside.findApplication(caller.businessId, caller.applicationId)
  if (!application) throw new Refusal(platformRefusals.credentials_invalid)
  requireShowable(request.transaction)
  const allowed = await allowedRequest(outside, caller, application, request)
  for (let starts = 0; starts < startsMax; starts++) {
    const { row, sender } = await prepare(outside, caller, application, allowed)
    const { businessId, applicationId, senderId, deliveryId: id } = row
    const answer = await writeAndSend(
      outside,
      { delivery: { businessId, applicationId, senderId, id }, sender, application },
      (atOnce) => outside.engine.start({ ...row, atOnce }),
      ({ outcome }) => (outcome === 'created' ? claimedBy(row) : undefined),
    )
    const started = await startedBy(outside, caller, allowed, row, answer)
    if (started) return started
  }
  throw new Refusal(platformRefusals.busy, { detail: 'the pending verification kept ending', retryAfterSeconds: 1 })
}

function requireShowable(transaction: Transaction | undefined): void {
  const wrong = transaction && problemOfTransaction(transaction)
  if (!wrong) return
  const errors = [{ path: `body/transaction/${wrong.field}`, problem: wrong.problem }]
  throw new Refusal(platformRefusals.body_invalid, { errors })
}

const claimedBy = (row: Prepared): ClaimedDelivery => ({
  businessId: row.businessId,
  id: row.deliveryId,
  verificationId: row.id,
  applicationId: row.applicationId,
  live: row.live,
  recipient: row.recipient,
  locale: row.locale,
  channel: row.channel,
  senderId: row.senderId,
  keyVersion: row.keyVersion,
  codeLength: row.codeLength,
  ...(row.codeSealed && { codeSealed: row.codeSealed }),
  ...(row.transaction && { transaction: row.transaction }),
  expiresAt: row.expiresAt,
  deferCount: 0,
})

/** As the business's own hook allows it, which may choose another channel. */
async function allowedRequest(
  outside: Pick<Outside, 'askBeforeSend'>,
  caller: Caller,
  application: Application,
  request: StartRequest,
): Promise<StartRequest> {
  const decision = await outside.askBeforeSend?.(
    { businessId: caller.businessId, applicationId: application.id, live: caller.live },
    {
      recipient: request.recipient,
      purpose: request.purpose,
      locale: request.locale ?? application.locale,
      channel: request.channel,
    },
  )
  if (decision?.kind === 'deny') throw new Refusal(verificationRefusals.send_denied)
  return decision?.channel === undefined ? request : { ...request, channel: decision.channel }
}

/** Undefined when the pending verification that was found ended in the same moment: it is started anew. */
async function startedBy(
  outside: MoveTakes,
  caller: Caller,
  request: StartRequest,
  row: Prepared,
  answer: StartAnswer,
): Promise<Started | undefined> {
  switch (answer.outcome) {
    case 'created':
      return { verification: viewOf(row, answer), isNew: true }
    case 'exists': {
      const verification = await sendAgain(outside, caller, answer, request)
      return verification && { verification, isNew: false }
    }
    // A repeated request is answered as the first one was.
    case 'replayed_created':
    case 'replayed_exists':
      return { verification: await load(outside, caller, answer), isNew: answer.outcome === 'replayed_created' }
    case 'idempotency_key_reused':
      throw new Refusal(platformRefusals.idempotency_key_reused)
    case 'send_limit_reached':
      throw new Refusal(verificationRefusals.send_limit_reached, {
        retryAfterSeconds: windowOverInSeconds(answer.sentRecently, row.now),
        quota: sendQuota(row.policy, answer.sentRecently, row.now),
      })
  }
}

async function prepare(
  outside: StartTakes,
  caller: Caller,
  application: Application,
  request: StartRequest,
): Promise<{ readonly row: Prepared; readonly sender: Sender | undefined }> {
  const { keys } = outside
  const now = outside.now()
  const id = outside.newId()
  const policy = policyOf(application, request)
  const senders = await outside.listSenders(caller.businessId)
  const workflow = chooseWorkflow(senders, caller.live, application, request)
  const expiresAt = new Date(now.getTime() + policy.expiresInSeconds * 1000)
  const own = request.code === undefined ? undefined : ownCode(request.code)
  const code = own ?? deriveCode(keys.codeMac(keys.currentVersion), id, policy.codeLength)
  const bound = transactionText(request.transaction)
  const [first] = workflow
  const row: Prepared = {
    businessId: caller.businessId,
    applicationId: application.id,
    live: caller.live,
    id,
    recipient: request.recipient,
    purpose: request.purpose,
    locale: request.locale ?? application.locale,
    keyVersion: keys.currentVersion,
    codeLength: code.length,
    codeMac: keys.checkMac(keys.currentVersion, checkedBytes(id, bound, code)),
    ...(own !== undefined && { codeSealed: keys.seal(own, `code ${id}`) }),
    // Every start with a caller's own code is a new verification, since the code may differ.
    binding: own === undefined || request.keepsPending ? bindingOf(outside, bound) : `own ${id}`,
    ...(request.transaction && { transaction: request.transaction }),
    expiresAt,
    policy,
    workflow,
    dueAt: stepDueAt({ workflow, expiresAt }, 0, now),
    ...(request.metadata && { metadata: request.metadata }),
    deliveryId: outside.newId(),
    channel: first.channel,
    senderId: first.senderId,
    ...(request.idempotency && { idempotency: request.idempotency }),
    now,
  }
  return { row, sender: senders.find((one) => one.id === first.senderId) }
}

const bindingOf = (outside: Pick<Outside, 'keys'>, bound: string): string =>
  bound === ''
    ? ''
    : Array.from(outside.keys.fingerprint('transaction', bound), (byte) => byte.toString(16).padStart(2, '0')).join('')

function ownCode(input: string): string {
  const code = normaliseCode(input)
  const { min, max } = policyLimits.codeLength
  if (code === undefined || code.length < min || code.length > max)
    throw new Refusal(verificationRefusals.code_unsuitable)
  return code
}

const policyOf = (application: Application, request: StartRequest): Policy => ({
  ...application.policy,
  ...(request.codeLength !== undefined && { codeLength: request.codeLength }),
  ...(request.expiresInSeconds !== undefined && { expiresInSeconds: request.expiresInSeconds }),
})

/** Within the wait after a send, starting again is not a second message: the pending verification is the answer. */
async function sendAgain(
  outside: MoveTakes,
  caller: Caller,
  answer: StartAnswer,
  request: StartRequest,
): Promise<Verification | undefined> {
  const key = { businessId: caller.businessId, id: answer.verificationId as string }
  const current = await load(outside, caller, answer)
  const inWorkflow = current.workflow[current.stepIndex]?.channel
  const isOther = request.channel !== undefined && request.channel !== inWorkflow
  const step = isOther ? await stepTo(outside, current, request.channel) : undefined
  const moved = await moveOn(outside, key, { kind: 'resend', ...(step && { step }) })
  const refused = moved.refusal?.code
  if (refused === 'verification_closed' || refused === 'verification_expired') return undefined
  if (moved.refusal && refused !== 'resend_too_soon') throw moved.refusal
  return moved.verification ?? current
}

async function load(outside: Pick<Outside, 'engine'>, caller: Caller, answer: StartAnswer): Promise<Verification> {
  const found = await outside.engine.load({ businessId: caller.businessId, id: answer.verificationId as string })
  if (!found) throw new Refusal(verificationRefusals.verification_not_found)
  return found
}

/** The row as it was just written; reading it back would be a second round trip. */
const viewOf = (row: Prepared, answer: StartAnswer): Verification => ({
  businessId: row.businessId,
  id: row.id,
  applicationId: row.applicationId,
  live: row.live,
  recipient: row.recipient,
  purpose: row.purpose,
  locale: row.locale,
  status: 'pending',
  checkCount: 0,
  checkCountMax: row.policy.checkCountMax,
  policy: row.policy,
  workflow: row.workflow,
  stepIndex: 0,
  revision: 0,
  ...(row.transaction && { transaction: row.transaction }),
  ...(row.metadata && { metadata: row.metadata }),
  createdAt: row.now,
  expiresAt: row.expiresAt,
  deliveries: [
    {
      id: row.deliveryId,
      stepIndex: 0,
      channel: row.channel,
      senderId: row.senderId,
      status: 'queued',
      queuedAt: row.now,
    },
  ],
  sentRecently: answer.sentRecently,
})
