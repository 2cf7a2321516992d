import type { FastifyInstance } from 'fastify'
import { normaliseCode } from '#verification/core/code.ts'
import { checkCode } from '#verification/flows/check-code.ts'
import type { Context } from '#platform/http/context.ts'
import { serviceCaller } from './authenticate.ts'
import { invalidParameter, TwilioFault } from './errors.ts'
import { findVerification } from './find-verification.ts'
import { formOf } from './form.ts'
import { representCheck } from './represent.ts'
import { readTransaction } from './verifications.ts'

export function checkRoutes(app: FastifyInstance, context: Context): void {
  const { outside } = context

  app.post('/Services/:ServiceSid/VerificationCheck', async (request, reply) => {
    const caller = await serviceCaller(context, request)
    const form = formOf(request)
    const named = form.text('VerificationSid') ?? form.text('To')
    if (named === undefined) throw new TwilioFault(60221, 400, 'Either To or VerificationSid is required')
    const code = normaliseCode(form.required('Code'))
    if (code === undefined) throw invalidParameter('Code')
    const verification = await findVerification(context, caller, named)
    const { isValid } = await checkCode(outside, caller, {
      id: verification.id,
      code,
      transaction: readTransaction(form),
    })
    return reply.status(201).send(representCheck(verification, isValid, outside.now()))
  })
}
