/** `record`: counted and told, and nothing is refused for it. `off`: not even counted. */
export const ruleModes = ['enforce', 'record', 'off'] as const
export type RuleMode = (typeof ruleModes)[number]

/**
 * How a counter falls again. `drain`: steadily, from its limit to nothing in `seconds`. `window`: each send counts for so
 * long after it. `clock`: with the hour or day of UTC.
 */
export type Falls = 'drain' | 'window' | 'clock'

/** What the log tells later of a send that was counted. */
export const outcomes = ['approved', 'failed'] as const
export type Outcome = (typeof outcomes)[number]

interface Rule {
  /** What it does, in a sentence for those who set it. */
  readonly about: string
}

interface CountedRule extends Rule {
  readonly limit: number
  /** Of a test key, whose messages cost nothing; absent: the same. Null: none. */
  readonly testLimit?: null
  readonly falls: Falls
  readonly seconds: number
  /** What one send adds. */
  readonly send: -1 | 1
  /** What an outcome adds to the counter, or takes away: who proves their number makes room for others. */
  readonly worth?: Readonly<Partial<Record<Outcome, number>>>
  /** How far below nothing the counter may fall: good times that are remembered. */
  readonly creditMax?: number
}

const hour = 3600
const day = 24 * hour

/**
 * One right code is worth three sends. Honest people prove about every second one (70 % of them, who need 1.3 each), so
 * their counters fall; below one in three they rise.
 */
const approved = -3

/** Rules on the number alone. */
const numberRules = {
  country: { about: 'Codes go to numbers of the countries of the application only.' },
  line_type: {
    about:
      'No SMS and no call to premium, shared-cost, personal, universal and toll-free numbers and pagers, and no SMS to ' +
      'numbers that are surely fixed lines.',
  },
} as const satisfies Readonly<Record<string, Rule>>

/** Rules that count sends, each in counters of its own: one a recipient, a block of numbers, a network, … */
export const countedRules = {
  recipient_day: {
    about: 'Codes to one person in 24 hours, over all purposes and channels.',
    limit: 10,
    falls: 'window',
    seconds: day,
    send: 1,
  },
  unproven_block: {
    about: 'Codes that nobody entered, to one block of ten thousand numbers: all but the last four digits.',
    limit: 25,
    falls: 'drain',
    seconds: day,
    send: 1,
    worth: { approved },
    creditMax: 25,
  },
  unproven_range: {
    about: 'Codes that nobody entered, to one range of a million numbers: all but the last six digits.',
    limit: 100,
    falls: 'drain',
    seconds: day,
    send: 1,
    worth: { approved },
    creditMax: 200,
  },
  unproven_country: {
    about: 'Codes that nobody entered, to one country.',
    limit: 300,
    falls: 'drain',
    seconds: day,
    send: 1,
    worth: { approved },
    creditMax: 1000,
  },
  unproven_network: {
    about: 'Codes that nobody entered, asked for from one network: the /24 or /48 of `client.ip`.',
    limit: 100,
    falls: 'drain',
    seconds: day,
    send: 1,
    worth: { approved },
    creditMax: 300,
  },
  unproven_device: {
    about: 'Codes that nobody entered, asked for from one `client.device_id`.',
    limit: 10,
    falls: 'drain',
    seconds: day,
    send: 1,
    worth: { approved },
    creditMax: 10,
  },
  elsewhere_block: {
    about: 'Codes that are checked elsewhere (gateways), to one block of ten thousand numbers.',
    limit: 30,
    falls: 'drain',
    seconds: hour,
    send: 1,
  },
  elsewhere_failed: {
    about:
      'Codes that are checked elsewhere and did not arrive, to one country: each counts 2, and each that is sent takes ' +
      '1 away, so that it rises when more than half fail.',
    limit: 100,
    falls: 'drain',
    seconds: day,
    send: -1,
    worth: { failed: 2 },
    creditMax: 50,
  },
  business_hour: {
    about: 'Messages of the business in an hour of the clock (UTC). The operator may set a lower limit.',
    limit: 10_000,
    testLimit: null,
    falls: 'clock',
    seconds: hour,
    send: 1,
  },
  business_day: {
    about: 'Messages of the business in a day of UTC. The operator may set a lower limit.',
    limit: 50_000,
    testLimit: null,
    falls: 'clock',
    seconds: day,
    send: 1,
  },
  message_recipient: {
    about: 'Messages of chats to one person.',
    limit: 200,
    falls: 'drain',
    seconds: day,
    send: 1,
  },
  message_sender: {
    about: 'Messages of chats from one sender in an hour of the clock (UTC).',
    limit: 5000,
    falls: 'clock',
    seconds: hour,
    send: 1,
  },
} as const satisfies Readonly<Record<string, CountedRule>>

/** The rule on checks. Its counters are in the memory of each server (`breaker.ts`). */
export const checkRules = {
  wrong_codes: {
    about: 'Wrong codes of the whole business, less the right ones. Beyond it checks slow down until it has fallen.',
    limit: 100,
    seconds: 600,
  },
} as const

export type NumberRule = keyof typeof numberRules
export type CountedRuleId = keyof typeof countedRules
export type RuleId = NumberRule | CountedRuleId | keyof typeof checkRules

export const ruleIds = [
  ...Object.keys(numberRules),
  ...Object.keys(countedRules),
  ...Object.keys(checkRules),
] as readonly RuleId[]

export const countedRule = (id: CountedRuleId): CountedRule => countedRules[id]

export const isCounted = (id: RuleId): id is CountedRuleId => Object.hasOwn(countedRules, id)

export const aboutOf = (id: RuleId): string => ({ ...numberRules, ...countedRules, ...checkRules })[id].about
