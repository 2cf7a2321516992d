import { addWrongs, type BreakerRule, slowedFor, type Wrongs } from '#guard/core/breaker.ts'
import { checkRules } from '#guard/core/rules.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { JudgingTakes, PolicyOwner } from './judging.ts'
import { refusalOf } from './refusal-of.ts'

/** How a check ended; `void`: nothing was compared. */
type CheckOutcome = 'right' | 'wrong' | 'void'

interface CheckingTakes extends JudgingTakes {
  readonly nowMs: () => number
  /** So many wrong codes stand against the whole server that its operator should look. */
  readonly alarm: () => void
}

/** What this server remembers at most; the businesses that were heard of last. */
const businessesMax = 10_000
/** One tenant never slows another: over all of them it only alarms. */
const server: BreakerRule = { limit: 10 * checkRules.wrong_codes.limit, seconds: checkRules.wrong_codes.seconds }

/**
 * Somebody who guesses one code each of very many people passes by every limit of a verification and of a recipient. So
 * wrong codes are counted against right ones over a whole business, on each server in its memory: it has to know within
 * milliseconds. A check counts as wrong until it has ended, so that those that are asked at once count too.
 */
export function createMayCheck({ policyOf, tell, nowMs, alarm }: CheckingTakes) {
  const businesses = new Map<string, Wrongs>()
  let all: Wrongs | undefined

  const add = (name: string, rule: BreakerRule, count: number): void => {
    const at = nowMs()
    const wrongs = addWrongs(businesses.get(name), count, rule, at)
    businesses.delete(name)
    const [oldest] = businesses.keys()
    if (businesses.size >= businessesMax && oldest !== undefined) businesses.delete(oldest)
    businesses.set(name, wrongs)
    all = addWrongs(all, count, server, at)
  }

  return async (caller: PolicyOwner) => {
    const policy = await policyOf(caller)
    const mode = policy.mode('wrong_codes')
    const limit = policy.limit('wrong_codes')
    if (mode === 'off' || limit === null) return { ended: () => undefined }
    const rule = { limit, seconds: checkRules.wrong_codes.seconds }
    const name = `${caller.businessId} ${caller.live}`
    const seconds = slowedFor(businesses.get(name), rule, nowMs())
    if (seconds !== undefined) {
      tell({ ...caller, rule: 'wrong_codes', key: 'wrong_codes all', isRefused: mode === 'enforce' })
      if (mode === 'enforce')
        return { refusal: new Refusal(refusalOf.wrong_codes, { retryAfterSeconds: seconds }), ended: () => undefined }
    }
    if (slowedFor(all, server, nowMs()) !== undefined) alarm()
    add(name, rule, 1)
    return {
      ended: (outcome: CheckOutcome): void => {
        if (outcome !== 'wrong') add(name, rule, outcome === 'right' ? -2 : -1)
      },
    }
  }
}
