import type { FastifyInstance, FastifyRequest } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { problemOfTransaction } from '#verification/core/transaction.ts'
import type { Caller } from '#platform/core/caller.ts'
import type { Transaction, Verification } from '#verification/core/verification.ts'
import type { StartRequest } from '#verification/port.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import { codeFloor, isBelow } from '#compat/http/code-floor.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import { approveByWord } from './approve.ts'
import { serviceCaller } from './authenticate.ts'
import { readChannel, readLocale } from './channel.ts'
import { invalidParameter, notOffered, TwilioFault } from './errors.ts'
import { findVerification, purpose } from './find-verification.ts'
import { type Form, formOf } from './form.ts'
import { spendRateLimits } from './spend-rate-limits.ts'
import { isForgotten, representVerification } from './represent.ts'
import { requireTemplate } from './templates.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<
  TwilioTakes,
  | 'access'
  | 'codeTemplates'
  | 'keys'
  | 'now'
  | 'publicUrl'
  | 'rateLimits'
  | 'safeNumbers'
  | 'serviceSettings'
  | 'verification'
>

export function verificationRoutes(app: FastifyInstance, takes: Takes): void {
  app.post('/Services/:ServiceSid/Verifications', needs('verification:write'), async (request, reply) => {
    const caller = await serviceCaller(takes, request)
    const form = formOf(request)
    refuseWhatWouldBeLost(form)
    const channel = readChannel(form.required('Channel'))
    await requireTemplate(takes, request, caller, form, channel)
    const wanted = {
      recipient: readRecipient(form.required('To')),
      channel,
      locale: readLocale(form.text('Locale')),
      purpose,
      code: await readCustomCode(takes, caller, form),
      transaction: readTransaction(form),
      metadata: form.map('Tags', { entries: 10, length: 128 }),
    }
    // A request that could not be served spends nothing.
    await spendRateLimits(takes, caller, form, wanted.recipient)
    const verification = await startOrSendAgain(takes, caller, wanted)
    return reply.status(201).send(representVerification(verification, takes.now(), takes.publicUrl()))
  })

  app.get('/Services/:ServiceSid/Verifications/:Sid', needs('verification:read'), async (request) => {
    const verification = await findNamed(takes, request)
    return representVerification(verification, takes.now(), takes.publicUrl())
  })

  app.post('/Services/:ServiceSid/Verifications/:Sid', needs('verification:write'), async (request) => {
    const verification = await findNamed(takes, request)
    const status = formOf(request).required('Status')
    if (status === 'approved') {
      // By its word a business approves what its own server checked, so the word is that application's.
      if (verification.applicationId !== callerOf(request).applicationId)
        throw notOffered('approving with a key of another service; use one of this service')
      const approved = await approveByWord(takes, verification)
      return representVerification(approved, takes.now(), takes.publicUrl())
    }
    if (status !== 'canceled') throw invalidParameter('Status')
    const { businessId, id } = verification
    const moved = await takes.verification.move({ businessId, id }, { kind: 'cancel' }, { loaded: verification })
    if (moved.refusal) throw moved.refusal
    return representVerification(moved.verification ?? verification, takes.now(), takes.publicUrl())
  })
}

/**
 * Twilio has one verification at a time for a service and number: a second start sends it again, at once, five times in ten
 * minutes. Nobody reads its approval by that, since Twilio forgets it then.
 */
async function startOrSendAgain(takes: Takes, caller: Caller, wanted: StartRequest): Promise<Verification> {
  const takesPending = wanted.code === undefined
  const { verification, isNew } = await takes.verification.start(caller, { ...wanted, takesPending })
  if (isNew) return verification
  const step = wanted.channel && (await takes.verification.stepTo(verification, wanted.channel))
  const moved = await takes.verification.move(verification, { kind: 'resend', atOnce: true, ...(step && { step }) })
  if (moved.refusal) throw moved.refusal
  return moved.verification ?? verification
}

/** A code of the caller's own is taken where the service says that it may be: whoever gets a key could choose one. */
async function readCustomCode(takes: Takes, caller: Caller, form: Form): Promise<string | undefined> {
  const code = form.text('CustomCode')
  if (code === undefined) return undefined
  if (!(await takes.serviceSettings.find(caller))?.customCodeEnabled) {
    throw notOffered('CustomCode: set CustomCodeEnabled=true on the service')
  }
  const floor = await codeFloor(takes, caller)
  if (isBelow(floor, code))
    throw invalidParameter('CustomCode', `must have at least ${floor} digits, as CodeLength says`)
  return code
}

async function findNamed(takes: Takes, request: FastifyRequest) {
  const caller = await serviceCaller(takes, request)
  const verification = await findVerification(takes, caller, (request.params as { Sid: string }).Sid)
  if (isForgotten(verification, takes.now())) throw new Refusal(verificationRefusals.verification_not_found)
  return verification
}

const notTaken = ['CustomFriendlyName', 'SendDigits', 'ChannelConfiguration', 'Templates']

/** What changes what is sent, or who may be sent to, is refused rather than left out in silence. */
function refuseWhatWouldBeLost(form: Form): void {
  if (form.text('CustomMessage') !== undefined) {
    throw new TwilioFault(60243, 400, 'Custom messages are not supported')
  }
  for (const name of notTaken) if (form.text(name) !== undefined) throw notOffered(name)
  if (form.text('EnableSnaClientToken') === 'true') throw notOffered('EnableSnaClientToken')
}

/**
 * Twilio's amount is a text that has its currency in it, or not at all; as written it is what the code is bound to.
 */
export function readTransaction(form: Form): Transaction | undefined {
  const amount = form.text('Amount')
  const payee = form.text('Payee')
  if (amount === undefined && payee === undefined) return undefined
  if (amount === undefined || payee === undefined)
    throw new TwilioFault(60206, 400, 'Amount and Payee are both required')
  const transaction = { amount, currency: '', payee }
  const wrong = problemOfTransaction(transaction)
  if (wrong) throw invalidParameter(wrong.field === 'payee' ? 'Payee' : 'Amount', wrong.problem)
  return transaction
}
