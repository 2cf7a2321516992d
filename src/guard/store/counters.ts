import { countedRule, type CountedRuleId, countedRules, outcomes } from '#guard/core/rules.ts'
import { outcomeKinds, type SendRow } from '#guard/core/send.ts'
import { Binder } from '#platform/database/bind.ts'
import { EngineLane, type LaneSettings } from '#platform/database/lanes.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { functionName } from './functions.ts'
import { spendStatement } from './spend-statement.ts'

const setSizeMax = 64
const lanePatienceMs = 25
const waitingMax = 20_000
const eventsMax = 2000
const pagesMax = 500

const returnText = `select ${functionName('return_sends')}($1, $2, $3, $4, $5, $6)`
const learnText = `select ${functionName('learn_outcomes')}($1, $2, $3, $4, $5) as count`
const tellText = `select ${functionName('tell_rule')}($1, $2, $3, $4, $5, $6, $7, $8) as is_new`
const forgetText = `select ${functionName('forget_sends')}($1, $2, $3) as has_more`

export interface RuleNotice {
  readonly id: string
  readonly businessId: string
  readonly live: boolean
  readonly applicationId: string
  readonly key: string
  readonly kind: string
  readonly data: Readonly<Record<string, unknown>>
}

export type Counters = ReturnType<typeof createCounters>

/** Where sends are counted. Lanes of its own: a start waits for its count before it is bound with others. */
export function createCounters(settings: LaneSettings & { readonly bindRequests?: boolean }) {
  const lanes = [new EngineLane(settings), new EngineLane(settings)]
  // What happens beside the requests waits for none of them.
  const slow = new EngineLane(settings)
  const binder = new Binder(lanes, {
    setSizeMax: settings.bindRequests === false ? 1 : setSizeMax,
    lanePatienceMs,
    waitingMax,
    onOverload: () => new Refusal(platformRefusals.busy, { retryAfterSeconds: 1 }),
  })
  return {
    spend: binder.bind(spendStatement),
    giveBack: async ({ businessId, live, subjectId, isKept, charges }: SendRow): Promise<void> => {
      const [keys, sends] = [charges.map(({ key }) => key), charges.map(({ send }) => send)]
      await slow.query('return_sends', returnText, [businessId, live, subjectId, isKept, keys, sends])
    },
    /** Reads what became of sends; how many events there were. */
    learn: async (): Promise<number> => {
      const [found] = await slow.query('learn_outcomes', learnText, [eventsMax, ...worths])
      return found?.['count'] as number
    },
    /** Whether it was told now: each key once an hour. */
    tell: async ({ id, businessId, live, applicationId, key, kind, data }: RuleNotice, now: Date): Promise<boolean> => {
      const values = [now, id, businessId, live, applicationId, key, kind, JSON.stringify(data)]
      const [found] = await slow.query('tell_rule', tellText, values)
      return found?.['is_new'] as boolean
    },
    /** Forgets what is old in some pages; the page to go on at, 0 after the last. */
    forget: async (page: number, now: Date): Promise<number> => {
      const [found] = await slow.query('forget_sends', forgetText, [now, page, pagesMax])
      return found?.['has_more'] === true ? page + pagesMax : 0
    },
    close: async (): Promise<void> => {
      await Promise.all([...lanes, slow].map((lane) => lane.close()))
    },
  }
}

/** What each outcome is worth to each rule, a column an array. */
const worths = columnsOf(
  (Object.keys(countedRules) as CountedRuleId[]).flatMap((rule) => {
    const { creditMax = 0, worth = {} } = countedRule(rule)
    return outcomes.flatMap((outcome) => {
      const of = worth[outcome]
      return of === undefined ? [] : [[outcomeKinds[outcome], rule, of, creditMax] as const]
    })
  }),
)

function columnsOf(rows: readonly (readonly [string, string, number, number])[]): unknown[][] {
  return [0, 1, 2, 3].map((index) => rows.map((row) => row[index]))
}
