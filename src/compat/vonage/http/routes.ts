import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { normaliseCode } from '#verification/core/code.ts'
import type { MoveEvent } from '#verification/core/move.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import { ignoredParameters } from '#compat/http/ignored-parameters.ts'
import { codeFloor, isBelow, raisedTo } from '#compat/http/code-floor.ts'
import { findPending } from '#compat/http/find-pending.ts'
import { judgeError } from '#platform/http/problem.ts'
import { authenticateVonage } from './authenticate.ts'
import { answerVonageError, answerVonageRefusal, vonageErrors } from './errors.ts'
import { InvalidParameter, isObject, readStart, spelledCode } from './read-start.ts'
import { templateRoutes } from './templates.ts'
import { uuidPattern } from '#compat/vonage/core/uuid.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'
import type { VonageTakes } from './takes.ts'

type Takes = Pick<VonageTakes, 'access' | 'now' | 'publicKeys' | 'publicUrl' | 'verification'>

/** No other door can name it, so that nobody finds here what was started elsewhere. */
const purpose = 'vonage:verification'

/** Vonage Verify v2 under `/v2/verify`, for Vonage's own clients. */
export const vonageRoutes =
  (takes: Takes): FastifyPluginAsync =>
  async (app) => {
    app.addHook('onRequest', (request) => authenticateVonage(takes, request))
    app.setErrorHandler(answerError)
    app.setNotFoundHandler((_request, reply) =>
      answerVonageRefusal(reply, new Refusal(platformRefusals.route_not_found)),
    )
    templateRoutes(app, takes)
    // With the prefix this is both, with and without the slash at the end; in that clients differ.
    startRoute(app, takes, '/')
    for (const slash of ['', '/']) {
      requestRoutes(app, takes, `/:id${slash}`)
      for (const next of ['next_workflow', 'next-workflow']) nextRoute(app, takes, `/:id/${next}${slash}`)
    }
  }

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof InvalidParameter) return answerVonageError(reply, error.error)
  return answerVonageRefusal(reply, judgeError(error, request))
}

function startRoute(app: FastifyInstance, takes: Takes, url: string): void {
  const tellIgnored = ignoredParameters('vonage')
  const answerPending = (reply: FastifyReply, id: string): FastifyReply =>
    answerVonageError(reply, vonageErrors.concurrent, { request_id: id })

  app.post(url, needs('verification:write'), async (request, reply) => {
    const { clientRef, ignored, ...start } = readStart(request.body)
    tellIgnored(request.log, ignored)
    const caller = callerOf(request)
    const floor = await codeFloor(takes, caller)
    if (isBelow(floor, start.code)) throw new InvalidParameter('code', `must have at least ${floor} digits`)
    // Looked up first: what is pending is not sent again. Of two starts in one moment the flow finds the other's.
    const pending = await findPending(takes, caller, start.recipient, purpose)
    if (pending) return answerPending(reply, pending.id)
    const { verification, isNew } = await takes.verification.start(caller, {
      ...start,
      codeLength: raisedTo(floor, start.codeLength),
      purpose,
      takesPending: true,
      ...(clientRef !== undefined && { metadata: { client_ref: clientRef } }),
    })
    return isNew ? reply.status(202).send({ request_id: verification.id }) : answerPending(reply, verification.id)
  })
}

function requestRoutes(app: FastifyInstance, takes: Takes, url: string): void {
  app.post(url, needs('verification:write'), async (request, reply) => {
    const raw = isObject(request.body) ? request.body['code'] : undefined
    const spelled = spelledCode(raw)
    if (typeof spelled !== 'string' || spelled === '') throw new InvalidParameter('code', 'is required')
    if (spelled.length > 64) throw new InvalidParameter('code', 'must have 4 to 10 characters')
    const id = requestId(request)
    const given = typeof raw === 'number' ? await withZeros(takes, request, id, spelled) : spelled
    // Letters are part of no code here, so what has them is wrong; comparing it counts it like any other wrong one.
    const code = normaliseCode(given) ?? given
    const { isValid, status } = await takes.verification.check(callerOf(request), { id, code })
    if (isValid) return reply.send({ request_id: id, status: 'completed' })
    return answerVonageError(reply, status === 'pending' ? vonageErrors.invalidCode : vonageErrors.tooManyCodes)
  })

  app.delete(url, needs('verification:write'), async (request, reply) => {
    await move(takes, request, { kind: 'cancel' })
    return reply.status(204).send()
  })
}

/** A code that came as a number has lost the zeros at its front. */
async function withZeros(takes: Takes, request: FastifyRequest, id: string, digits: string): Promise<string> {
  const found = await takes.verification.load({ businessId: callerOf(request).businessId, id })
  return digits.padStart(found?.policy.codeLength ?? 0, '0')
}

function nextRoute(app: FastifyInstance, takes: Takes, url: string): void {
  app.post(url, needs('verification:write'), async (request, reply) => {
    await move(takes, request, { kind: 'next' })
    return reply.send({})
  })
}

async function move(takes: Takes, request: FastifyRequest, event: MoveEvent): Promise<void> {
  const { businessId, live } = callerOf(request)
  const key = { businessId, id: requestId(request) }
  const verification = await takes.verification.load(key)
  if (!verification || verification.live !== live) throw new Refusal(verificationRefusals.verification_not_found)
  const { refusal } = await takes.verification.move(key, event, { loaded: verification })
  if (refusal) throw refusal
}

/** The verification's id as it is: Vonage's are UUIDs too. */
function requestId(request: FastifyRequest): string {
  const id = (request.params as { id: string }).id.toLowerCase()
  if (!uuidPattern.test(id)) throw new Refusal(verificationRefusals.verification_not_found)
  return id
}
