import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { KeyCaller, OperatorKind } from '#platform/core/caller.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

import type { Guesses } from './guesses.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `admit` and nowhere else. */
    caller: KeyCaller | null
    operator: OperatorKind | null
    /** Made with a token that a page holds: what is answered is seen by whoever holds the page. */
    isFromPage: boolean
    /** The body as it came, for the fingerprint of an idempotency key. */
    rawBody: string
  }
  interface FastifyInstance {
    authentication: Authentication
    /** What stands before every path of ours, as clients see it: the proxy in front has taken it off. */
    basePath: string
  }
}

/** One kind of bearer key. The module that makes it says what one stands for. */
export interface Credential {
  readonly isOne: (key: string) => boolean
  /** Undefined: unknown, revoked, over, or not for this call. */
  readonly find: (key: string, request: FastifyRequest) => Promise<KeyCaller | undefined> | KeyCaller | undefined
  readonly isOfPage?: boolean
}

export interface Authentication {
  readonly credentials: readonly Credential[]
  readonly findOperator: (key: string) => OperatorKind | undefined
  /** Wrong keys that were tried as the operator's. */
  readonly operatorGuesses: Guesses
  /** Scopes that hold a permission, for the answer to who lacks it. */
  readonly scopesWith: (permission: string) => readonly string[]
}

export function bearerKey(request: FastifyRequest): string {
  const { authorization } = request.headers
  if (!authorization) throw new Refusal(platformRefusals.credentials_missing)
  const key = /^Bearer ([\x21-\x7e]{1,300})$/i.exec(authorization)?.[1]
  if (key === undefined) throw new Refusal(platformRefusals.credentials_invalid)
  return key
}

/**
 * The one place where somebody is let in: whatever found the caller, the key has to hold the permission that the route
 * declares, and the call to come from where the key may be used. Where there is no route there is nothing to permit.
 */
export function admit(request: FastifyRequest, caller: KeyCaller): void {
  if (caller.isAllowedFrom && !caller.isAllowedFrom(request.ip)) throw new Refusal(platformRefusals.address_not_allowed)
  const { permission } = request.routeOptions.config
  if (!request.is404 && (permission === undefined || !caller.permissions.has(permission))) {
    throw permissionMissing(request.server.authentication, permission)
  }
  request.caller = caller
}

function permissionMissing({ scopesWith }: Authentication, permission = 'none'): Refusal {
  const problem = `lacks ${permission}, which is in the scopes ${scopesWith(permission).join(', ')}`
  return new Refusal(platformRefusals.permission_missing, { errors: [{ path: 'headers/authorization', problem }] })
}

/** For what depends on more than the route: a step of it that takes a permission of its own. */
export function requirePermission(request: FastifyRequest, permission: string): void {
  if (!callerOf(request).permissions.has(permission)) throw permissionMissing(request.server.authentication, permission)
}

/** Every call of these routes is made by somebody whom a key of ours stands for. */
export function requireCaller(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    const key = bearerKey(request)
    const credential = app.authentication.credentials.find(({ isOne }) => isOne(key))
    const caller = await credential?.find(key, request)
    if (!caller) throw new Refusal(platformRefusals.credentials_invalid)
    admit(request, caller)
    request.isFromPage = credential?.isOfPage === true
  })
}

/** Every call of these routes is made by the operator. */
export function requireOperator(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    const key = bearerKey(request)
    const { credentials, findOperator, operatorGuesses } = app.authentication
    const retryAfterSeconds = operatorGuesses.waitSeconds(request.ip)
    if (retryAfterSeconds > 0) throw new Refusal(platformRefusals.operator_throttled, { retryAfterSeconds })
    const operator = findOperator(key)
    if (operator) {
      request.operator = operator
      return
    }
    const caller = await credentials.find(({ isOne }) => isOne(key))?.find(key, request)
    if (caller) throw new Refusal(platformRefusals.operator_required)
    operatorGuesses.count(request.ip)
    throw new Refusal(platformRefusals.credentials_invalid)
  })
}

export function callerOf(request: FastifyRequest): KeyCaller {
  if (!request.caller) throw new Refusal(platformRefusals.credentials_missing)
  return request.caller
}
