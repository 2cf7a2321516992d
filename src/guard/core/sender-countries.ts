import type { Sender } from '#messaging/core/sender.ts'
import type { NumberFacts } from '#platform/core/number-facts.ts'

/** The members of a sender's config in which its own number may stand. */
const numberMembers = ['from', 'phone_number']

/**
 * The countries of the numbers that a business sends from. None, when one of its senders does not tell: a name instead of a
 * number, or only the provider's id of it, until the provider has told the number. Then nobody knows where its people are, and whoever refused all other countries
 * would refuse honest people. What the operator lends to everybody tells nothing of a business.
 */
export function countriesOfSenders(
  senders: readonly Sender[],
  businessId: string,
  live: boolean,
  factsOf: (number: string) => NumberFacts | undefined,
): readonly string[] {
  const own = senders.filter((one) => one.businessId === businessId && one.live === live && one.channel !== 'email')
  const countries = own.map((sender) => {
    const number = numberOf(sender)
    return number === undefined ? undefined : factsOf(number)?.country
  })
  return countries.includes(undefined) ? [] : [...new Set(countries as string[])].toSorted()
}

/** E.164, when it is a number of a country: neither a name nor a short code. */
function numberOf({ config, ownNumber }: Sender): string | undefined {
  const text = numberMembers.map((member) => config[member]).find((value) => typeof value === 'string') ?? ownNumber
  const digits = text?.replaceAll(/[^\d]/g, '')
  return text !== undefined && digits !== undefined && /^[+\d][\d\s().-]{7,24}$/.test(text) ? `+${digits}` : undefined
}
