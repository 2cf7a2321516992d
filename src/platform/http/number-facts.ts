import parsePhoneNumber, { type PhoneNumber } from 'libphonenumber-js/max'
import type { NumberFacts } from '#platform/core/number-facts.ts'

/** Reading a number costs more than anything else of a request, and its facts are asked for again a moment later. */
const keptMax = 2000
const kept = new Map<string, NumberFacts>()

/** The facts of a number that was just read, kept for whoever asks next. */
export function factsOf(parsed: PhoneNumber): NumberFacts {
  const lineType = parsed.getType()
  const facts = {
    ...(parsed.country !== undefined && { country: parsed.country }),
    callingCode: parsed.countryCallingCode,
    ...(lineType !== undefined && { lineType }),
  }
  const [oldest] = kept.keys()
  if (kept.size >= keptMax && oldest !== undefined) kept.delete(oldest)
  kept.set(parsed.number, facts)
  return facts
}

/** @param number E.164; undefined when it is none */
export function numberFacts(number: string): NumberFacts | undefined {
  const known = kept.get(number)
  if (known) return known
  const parsed = parsePhoneNumber(number)
  return parsed && factsOf(parsed)
}
