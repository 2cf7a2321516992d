import type { FastifyRequest } from 'fastify'
import { apiKeyPattern } from '#access/core/api-key.ts'
import type { Caller } from '#access/core/business.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Context, OperatorKind } from '#platform/http/context.ts'
import { findClientCaller, isClientToken } from '#verification/http/client-token.ts'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null
    operator: OperatorKind | null
    /** The body as it came, for the fingerprint of an idempotency key. */
    rawBody: string
  }
}

export function bearerKey(request: FastifyRequest): string {
  const { authorization } = request.headers
  if (!authorization) throw new Refusal('credentials_missing')
  const key = /^Bearer ([\x21-\x7e]{1,300})$/i.exec(authorization)?.[1]
  if (key === undefined) throw new Refusal('credentials_invalid')
  return key
}

export async function authenticate(context: Context, request: FastifyRequest): Promise<void> {
  const key = bearerKey(request)
  const caller = isClientToken(key)
    ? findClientCaller(context, request, key)
    : apiKeyPattern.test(key)
      ? await context.findCaller(key)
      : undefined
  if (!caller) throw new Refusal('credentials_invalid')
  request.caller = caller
  request.isFromPage = isClientToken(key)
}

export async function authenticateOperator(context: Context, request: FastifyRequest): Promise<void> {
  const key = bearerKey(request)
  const operator = context.findOperator(key)
  if (operator) {
    request.operator = operator
    return
  }
  const caller = apiKeyPattern.test(key) ? await context.findCaller(key) : undefined
  throw new Refusal(caller ? 'operator_required' : 'credentials_invalid')
}

export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new Refusal('credentials_missing')
  return request.caller
}
