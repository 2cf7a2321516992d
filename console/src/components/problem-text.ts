import { Problem } from '../api.ts'
import type { Words } from '../text/words.ts'

/** A refusal in the reader's language; what is not translated is told in the server's words. */
export function problemText(error: unknown, words: Words): string {
  if (!(error instanceof Problem)) return words.refusals['unreachable'] ?? String(error)
  const text = words.refusals[error.code] ?? `${error.message} ${error.remedy}`
  return error.retryAfterSeconds === undefined ? text : `${text} ${words.retryIn(error.retryAfterSeconds)}`
}
