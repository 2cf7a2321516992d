import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '#core/errors.ts'
import type { Idempotency } from '#core/verification/engine.ts'
import { callerOf } from './authenticate.ts'
import type { Context, StoredAnswer } from './context.ts'

const keyLengthMax = 255

/** The Idempotency-Key of a request with the fingerprint of what it asks, or undefined when there is none. */
export function readIdempotency(context: Context, request: FastifyRequest): Idempotency | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || key.length === 0 || key.length > keyLengthMax || !/^[\x20-\x7e]+$/.test(key)) {
    throw new Refusal('idempotency_key_invalid')
  }
  const { live } = callerOf(request)
  // A test and a live key of one business are two worlds.
  return {
    key: `${live ? 'live' : 'test'}:${key}`,
    fingerprint: context.world.keys.fingerprint(request.method, request.url, request.rawBody),
  }
}

/** For calls that are not hot: the answer is kept, sealed, and repeated for the same key. */
export async function answerOnce(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  run: () => Promise<StoredAnswer>,
): Promise<void> {
  const idempotency = readIdempotency(context, request)
  const answer = idempotency ? await context.idempotency.once(callerOf(request), idempotency, run) : await run()
  await reply.status(answer.status).send(answer.body)
}
