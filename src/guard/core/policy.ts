import { checkRules, countedRule, isCounted, type RuleId, type RuleMode } from './rules.ts'

/** What somebody has set of one rule; the rest is as it is by default. */
export interface RuleChange {
  readonly mode?: RuleMode | undefined
  /** Null: no limit. */
  readonly limit?: number | null | undefined
}

/** Of one application in one mode, as it was set. */
export interface PolicyChanges {
  /** ISO 3166-1 alpha-2. Null: every country. Absent: those of its own senders' numbers. */
  readonly countries?: readonly string[] | null | undefined
  readonly rules?: Readonly<Partial<Record<RuleId, RuleChange>>> | undefined
}

/** The operator's say over all businesses. */
export interface OperatorPolicy {
  /** How the rules are that nobody has set. */
  readonly mode: RuleMode
  /** Of live messages; a business may have less. */
  readonly sendsPerHour: number
  readonly sendsPerDay: number
}

/** Where the countries come from: named by the business, of its senders' numbers, or from nowhere. */
export type CountriesFrom = 'named' | 'senders' | 'unknown'

export interface Policy {
  /** Null: every country. */
  readonly countries: readonly string[] | null
  readonly countriesFrom: CountriesFrom
  readonly mode: (rule: RuleId) => RuleMode
  /** Null: no limit. */
  readonly limit: (rule: RuleId) => number | null
}

/** What may be owed to each country while nobody has said which ones are the application's. */
const unfamiliarMax = 100

/** @param own countries of the numbers that the business sends from */
export function resolvePolicy(
  changes: PolicyChanges,
  operator: OperatorPolicy,
  live: boolean,
  own: readonly string[],
): Policy {
  const named = changes.countries
  // A test key reaches simulated phones only; its countries count when they were named, to try it out.
  const fromSenders = live && named === undefined && own.length > 0
  const countriesFrom: CountriesFrom = named === undefined ? (fromSenders ? 'senders' : 'unknown') : 'named'
  return {
    countries: named ?? (fromSenders ? own : null),
    countriesFrom,
    mode: (rule) => changes.rules?.[rule]?.mode ?? operator.mode,
    limit: (rule) => limitOf(rule, changes.rules?.[rule]?.limit, operator, live, countriesFrom),
  }
}

function limitOf(
  rule: RuleId,
  given: number | null | undefined,
  operator: OperatorPolicy,
  live: boolean,
  countriesFrom: CountriesFrom,
): number | null {
  const limit = given === undefined ? defaultLimit(rule, live) : given
  if (live && rule === 'business_hour') return Math.min(limit ?? Infinity, operator.sendsPerHour)
  if (live && rule === 'business_day') return Math.min(limit ?? Infinity, operator.sendsPerDay)
  if (live && rule === 'unproven_country' && given === undefined && countriesFrom === 'unknown') return unfamiliarMax
  return limit
}

function defaultLimit(rule: RuleId, live: boolean): number | null {
  if (rule === 'wrong_codes') return checkRules.wrong_codes.limit
  if (!isCounted(rule)) return null
  const { limit, testLimit } = countedRule(rule)
  return live || testLimit === undefined ? limit : testLimit
}
