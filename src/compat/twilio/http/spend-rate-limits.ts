import type { Caller } from '#platform/core/caller.ts'
import { invalidParameter, TwilioFault } from './errors.ts'
import type { Form } from './form.ts'
import { limitsPerService } from '#compat/twilio/core/rate-limits.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'keys' | 'now' | 'rateLimits' | 'safeNumbers'>

/**
 * Before a start: every limit it names has to exist, and to have something left for the value. A recipient on the safe
 * list spends nothing of them and is held back by none.
 */
export async function spendRateLimits(takes: Takes, caller: Caller, form: Form, recipient: string): Promise<void> {
  const { rateLimits, safeNumbers } = takes
  const given = form.map('RateLimits', { entries: limitsPerService, length: 255 })
  if (given === undefined) return
  const limits = await rateLimits.list(caller)
  const values = Object.entries(given).map(([name, value]) => {
    const limit = limits.find(({ uniqueName }) => uniqueName === name)
    if (!limit) throw invalidParameter('RateLimits', 'names a rate limit that the service does not have')
    return { rateLimitId: limit.id, mac: takes.keys.fingerprint('rate limit', limit.id, value) }
  })
  if (await safeNumbers.find(caller, recipient)) return
  const { waitSeconds } = await rateLimits.spend(caller.businessId, caller.live, values, takes.now())
  if (waitSeconds > 0) throw new TwilioFault(20429, 429, 'Too many requests', waitSeconds)
}
