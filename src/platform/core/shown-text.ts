import { topLevelDomains } from './top-level-domains.ts'

/**
 * How a text has to be that somebody else chose and a person reads beside a code, an amount or our own words: a brand,
 * a payee, what is put into a template. It may neither look like another line of the message, nor turn around what
 * stands beside it, nor hold what nobody sees, nor lead anywhere.
 */
export interface ShownTextRule {
  /** As a person counts them: an emoji of seven code points is one. */
  readonly characters: number
  /** An account's name is often an address of e-mail, which looks like a link. */
  readonly mayBeAddress?: true
}

/** Of code points a character may have so many, all in all; a pile of marks would cover the lines around it. */
export const codePointsPerCharacter = 4
const piledMarks = /\p{M}{5}/u
const lineBreak = /[\n\r\u0085\u2028\u2029]/u
const control = /\p{Cc}/u
/** Directions, zero widths, fillers, variation selectors, the blank of Braille; and what has no meaning anywhere. */
const unseen = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\p{Co}\p{Cn}\p{Cs}]/u
const scheme = /\b(?:[a-z][a-z0-9+.-]*:\/\/|(?:mailto|tel|sms|smsto|javascript|intent|market|upi):\S|www\.)/i
const addressWithPath = /\b\d{1,3}(?:\.\d{1,3}){3}[/:]\S/

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** What is wrong with a text that is to be shown, for whoever sent it; undefined when nothing is. */
export function problemOfShownText(text: string, { characters, mayBeAddress }: ShownTextRule): string | undefined {
  if (text.trim() === '') return 'must not be empty'
  if (lineBreak.test(text)) return 'must be one line'
  if (control.test(text)) return 'must not hold control characters'
  if (unseen.test(text)) return 'must not hold characters that nobody sees or that change the direction of writing'
  // First by what is cheap to count.
  if (text.length > 2 * codePointsPerCharacter * characters || countGraphemes(text) > characters)
    return `must have at most ${characters} characters`
  if (piledMarks.test(text)) return 'must not pile marks on a letter'
  if (!mayBeAddress && holdsLink(text)) return 'must not hold a link; put a space after a dot that is none'
  return undefined
}

/** Embeddings, overrides and isolates; the single marks of right-to-left writing turn nothing around. */
const turning = /[\u202a-\u202e\u2066-\u2069]/u

/**
 * What is wrong with a business's own words in a chat. Nothing of ours stands beside them, and people expect paragraphs,
 * links and every emoji in a chat; what would hide or turn around words is refused here too.
 */
export function problemOfProse(text: string): string | undefined {
  if (/[^\P{Cc}\n\t]/u.test(text) || !text.isWellFormed()) return 'must not hold control characters'
  return turning.test(text) ? 'must not hold characters that change the direction of writing' : undefined
}

export function countGraphemes(text: string): number {
  let count = 0
  for (const _ of graphemes.segment(text)) count++
  return count
}

/** Whether a phone would make a link of something in it. */
export function holdsLink(text: string): boolean {
  // Wide letters and dots are read as what they look like, as browsers do.
  const plain = text.normalize('NFKC').replaceAll('\u3002', '.')
  if (scheme.test(plain) || addressWithPath.test(plain)) return true
  for (const [, label = ''] of plain.matchAll(/(?<=[\p{L}\p{M}\p{N}-])\.([\p{L}\p{M}\p{N}]+)/gu))
    if (topLevelDomains.has(label.toLowerCase())) return true
  return false
}
