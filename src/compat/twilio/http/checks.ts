import type { FastifyInstance } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import { normaliseCode } from '#verification/core/code.ts'
import { serviceCaller } from './authenticate.ts'
import { invalidParameter, TwilioFault } from './errors.ts'
import { findVerification } from './find-verification.ts'
import { formOf } from './form.ts'
import { representCheck } from './represent.ts'
import { readTransaction } from './verifications.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'access' | 'now' | 'verification'>
export function checkRoutes(app: FastifyInstance, takes: Takes): void {
  app.post('/Services/:ServiceSid/VerificationCheck', needs('verification:write'), async (request, reply) => {
    const caller = await serviceCaller(takes, request)
    const form = formOf(request)
    const named = form.text('VerificationSid') ?? form.text('To')
    if (named === undefined) throw new TwilioFault(60221, 400, 'Either To or VerificationSid is required')
    const code = normaliseCode(form.required('Code'))
    if (code === undefined) throw invalidParameter('Code')
    const verification = await findVerification(takes, caller, named)
    const { isValid } = await takes.verification.check(caller, {
      id: verification.id,
      code,
      transaction: readTransaction(form),
    })
    return reply.status(201).send(representCheck(verification, isValid, takes.now()))
  })
}
