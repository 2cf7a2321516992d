import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Caller, OperatorKind } from '#platform/core/caller.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null
    operator: OperatorKind | null
    /** Made with a token that a page holds: what is answered is seen by whoever holds the page. */
    isFromPage: boolean
    /** The body as it came, for the fingerprint of an idempotency key. */
    rawBody: string
  }
  interface FastifyInstance {
    authentication: Authentication
  }
}

/** One kind of bearer key. The module that makes it says what one stands for. */
export interface Credential {
  readonly isOne: (key: string) => boolean
  /** Undefined: unknown, revoked, over, or not for this call. */
  readonly find: (key: string, request: FastifyRequest) => Promise<Caller | undefined> | Caller | undefined
  readonly isOfPage?: boolean
}

export interface Authentication {
  readonly credentials: readonly Credential[]
  readonly findOperator: (key: string) => OperatorKind | undefined
}

export function bearerKey(request: FastifyRequest): string {
  const { authorization } = request.headers
  if (!authorization) throw new Refusal(platformRefusals.credentials_missing)
  const key = /^Bearer ([\x21-\x7e]{1,300})$/i.exec(authorization)?.[1]
  if (key === undefined) throw new Refusal(platformRefusals.credentials_invalid)
  return key
}

/** Every call of these routes is made by somebody whom a key of ours stands for. */
export function requireCaller(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    const key = bearerKey(request)
    const credential = app.authentication.credentials.find(({ isOne }) => isOne(key))
    const caller = await credential?.find(key, request)
    if (!caller) throw new Refusal(platformRefusals.credentials_invalid)
    request.caller = caller
    request.isFromPage = credential?.isOfPage === true
  })
}

/** Every call of these routes is made by the operator. */
export function requireOperator(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    const key = bearerKey(request)
    const { credentials, findOperator } = app.authentication
    const operator = findOperator(key)
    if (operator) {
      request.operator = operator
      return
    }
    const caller = await credentials.find(({ isOne }) => isOne(key))?.find(key, request)
    throw new Refusal(caller ? platformRefusals.operator_required : platformRefusals.credentials_invalid)
  })
}

export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new Refusal(platformRefusals.credentials_missing)
  return request.caller
}
