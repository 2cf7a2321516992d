import type { FastifyReply, FastifyRequest } from 'fastify'
import { platformRefusals } from '#platform/core/refusals.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { isSameSecret } from '#platform/net/same-secret.ts'
import { answerProblem } from '#platform/http/problem.ts'

/**
 * Outside the demo the simulated world is told and steered by whoever has a test key of the server, or the operator's.
 * A browser asks its user for it: any name, the key as the password.
 * @param ownKey of this very server, which asks too
 */
export const guardOf =
  (ownKey: string) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const refusal = await refusalOf(request, ownKey)
    if (!refusal) return
    if (refusal.entry.status === 401)
      void reply.header('www-authenticate', 'Basic realm="Centang: a test key as password"')
    // Answered and not thrown: the simulator has an error handler of its own.
    answerProblem(reply, refusal)
  }

async function refusalOf(request: FastifyRequest, ownKey: string): Promise<Refusal | undefined> {
  const key = keyOf(request.headers.authorization)
  if (key !== undefined && isSameSecret(key, ownKey)) return undefined
  if (key === undefined) return new Refusal(platformRefusals.credentials_missing)
  const { credentials, findOperator, operatorGuesses } = request.server.authentication
  const caller = await credentials.find(({ isOne, isOfPage }) => isOne(key) && isOfPage !== true)?.find(key, request)
  if (caller) {
    const permission = request.method === 'GET' ? 'verification:read' : 'verification:write'
    if (caller.live || !caller.permissions.has(permission)) return new Refusal(platformRefusals.permission_missing)
    return caller.isAllowedFrom?.(request.ip) === false ? new Refusal(platformRefusals.address_not_allowed) : undefined
  }
  const retryAfterSeconds = operatorGuesses.waitSeconds(request.ip)
  if (retryAfterSeconds > 0) return new Refusal(platformRefusals.operator_throttled, { retryAfterSeconds })
  if (findOperator(key)) return undefined
  operatorGuesses.count(request.ip)
  return new Refusal(platformRefusals.credentials_invalid)
}

function keyOf(authorization = ''): string | undefined {
  const [, scheme = '', value = ''] = /^(basic|bearer) ([\x21-\x7e]{1,600})$/i.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return value
  return scheme === ''
    ? undefined
    : Buffer.from(value, 'base64')
        .toString()
        .replace(/^[^:]*:/, '')
}
