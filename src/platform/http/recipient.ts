import { platformRefusals } from '#platform/core/refusals.ts'
import parsePhoneNumber from 'libphonenumber-js/max'
import { Refusal } from '#platform/core/refusal.ts'
import { isDeniedRange } from '#platform/core/phone-number.ts'

/** RFC 5321 §4.5.3.1 limits; deliberately no more than shape, because only the mail server knows. */
const emailShape = /^[^\s@"(),:;<>[\\\]\p{Cc}]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/u

/**
 * Canonical form of a recipient: E.164 for numbers, lower-case domain for e-mail. Two spellings of one number are one
 * recipient, because budgets are counted by it.
 */
export function readRecipient(input: string): string {
  const text = input.trim()
  if (text.includes('@')) return readEmail(text)
  return readPhoneNumber(text)
}

function readEmail(text: string): string {
  if (text.length > 254 || !emailShape.test(text) || text.includes('..'))
    throw new Refusal(platformRefusals.recipient_invalid)
  const at = text.lastIndexOf('@')
  return text.slice(0, at) + text.slice(at).toLowerCase()
}

function readPhoneNumber(text: string): string {
  // libphonenumber takes words and line breaks around a number; those are nobody's number.
  if (text.length > 40 || !/^\+?[\p{Nd}\s().\-/\u2010-\u2015\u200e\u200f\u202a-\u202e]+$/u.test(text)) {
    throw new Refusal(platformRefusals.recipient_invalid)
  }
  const parsed = parsePhoneNumber(text.startsWith('+') ? text : `+${text}`)
  if (!parsed || parsed.ext !== undefined) throw new Refusal(platformRefusals.recipient_invalid)
  if (isDeniedRange(parsed.number)) throw new Refusal(platformRefusals.recipient_not_allowed)
  const type = parsed.getType()
  // With the full metadata a number is valid exactly when its type is known; asking for both would match it twice.
  if (type === undefined || parsed.number.length > 16) throw new Refusal(platformRefusals.recipient_invalid)
  if (type === 'PREMIUM_RATE' || type === 'SHARED_COST' || type === 'PAGER')
    throw new Refusal(platformRefusals.recipient_not_allowed)
  return parsed.number
}
