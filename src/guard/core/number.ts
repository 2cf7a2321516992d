import type { Channel } from '#platform/core/channel.ts'
import type { NumberFacts } from '#platform/core/number-facts.ts'
import type { Policy } from './policy.ts'
import type { NumberRule } from './rules.ts'

/** Whose owner earns with every message or call, or who has no phone that shows one. */
const neverTexted = ['PREMIUM_RATE', 'SHARED_COST', 'PERSONAL_NUMBER', 'UAN', 'TOLL_FREE', 'PAGER', 'VOICEMAIL']

/**
 * Ranges of no country, whatever the plan calls what is inside: universal numbers (+800, +808, +878), satellites and
 * networks (+870, +881–883), international premium rate (+979).
 */
const noCountry = ['800', '808', '870', '878', '881', '882', '883', '888', '979']

/** Where people write their mobile number as a fixed line is written: Argentina, without the 9. */
const mayBeMobile = ['AR']

/** What the channel can't carry to this number. Never `FIXED_LINE_OR_MOBILE`, which is all of North America. */
function breaksLineType(channel: Channel, { lineType, callingCode, country }: NumberFacts): boolean {
  if (channel !== 'sms' && channel !== 'voice') return false
  if (noCountry.includes(callingCode)) return true
  if (lineType !== undefined && neverTexted.includes(lineType)) return true
  return channel === 'sms' && lineType === 'FIXED_LINE' && !mayBeMobile.includes(country ?? '')
}

/** The rules that a number breaks by itself, whoever asks and however often. */
export function brokenByNumber(
  policy: Pick<Policy, 'countries'>,
  channel: Channel,
  facts: NumberFacts | undefined,
): readonly NumberRule[] {
  if (!facts) return []
  const isForeign = policy.countries !== null && !policy.countries.includes(facts.country ?? '')
  return [
    ...(isForeign ? (['country'] as const) : []),
    ...(breaksLineType(channel, facts) ? (['line_type'] as const) : []),
  ]
}

/** What tells of a number in events and metrics without being anybody's: its country, or its calling code. */
export const countryOf = ({ country, callingCode }: NumberFacts): string => country ?? `+${callingCode}`
