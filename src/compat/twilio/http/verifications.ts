import type { FastifyInstance, FastifyRequest } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Transaction } from '#verification/core/verification.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import { approveByWord } from './approve.ts'
import { serviceCaller } from './authenticate.ts'
import { readChannel, readLocale } from './channel.ts'
import { invalidParameter, notOffered, TwilioFault } from './errors.ts'
import { findVerification, purpose } from './find-verification.ts'
import { type Form, formOf } from './form.ts'
import { spendRateLimits } from './spend-rate-limits.ts'
import { isForgotten, representVerification } from './represent.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'access' | 'keys' | 'now' | 'publicUrl' | 'rateLimits' | 'safeNumbers' | 'verification'>

export function verificationRoutes(app: FastifyInstance, takes: Takes): void {
  app.post('/Services/:ServiceSid/Verifications', needs('verification:write'), async (request, reply) => {
    const caller = await serviceCaller(takes, request)
    const form = formOf(request)
    refuseWhatWouldBeLost(form)
    const wanted = {
      recipient: readRecipient(form.required('To')),
      channel: readChannel(form.required('Channel')),
      locale: readLocale(form.text('Locale')),
      purpose,
      code: form.text('CustomCode'),
      transaction: readTransaction(form),
      metadata: form.map('Tags', { entries: 10, length: 128 }),
    }
    // A request that could not be served spends nothing.
    await spendRateLimits(takes, caller, form, wanted.recipient)
    const { verification } = await takes.verification.start(caller, wanted)
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
    const moved = await takes.verification.move({ businessId, id }, { kind: 'cancel' }, verification)
    if (moved.refusal) throw moved.refusal
    return representVerification(moved.verification ?? verification, takes.now(), takes.publicUrl())
  })
}

async function findNamed(takes: Takes, request: FastifyRequest) {
  const caller = await serviceCaller(takes, request)
  const verification = await findVerification(takes, caller, (request.params as { Sid: string }).Sid)
  if (isForgotten(verification, takes.now())) throw new Refusal(verificationRefusals.verification_not_found)
  return verification
}

const notTaken = [
  'CustomFriendlyName',
  'SendDigits',
  'ChannelConfiguration',
  'TemplateSid',
  'Templates',
  'TemplateCustomSubstitutions',
]

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
  if (amount.length > 40) throw invalidParameter('Amount')
  if (payee.length > 140) throw invalidParameter('Payee')
  return { amount, currency: '', payee }
}
