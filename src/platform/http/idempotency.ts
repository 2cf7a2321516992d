import type { FastifyReply, FastifyRequest } from 'fastify'
import { operatorBusinessId } from '#platform/core/caller.ts'
import type { Idempotency, StoredAnswer } from '#platform/core/idempotency.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import type { People } from '#platform/keys/people.ts'
import { callerOf } from './authenticate.ts'
import type { IdempotencyStore } from './idempotency-store.ts'

const keyLengthMax = 255

export type IdempotentRequests = ReturnType<typeof createIdempotentRequests>

/** Requests with an Idempotency-Key: what they ask is done once, and its answer repeated. */
export function createIdempotentRequests(
  keyring: Pick<Keyring, 'fingerprint'>,
  people: Pick<People, 'markOf'>,
  store: Pick<IdempotencyStore, 'once'>,
) {
  /**
   * The key of a request with the fingerprint of what it asks, or undefined when there is none. What stands for the key is
   * kept, not the key: many make theirs of the number that the request is about.
   */
  function readIdempotency(request: FastifyRequest): Idempotency | undefined {
    const key = request.headers['idempotency-key']
    if (key === undefined) return undefined
    if (typeof key !== 'string' || key.length === 0 || key.length > keyLengthMax || !/^[\x20-\x7e]+$/.test(key)) {
      throw new Refusal(platformRefusals.idempotency_key_invalid)
    }
    return {
      key: `${ownerOf(request).space}:${people.markOf(key)}`,
      fingerprint: keyring.fingerprint(request.method, request.url, request.rawBody),
    }
  }

  /**
   * For calls that are not hot: the answer is kept, sealed, and repeated for the same key.
   * @param aboutBusinessId of the operator's calls: whose people the answer may name
   * @param isForAsker to the API key that asked and no other of the application: the answer holds more than that may have
   */
  async function answerOnce(
    request: FastifyRequest,
    reply: FastifyReply,
    run: () => Promise<StoredAnswer>,
    { aboutBusinessId, isForAsker = false }: { readonly aboutBusinessId?: string; readonly isForAsker?: boolean } = {},
  ): Promise<void> {
    const asked = readIdempotency(request)
    const idempotency = asked && isForAsker ? { ...asked, key: `${asked.key} of ${callerOf(request).keyId}` } : asked
    const owner = { ...ownerOf(request), aboutBusinessId }
    const answer = idempotency ? await store.once(owner, idempotency, run) : await run()
    await reply.status(answer.status).send(answer.body)
  }

  return { readIdempotency, answerOnce }
}

/** Whose keys they are: an application's, in one of the two modes, or the operator's. */
function ownerOf(request: FastifyRequest): { readonly businessId: string; readonly space: string } {
  if (request.operator) return { businessId: operatorBusinessId, space: request.operator }
  const { businessId, applicationId, live } = callerOf(request)
  // A page must not use up, or meet, a key of the business's own server.
  return { businessId, space: `${live ? 'live' : 'test'}${request.isFromPage ? ' page' : ''} ${applicationId}` }
}
