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
/** Of one business, what was guessed at last. */
const subjectsMax = 10_000
/** One tenant never slows another: over all of them it only alarms. */
const server: BreakerRule = { limit: 10 * checkRules.wrong_codes.limit, seconds: checkRules.wrong_codes.seconds }

interface Guessed {
  wrongs: Wrongs | undefined
  /** Verifications and apps that have had a wrong code, and when: each counts once, however often it is guessed at. */
  readonly subjects: Map<string, number>
}

/**
 * Somebody who guesses one code each of very many people passes by every limit of a verification and of a recipient. So
 * wrong codes are counted against right ones over a whole business, on each server in its memory: it has to know within
 * milliseconds. A check counts as wrong until it has ended, so that those that are asked at once count too.
 *
 * A verification counts once: it has a limit of its own, and whoever would make the checks of a business slow has to start
 * as many as the limit, which the rules on sends make dear.
 */
export function createMayCheck({ policyOf, tell, nowMs, alarm }: CheckingTakes) {
  const businesses = new Map<string, Guessed>()
  let all: Wrongs | undefined

  const guessedOf = (name: string): Guessed => {
    const guessed = businesses.get(name) ?? { wrongs: undefined, subjects: new Map<string, number>() }
    businesses.delete(name)
    dropOldest(businesses, businessesMax)
    businesses.set(name, guessed)
    return guessed
  }
  const add = (guessed: Guessed, rule: BreakerRule, count: number): void => {
    guessed.wrongs = addWrongs(guessed.wrongs, count, rule, nowMs())
    all = addWrongs(all, count, server, nowMs())
  }

  return async (caller: PolicyOwner, subjectId: string) => {
    const policy = await policyOf(caller)
    const mode = policy.mode('wrong_codes')
    const limit = policy.limit('wrong_codes')
    if (mode === 'off' || limit === null) return { ended: () => undefined }
    const rule = { limit, seconds: checkRules.wrong_codes.seconds }
    const guessed = guessedOf(`${caller.businessId} ${caller.live}`)
    const seconds = slowedFor(guessed.wrongs, rule, nowMs())
    if (seconds !== undefined) {
      tell({ ...caller, rule: 'wrong_codes', key: 'wrong_codes all', isRefused: mode === 'enforce' })
      if (mode === 'enforce')
        return { refusal: new Refusal(refusalOf.wrong_codes, { retryAfterSeconds: seconds }), ended: () => undefined }
    }
    if (slowedFor(all, server, nowMs()) !== undefined) alarm()
    const isFirst = addSubject(guessed.subjects, subjectId, nowMs(), rule)
    if (isFirst) add(guessed, rule, 1)
    return {
      ended: (outcome: CheckOutcome): void => {
        if (outcome === 'wrong') return
        // What was right, or not compared, is not guessed at.
        if (isFirst) guessed.subjects.delete(subjectId)
        const taken = (isFirst ? 1 : 0) + (outcome === 'right' ? 1 : 0)
        if (taken > 0) add(guessed, rule, -taken)
      },
    }
  }
}

/** Whether it was not among them. Those that fell out of the counter long since are forgotten. */
function addSubject(
  subjects: Map<string, number>,
  subjectId: string,
  nowMs: number,
  { seconds }: BreakerRule,
): boolean {
  for (const [id, atMs] of subjects) {
    if (nowMs - atMs < seconds * 1000) break
    subjects.delete(id)
  }
  if (subjects.has(subjectId)) return false
  dropOldest(subjects, subjectsMax)
  subjects.set(subjectId, nowMs)
  return true
}

function dropOldest<Value>(map: Map<string, Value>, max: number): void {
  const [oldest] = map.keys()
  if (map.size >= max && oldest !== undefined) map.delete(oldest)
}
