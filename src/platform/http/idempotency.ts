import type { FastifyReply, FastifyRequest } from 'fastify'
import { operatorBusinessId } from '#access/core/business.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Idempotency } from '#verification/core/engine.ts'
import { callerOf } from '#access/http/authenticate.ts'
import type { Context, StoredAnswer } from './context.ts'

const keyLengthMax = 255

/** The Idempotency-Key of a request with the fingerprint of what it asks, or undefined when there is none. */
export function readIdempotency(context: Context, request: FastifyRequest): Idempotency | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || key.length === 0 || key.length > keyLengthMax || !/^[\x20-\x7e]+$/.test(key)) {
    throw new Refusal('idempotency_key_invalid')
  }
  return {
    key: `${ownerOf(request).world}:${key}`,
    fingerprint: context.world.keys.fingerprint(request.method, request.url, request.rawBody),
  }
}

/** Whose keys they are. A test and a live key of one business are two worlds; the operator's keys are a third. */
function ownerOf(request: FastifyRequest): { readonly businessId: string; readonly world: string } {
  if (request.operator) return { businessId: operatorBusinessId, world: request.operator }
  const { businessId, live } = callerOf(request)
  // A page must not use up, or meet, a key of the business's own server.
  return { businessId, world: `${live ? 'live' : 'test'}${request.isFromPage ? ' page' : ''}` }
}

/** For calls that are not hot: the answer is kept, sealed, and repeated for the same key. */
export async function answerOnce(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  run: () => Promise<StoredAnswer>,
): Promise<void> {
  const idempotency = readIdempotency(context, request)
  const answer = idempotency ? await context.idempotency.once(ownerOf(request), idempotency, run) : await run()
  await reply.status(answer.status).send(answer.body)
}
