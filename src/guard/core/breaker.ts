/** Wrong codes of one business, less the right ones, and when that was. */
export interface Wrongs {
  readonly level: number
  readonly atMs: number
}

export interface BreakerRule {
  readonly limit: number
  /** A full counter is empty again after so long. */
  readonly seconds: number
}

/** How many wrong codes stand against the business now. Good times count as far as bad ones do. */
function wrongsNow({ level, atMs }: Wrongs, { limit, seconds }: BreakerRule, nowMs: number): number {
  const fallen = (limit * (nowMs - atMs)) / 1000 / seconds
  return level > 0 ? Math.max(0, level - fallen) : Math.min(0, level + fallen)
}

export function addWrongs(wrongs: Wrongs | undefined, add: number, rule: BreakerRule, nowMs: number): Wrongs {
  const level = wrongs ? wrongsNow(wrongs, rule, nowMs) : 0
  return { level: Math.max(-rule.limit, level + add), atMs: nowMs }
}

/** Seconds until one more check may be compared; undefined: it may be now. */
export function slowedFor(wrongs: Wrongs | undefined, rule: BreakerRule, nowMs: number): number | undefined {
  const level = wrongs ? wrongsNow(wrongs, rule, nowMs) : 0
  if (level + 1 <= rule.limit) return undefined
  return rule.limit < 1 ? rule.seconds : Math.max(1, Math.ceil(((level + 1 - rule.limit) * rule.seconds) / rule.limit))
}
