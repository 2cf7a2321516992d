import { asciiDigits, withoutInvisible } from './digits.ts'

/**
 * Ranges that libphonenumber calls valid but that earn somebody money with every message: global satellite and
 * international premium numbers (ITU-T E.164 country codes 870, 878, 881–883, 888, 979) and US premium rate.
 */
const deniedPrefixes = ['+870', '+878', '+881', '+882', '+883', '+888', '+979', '+1900', '+1976']

export const isDeniedRange = (phoneNumber: string): boolean =>
  deniedPrefixes.some((prefix) => phoneNumber.startsWith(prefix))

const writtenMax = 40
/** Blanks, dashes (also the Japanese long mark), brackets, dots and slashes, in their wide forms too; no line break. */
const separator = String.raw`[\p{Zs}\t\p{Pd}\u2212\u30fc()\uff08\uff09[\]\uff3b\uff3d.\uff0e/\uff0f]`
const written = new RegExp(String.raw`^[+\uff0b\ufe62]?(?:\p{Nd}|${separator})+$`, 'u')

/**
 * The digits of a number as people write and paste it, of any script; undefined when anything else is among them, words
 * or a line break. Every digit that was written is in the answer: a digit that is passed over is another person's number.
 */
export function writtenDigits(text: string): string | undefined {
  const plain = withoutInvisible(text).trim()
  if (plain.length > writtenMax || !written.test(plain)) return undefined
  return asciiDigits(plain).replaceAll(/\D/g, '')
}

/** Spellings that were right once, or are common and never were, and how they are dialled from abroad today. */
const oldSpellings: readonly (readonly [RegExp, string])[] = [
  // Mexico dropped 1, 01, 044 and 045 in 2019; WhatsApp ids still have the 1.
  [/^52(?:1|01|044|045)(?=\d{10}$)/, '52'],
  // Brazil gave mobiles a ninth digit from 2012 to 2016; WhatsApp ids of older accounts lack it.
  [/^(?<area>55[1-9]\d)(?=[6-9]\d{7}$)/, '$<area>9'],
  // Argentina: 9 is for calls from abroad and 15 for those from home. With both, the 15 goes.
  [/^549(?=\d{2,4}15\d{6,8}$)(?=\d{12}$)/, '54'],
]

/** How digits that are no number today would be written now; the same when there is nothing to mend. */
export const modernDigits = (digits: string): string =>
  oldSpellings.reduce((found, [old, now]) => found.replace(old, now), digits)

/** Trunk prefixes and carrier codes that people leave between country and number: `(0)`, `8`, `06`, `0 15`. */
const trunkDigitsMax = 3

/**
 * Whether a number that was read has every digit that was written, less a trunk prefix after the country's code
 * (Argentina's 15 stands further in).
 */
export function keepsDigits(digits: string, phoneNumber: string, countryCode: string): boolean {
  const national = phoneNumber.slice(1 + countryCode.length)
  const given = digits.slice(countryCode.length)
  if (!digits.startsWith(countryCode)) return false
  const dropped = given.length - national.length
  if (dropped <= 0) return true
  return dropped <= trunkDigitsMax && (given.endsWith(national) || isArgentinian(countryCode, given, national))
}

const isArgentinian = (countryCode: string, given: string, national: string): boolean =>
  countryCode === '54' && /^9\d{10}$/.test(national) && given.replace(/^0/, '').replace('15', '') === national.slice(1)
