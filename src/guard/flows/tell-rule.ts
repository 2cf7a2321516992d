import type { Broken } from './judging.ts'
import type { GuardEventKind } from '#guard/core/event-kinds.ts'

interface TellingTakes {
  readonly tell: (
    notice: {
      readonly id: string
      readonly businessId: string
      readonly live: boolean
      readonly applicationId: string
      readonly key: string
      readonly kind: GuardEventKind
      readonly data: Readonly<Record<string, unknown>>
    },
    now: Date,
  ) => Promise<boolean>
  readonly count: (broken: Broken) => void
  readonly now: () => Date
  readonly newId: () => string
  readonly onError: (error: unknown) => void
}

const againAfterMs = 3_600_000
const rememberedMax = 10_000

/**
 * Tells that a rule was broken: counted each time, an event once an hour for each counter. The database has the last word,
 * because there are other servers; what this one told it does not ask again.
 */
export function createTellRule({ tell, count, now, newId, onError }: TellingTakes) {
  const toldAt = new Map<string, number>()
  const underWay = new Set<Promise<unknown>>()
  return {
    tell: (broken: Broken): void => {
      count(broken)
      const { businessId, live, applicationId, rule, key, isRefused, country = null } = broken
      const at = now()
      const spelled = `${businessId} ${live} ${key} ${isRefused}`
      if (at.getTime() - (toldAt.get(spelled) ?? -Infinity) < againAfterMs) return
      const [oldest] = toldAt.keys()
      if (toldAt.size >= rememberedMax && oldest !== undefined) toldAt.delete(oldest)
      toldAt.delete(spelled)
      toldAt.set(spelled, at.getTime())
      const what = rule === 'wrong_codes' ? (isRefused ? 'checks_slowed' : 'checks_recorded') : undefined
      const kind: GuardEventKind = `guard.${what ?? (isRefused ? 'send_refused' : 'send_recorded')}`
      const notice = { id: newId(), businessId, live, applicationId, kind, data: { rule, country, ...aboutOf(broken) } }
      // One that records and is then enforced is told of anew.
      const telling = tell({ ...notice, key: `${key} ${isRefused ? 'refused' : 'recorded'}` }, at).catch(onError)
      underWay.add(telling)
      void telling.finally(() => underWay.delete(telling))
    },
    drain: async (): Promise<void> => {
      await Promise.all(underWay)
    },
  }
}

/** What of the counter may be told: a block of numbers, a network; of a person or a device only that it is one. */
const aboutOf = ({ rule, key }: Broken): { readonly prefix: string | null; readonly network: string | null } => {
  const of = key.slice(rule.length + 1)
  const isPrefix = rule.endsWith('_block') || rule.endsWith('_range')
  return { prefix: isPrefix ? of : null, network: rule === 'unproven_network' ? of : null }
}
