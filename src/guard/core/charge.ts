import type { Leaving } from '#messaging/core/may-leave.ts'
import type { NumberFacts } from '#platform/core/number-facts.ts'
import { personOf } from '#platform/core/person.ts'
import { networkOf } from './network.ts'
import { countryOf } from './number.ts'
import type { Policy } from './policy.ts'
import { type CountedRuleId, countedRule, type Falls } from './rules.ts'

/** One counter that a send is counted in. */
export interface Charge {
  readonly rule: CountedRuleId
  /** Of the business and mode. Begins with the rule; holds no whole number and no device. */
  readonly key: string
  readonly limit: number
  readonly falls: Falls
  readonly seconds: number
  readonly send: number
  readonly creditMax: number
  /** Over the limit it refuses; else it only tells. */
  readonly isEnforced: boolean
}

interface ChargeTakes {
  readonly policy: Pick<Policy, 'mode' | 'limit'>
  /** Undefined: an e-mail address. */
  readonly facts: NumberFacts | undefined
  /** Keyed, so that whoever reads the database learns nobody's device. */
  readonly mac: (kind: string, text: string) => string
  /** The key of the person behind an address: one person, one budget, however a number is spelled. */
  readonly personKeyOf: (businessId: string, recipient: string) => string
}

/** The counters of a send, in the order in which they are asked. */
export function chargesOf(leaving: Leaving, takes: ChargeTakes): readonly Charge[] {
  const wanted: Counter[] = [
    ...(leaving.kind === 'chat' ? chatCounters(leaving, takes) : codeCounters(leaving, takes)),
    ['business_hour', spendOf(leaving.channel)],
    ['business_day', spendOf(leaving.channel)],
  ]
  return wanted.flatMap(([rule, of]) => chargeOf(rule, of, takes.policy) ?? [])
}

/** E-mail costs next to nothing: whoever asks for a lot of it must not use up what may be spent on the phones. */
const spendOf = (channel: Leaving['channel']): string => (channel === 'email' ? 'email' : 'all')

type Counter = readonly [rule: CountedRuleId, of: string]

function codeCounters(leaving: Leaving, { facts, mac, personKeyOf }: ChargeTakes): Counter[] {
  const { businessId, recipient, person, isCheckedElsewhere, client } = leaving
  const device = client?.deviceId
  const network = client?.ip === undefined ? undefined : networkOf(client.ip)
  return [
    ['recipient_day', person ?? personKeyOf(businessId, recipient)],
    ...(facts ? numberCounters(recipient, facts, isCheckedElsewhere === true) : []),
    ...(network === undefined || isCheckedElsewhere ? [] : [['unproven_network', network] as const]),
    ...(device === undefined || isCheckedElsewhere ? [] : [['unproven_device', mac('device', device)] as const]),
  ]
}

function numberCounters(number: string, facts: NumberFacts, isCheckedElsewhere: boolean): Counter[] {
  const block = prefixOf(number, facts, 4)
  const country = countryOf(facts)
  if (isCheckedElsewhere)
    return [
      ['elsewhere_block', block],
      ['elsewhere_failed', country],
    ]
  return [
    ['unproven_block', block],
    ['unproven_range', prefixOf(number, facts, 6)],
    ['unproven_country', country],
  ]
}

const chatCounters = ({ businessId, recipient, senderId }: Leaving, { personKeyOf }: ChargeTakes): Counter[] => [
  ['message_recipient', personKeyOf(businessId, recipient)],
  ['message_sender', senderId],
]

/**
 * All but the last digits; of a short number at least its calling code and one digit more. Of the number as its person is
 * spelled: else an old spelling would be a block of its own beside the new one.
 */
function prefixOf(number: string, { callingCode }: NumberFacts, without: number): string {
  const spelled = personOf(number)
  return spelled.slice(0, Math.max(callingCode.length + 2, spelled.length - without))
}

function chargeOf(rule: CountedRuleId, of: string, policy: ChargeTakes['policy']): Charge | undefined {
  const mode = policy.mode(rule)
  const limit = policy.limit(rule)
  if (mode === 'off' || limit === null) return undefined
  const { falls, seconds, send, creditMax = 0 } = countedRule(rule)
  return { rule, key: `${rule} ${of}`, limit, falls, seconds, send, creditMax, isEnforced: mode === 'enforce' }
}
