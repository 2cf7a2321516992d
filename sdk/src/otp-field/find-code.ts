import { asciiDigits, onlyDigits } from './digits.ts'

/** A code in a text that came all at once. */
export interface FoundCode {
  readonly code: string
  /** It may be something else, a date or half of a number: it is shown to the person, and never checked by itself. */
  readonly isGuess: boolean
}

const gap = String.raw`[\s\p{Pd}\p{Cf}]`
const onlyCode = new RegExp(String.raw`^(?:\p{Nd}|${gap})*$`, 'u')
/** Numbers that are none of the sender's codes: of telephones, and in addresses of pages. */
const otherNumbers = /https?:\/\/\S+|\+\d[\d ().-]*/g

/**
 * The code in what was pasted, dropped or filled in: `123 456`, `123-456`, or the whole message. In a message an unbroken
 * run of just as many digits is the code when there is one only; digits with gaps are a guess. Undefined: there is none,
 * or nobody can tell which it is.
 */
export function findCode(text: string, length: number): FoundCode | undefined {
  const digits = onlyDigits(text)
  if (onlyCode.test(text)) return digits.length === length ? { code: digits, isGuess: false } : undefined
  const message = asciiDigits(text).replace(otherNumbers, ' ')
  // Not a part of `1.234.567`, `24/11/2026`, `12:30:45` or `Rp250.000`.
  const alone = new RegExp(String.raw`(?<![\d]|\d[.,:/\p{Pd}])\d{${length}}(?![\d]|[.,:/\p{Pd}]\d)`, 'gu')
  const unbroken = new Set(message.match(alone))
  if (unbroken.size > 0) return one(unbroken, false)
  const grouped = new RegExp(
    String.raw`(?<!\d${gap}?|\d[.,:/])\d(?:${gap}?\d){${length - 1}}(?!${gap}?\d|[.,:/]\d)`,
    'gu',
  )
  return one(new Set(message.match(grouped)?.filter(isEven).map(onlyDigits)), true)
}

/** `123 456`, and not `24 8630`. */
const isEven = (groups: string): boolean => new Set(groups.split(/\D+/).map(({ length }) => length)).size === 1

function one(codes: ReadonlySet<string>, isGuess: boolean): FoundCode | undefined {
  const [code, ...others] = codes
  return code === undefined || others.length > 0 ? undefined : { code, isGuess }
}
