import { platformRefusals } from '#platform/core/refusals.ts'
import parsePhoneNumber, { type PhoneNumber } from 'libphonenumber-js/max'
import { Refusal } from '#platform/core/refusal.ts'
import { isDeniedRange, keepsDigits, modernDigits, writtenDigits } from '#platform/core/phone-number.ts'
import { factsOf, numberFacts } from './number-facts.ts'

/** RFC 5321 §4.5.3.1 limits; deliberately no more than shape, because only the mail server knows. */
const emailShape =
  /^[^\s@"(),:;<>[\\\]\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/u

/** Blanks and invisible marks around an address that was pasted; within one they make another mailbox. */
const edges = /^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu

/**
 * Canonical form of a recipient: E.164 for numbers, lower-case domain for e-mail. Old spellings of a number are read
 * as it is dialled today. (Two addresses may still be one person: `personOf`.)
 */
export function readRecipient(input: string): string {
  if (input.includes('@')) return readEmail(input.replace(edges, ''))
  return readPhoneNumber(input)
}

function readEmail(text: string): string {
  if (text.length > 254 || !emailShape.test(text) || text.includes('..'))
    throw new Refusal(platformRefusals.recipient_invalid)
  const at = text.lastIndexOf('@')
  return text.slice(0, at) + text.slice(at).toLowerCase()
}

function readPhoneNumber(text: string): string {
  const digits = writtenDigits(text)
  if (digits === undefined) throw new Refusal(platformRefusals.recipient_invalid)
  const number = validNumber(digits) ?? validNumber(modernDigits(digits))
  if (!number) throw new Refusal(platformRefusals.recipient_invalid)
  if (isDeniedRange(number.number)) throw new Refusal(platformRefusals.recipient_not_allowed)
  const type = numberFacts(number.number)?.lineType
  if (type === 'PREMIUM_RATE' || type === 'SHARED_COST' || type === 'PAGER')
    throw new Refusal(platformRefusals.recipient_not_allowed)
  return number.number
}

function validNumber(digits: string): PhoneNumber | undefined {
  const parsed = parsePhoneNumber(`+${digits}`)
  if (!parsed || parsed.number.length > 16) return undefined
  // With the full metadata a number is valid exactly when its type is known; asking for both would match it twice.
  const isNumber = isDeniedRange(parsed.number) || factsOf(parsed).lineType !== undefined
  return isNumber && keepsDigits(digits, parsed.number, parsed.countryCallingCode) ? parsed : undefined
}
