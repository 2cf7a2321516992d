import { Refusal } from '#platform/core/refusal.ts'
import type { TotpEntity, TotpFactor } from '#totp/core/factor.ts'
import { totpLimits } from '#totp/core/totp.ts'
import { normaliseCode } from '#verification/core/code.ts'
import { invalidParameter, TwilioFault } from '#compat/twilio/http/errors.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { TwilioTakes } from '#compat/twilio/http/takes.ts'

type Takes = Pick<TwilioTakes, 'now' | 'totp'>

/** The numbers that Twilio has for too many wrong codes. */
export const checksSpent = {
  factor: { code: 60310, message: 'Factor verification attempts reached' },
  challenge: { code: 60308, message: 'Challenge verification attempts limit reached' },
} as const

interface Checked {
  readonly entity: TotpEntity
  readonly factor: TotpFactor
  /** Approved with it. */
  readonly challengeId?: string
}

/** Whether the code is the factor's; throws `spent` when there were too many wrong ones. */
export async function checkTotp(
  takes: Takes,
  { entity, factor, challengeId }: Checked,
  given: string,
  spent: (typeof checksSpent)[keyof typeof checksSpent],
): Promise<boolean> {
  const code = normaliseCode(given)
  const { min, max } = totpLimits.codeLength
  if (code === undefined || code.length < min || code.length > max) throw invalidParameter('AuthPayload')
  const now = takes.now()
  const check = await takes.totp.check(entity, factor, { code, ...(challengeId !== undefined && { challengeId }) }, now)
  if (check === undefined) throw new Refusal(platformRefusals.resource_not_found)
  if (check.outcome === 'paused') {
    const { retryAt } = check
    const waitSeconds = retryAt && Math.ceil((retryAt.getTime() - now.getTime()) / 1000)
    throw new TwilioFault(spent.code, 429, spent.message, waitSeconds)
  }
  return check.outcome === 'right'
}
