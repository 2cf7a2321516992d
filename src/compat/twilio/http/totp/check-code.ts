import type { FastifyReply } from 'fastify'
import { Refusal } from '#platform/core/refusal.ts'
import type { TotpFactor } from '#totp/core/factor.ts'
import { normaliseCode } from '#verification/core/code.ts'
import { invalidParameter, type TwilioFault } from '#compat/twilio/http/errors.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { TwilioTakes } from '#compat/twilio/http/takes.ts'

type Takes = Pick<TwilioTakes, 'now' | 'totp'>

/** Whether the code is the factor's; throws `spent` when there were too many wrong ones. */
export async function checkTotp(
  takes: Takes,
  reply: FastifyReply,
  factor: TotpFactor,
  given: string,
  spent: TwilioFault,
  challengeId?: string,
): Promise<boolean> {
  const code = normaliseCode(given)
  if (code === undefined || code.length < 3 || code.length > 8) throw invalidParameter('AuthPayload')
  const now = takes.now()
  const check = await takes.totp.factors.check(factor, { code, ...(challengeId !== undefined && { challengeId }) }, now)
  if (check === undefined) throw new Refusal(platformRefusals.resource_not_found)
  if (check.outcome === 'paused') {
    const { retryAt } = check
    if (retryAt) void reply.header('retry-after', String(Math.ceil((retryAt.getTime() - now.getTime()) / 1000)))
    throw spent
  }
  return check.outcome === 'right'
}
