import type { Caller } from '#platform/core/caller.ts'
import type { Application } from '#access/core/business.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Channel } from '#platform/core/channel.ts'
import { type Client, granted, type Leave } from '#messaging/core/may-leave.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { checkedBytes, deriveCode, normaliseCode } from '#verification/core/code.ts'
import type { Idempotency } from '#platform/core/idempotency.ts'
import type { ClaimedDelivery, StartAnswer, StartRow } from '#verification/core/engine.ts'
import { stepDueAt } from '#verification/core/move.ts'
import { policyLimits, type WorkflowTemplateStep } from '#access/core/policy.ts'
import { problemOfTransaction, transactionText } from '#verification/core/transaction.ts'
import {
  sendQuota,
  type Transaction,
  type Verification,
  type VerificationPolicy,
  windowOverInSeconds,
} from '#verification/core/verification.ts'
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
  /** The caller's own code is checked by the caller too, who chose its length and takes the newest only. */
  readonly isCheckedElsewhere?: boolean | undefined
  /** One verification at a time, as some vendors have it: the pending one is the answer, and nothing is sent. */
  readonly takesPending?: boolean | undefined
  readonly transaction?: Transaction | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  /** Who asked the business for it, where it says so. */
  readonly client?: Client | undefined
  readonly idempotency?: Idempotency | undefined
}

export interface Started {
  readonly verification: Verification
  /** False when a pending verification is the answer (`takesPending`). */
  readonly isNew: boolean
}

/** A start that shares a code may send it again, which is a move. */
type StartTakes = MoveTakes & Pick<Outside, 'keys' | 'people'>

type Prepared = Omit<StartRow, 'atOnce' | 'mayCreate'>

/** A code that ends between being found and being joined is rare; this often in a row it is a fault. */
const startsMax = 8

/**
 * Starts a verification of the caller's own. Where a code of the same application, address, purpose and length is pending
 * it shares that one, and any message that the person holds is right. The answer comes after the commit; the message
 * leaves after the answer was decided, outside every transaction.
 */
export async function startVerification(outside: StartTakes, caller: Caller, request: StartRequest): Promise<Started> {
  const application = await outside.findApplication(caller.businessId, caller.applicationId)
  if (!application) throw new Refusal(platformRefusals.credentials_invalid)
  requireShowable(request.transaction)
  const allowed = await allowedRequest(outside, caller, application, request)
  let code: StartAnswer['code']
  for (let starts = 0; starts < startsMax; starts++) {
    const { row, sender } = await prepare(outside, caller, application, allowed, code)
    const { businessId, applicationId, senderId, deliveryId: id } = row
    // To share a code sends nothing yet; what sends it again asks for itself.
    const { refusal, giveBack } = code ? granted : await mayLeave(outside, row, allowed)
    const answer = await writeAndSend(
      outside,
      { delivery: { businessId, applicationId, senderId, id }, sender, application },
      (atOnce) => outside.engine.start({ ...row, atOnce, mayCreate: !refusal }),
      ({ outcome }) => (outcome === 'created' ? claimedBy(row) : undefined),
    )
    if (refusal && answer.outcome === 'withheld') throw refusal
    if (answer.outcome !== 'created') await giveBack()
    const started = await startedBy(outside, caller, allowed, row, answer)
    if (started) return started
    code = answer.code
  }
  throw new Refusal(platformRefusals.busy, { detail: 'the pending code kept ending', retryAfterSeconds: 1 })
}

function requireShowable(transaction: Transaction | undefined): void {
  const wrong = transaction && problemOfTransaction(transaction)
  if (!wrong) return
  const errors = [{ path: `body/transaction/${wrong.field}`, problem: wrong.problem }]
  throw new Refusal(platformRefusals.body_invalid, { errors })
}

const mayLeave = (
  outside: Pick<Outside, 'hasProven' | 'mayLeave'>,
  row: Prepared,
  { client, isCheckedElsewhere }: StartRequest,
): Promise<Leave> =>
  outside.mayLeave({
    ...row,
    subjectId: row.id,
    kind: 'start',
    client,
    isCheckedElsewhere,
    hasProven: () => outside.hasProven({ ...row, codeId: row.id }),
  })

const claimedBy = (row: Prepared): ClaimedDelivery => ({
  businessId: row.businessId,
  id: row.deliveryId,
  codeId: row.id,
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
      client: request.client,
    },
  )
  if (decision?.kind === 'deny') throw new Refusal(verificationRefusals.send_denied)
  return decision?.channel === undefined ? request : { ...request, channel: decision.channel }
}

/** Undefined when it has to be asked for once more, with the code that it may share, if there is one. */
async function startedBy(
  outside: MoveTakes,
  caller: Caller,
  request: StartRequest,
  row: Prepared,
  answer: StartAnswer,
): Promise<Started | undefined> {
  switch (answer.outcome) {
    case 'joins':
    case 'stale':
    case 'withheld':
      return undefined
    case 'created':
      return { verification: viewOf(row, answer), isNew: true }
    case 'joined':
      return { verification: await sendAgain(outside, await load(outside, caller, answer), request), isNew: true }
    case 'exists':
      return { verification: await load(outside, caller, answer), isNew: false }
    case 'replayed':
      return { verification: await load(outside, caller, answer), isNew: true }
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
  /** The pending code that it shares. */
  shared: StartAnswer['code'],
): Promise<{ readonly row: Prepared; readonly sender: Sender | undefined }> {
  const { keys } = outside
  const now = outside.now()
  const id = outside.newId()
  const policy = policyOf(application, request)
  const senders = await outside.listSenders(caller.businessId)
  const workflow = chooseWorkflow(senders, caller.live, application, request)
  const expiresAt = new Date(now.getTime() + policy.expiresInSeconds * 1000)
  const own = request.code === undefined ? undefined : ownCode(request.code, application, request)
  const keyVersion = shared?.keyVersion ?? keys.currentVersion
  if (!keys.versions.includes(keyVersion))
    throw new Refusal(verificationRefusals.key_unavailable, { retryAfterSeconds: 5 })
  const code = own ?? deriveCode(keys.codeMac(keyVersion), shared?.id ?? id, policy.codeLength)
  const bound = transactionText(request.transaction)
  const [first] = workflow
  const row: Prepared = {
    businessId: caller.businessId,
    applicationId: application.id,
    live: caller.live,
    id,
    ...(shared && { codeId: shared.id }),
    recipient: request.recipient,
    person: outside.people.keyOf(caller.businessId, request.recipient),
    purpose: request.purpose,
    locale: request.locale ?? application.locale,
    keyVersion,
    codeLength: code.length,
    codeMac: keys.checkMac(keyVersion, checkedBytes(id, bound, code)),
    ...(own !== undefined && { codeSealed: keys.seal(own, `code ${id}`) }),
    binding: bindingOf(outside, id, request, bound),
    takesPending: request.takesPending === true,
    replaces: request.isCheckedElsewhere === true,
    ...(request.transaction && { transaction: request.transaction }),
    expiresAt,
    policy: { ...policy, codeLength: code.length },
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

/**
 * With whom a verification shares its code. A caller's own code is nobody else's, since it may differ; so is one that
 * authorises something, unless the transaction has a name and it is the same. A vendor's rule of one at a time holds for an
 * own code as well.
 */
function bindingOf(outside: Pick<Outside, 'keys'>, id: string, request: StartRequest, bound: string): string {
  const { code, transaction, takesPending } = request
  const isAlone = code !== undefined || (transaction !== undefined && transaction.id === undefined)
  if (isAlone && !takesPending) return `alone ${id}`
  return bound === '' ? '' : Buffer.from(outside.keys.fingerprint('transaction', bound)).toString('hex')
}

function ownCode(input: string, { policy }: Application, { isCheckedElsewhere }: StartRequest): string {
  const code = normaliseCode(input)
  const { min, max } = policyLimits.codeLength
  const least = isCheckedElsewhere ? min : policy.codeLength
  if (code === undefined || code.length < least || code.length > max)
    throw new Refusal(verificationRefusals.code_unsuitable)
  return code
}

function policyOf(application: Application, request: StartRequest): VerificationPolicy {
  if (request.codeLength !== undefined && request.codeLength < application.policy.codeLength) {
    throw new Refusal(verificationRefusals.code_too_short)
  }
  return {
    ...application.policy,
    ...(request.isCheckedElsewhere === true && { isCheckedElsewhere: true }),
    ...(request.codeLength !== undefined && { codeLength: request.codeLength }),
    ...(request.expiresInSeconds !== undefined && { expiresInSeconds: request.expiresInSeconds }),
  }
}

/**
 * Sends a code again that somebody has joined, when its wait is over. Within the wait, or with the recipient's sends used
 * up, there is no second message: the person holds one that is right, and `resend_after` says when there may be another. So it
 * is where others move the code all the time: the verification is there by now, and a repeat would make one more.
 */
async function sendAgain(outside: MoveTakes, joined: Verification, request: StartRequest): Promise<Verification> {
  const inWorkflow = joined.workflow[joined.stepIndex]?.channel
  const isOther = request.channel !== undefined && request.channel !== inWorkflow
  const step = isOther ? await stepTo(outside, joined, request.channel) : undefined
  const moved = await moveOn(
    outside,
    joined,
    { kind: 'resend', ...(step && { step }) },
    { loaded: joined, isAllowed: true },
  ).catch(orBusy)
  return moved.verification ?? joined
}

function orBusy(error: unknown): { readonly verification?: undefined } {
  if (error instanceof Refusal && error.code === 'busy') return {}
  throw error
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
  codeId: row.id,
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
