import { Problem } from './call.ts'
import type { Language } from './language.tsx'
import type { CommonWords } from './text.ts'

/** Refusals that waiting mends, also where the server did not say how long. */
const passing: ReadonlySet<Problem['code']> = new Set([
  'resend_too_soon',
  'send_limit_reached',
  'checks_paused',
  'database_unavailable',
  'busy',
] as const)

/** A refusal in the reader's language; what is not translated is told in the server's words. */
export function problemText(error: unknown, words: CommonWords, language: Language): string {
  if (!(error instanceof Problem)) return words.refusals['unreachable'] ?? String(error)
  // A number of the wrong shape is, for the person, just not a number.
  const code = error.paths.includes('body/to') ? 'recipient_invalid' : error.code
  const text = words.refusals[code] ?? `${error.message} ${error.remedy}`
  if (error.retryAfterSeconds !== undefined)
    return `${text} ${words.retryIn(spellWait(error.retryAfterSeconds, language))}`
  return passing.has(code) ? `${text} ${words.retryLater}` : text
}

/** In the unit a person would use: nobody waits for 43,200 seconds. */
function spellWait(seconds: number, language: Language): string {
  const [count, unit] =
    seconds < 120 ? [seconds, 'second'] : seconds < 7200 ? [seconds / 60, 'minute'] : [seconds / 3600, 'hour']
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.ceil(count))
}

/** Whether the recipient is what the server objects to: then the text belongs to that field. */
export const isAboutRecipient = (error: unknown): boolean =>
  error instanceof Problem && (error.code.startsWith('recipient_') || error.paths.includes('body/to'))

export const isAboutKey = (error: unknown): boolean => error instanceof Problem && error.code.startsWith('credentials_')
