import type { Refusal } from '#platform/core/refusal.ts'
import type { platformRefusals } from '#platform/core/refusals.ts'
import type { verificationRefusals } from '#verification/core/refusals.ts'

/**
 * What a refusal means to whoever made the code:
 * - `person`: this code will never reach this recipient. The person has to be told, and the call not be repeated.
 * - `limit`: too many for now. The person has to be told; it lasts for minutes, longer than most auth servers repeat.
 * - `call`: the call itself is not right, and the same one never will be.
 * - `setup`: something was entered wrongly, here or there, and may be mended before the call comes again.
 * - `soon`: we are in the way, and perhaps no longer in a second.
 */
type Nature = 'person' | 'limit' | 'call' | 'setup' | 'soon'

/** Codes of the modules that a delivery goes through; the last is of the one that verification stands on. */
type RefusalCode = keyof typeof platformRefusals | keyof typeof verificationRefusals | 'channel_unavailable'

/**
 * What a delivery may be refused for and its HTTP status does not tell. One table for all auth servers: they differ in
 * how each nature is said, and not in what a refusal is.
 */
const natures: Readonly<Partial<Record<RefusalCode, Nature>>> = {
  recipient_invalid: 'person',
  recipient_not_allowed: 'person',
  channel_unavailable: 'person',
  code_unsuitable: 'person',
  send_denied: 'person',
  content_type_unsupported: 'setup',
  // The one that a repeated call made is gone; the same call finds it no more.
  verification_not_found: 'call',
}

/** What is not in the table is judged by its HTTP status. */
export function natureOf({ code, entry: { status, against } }: Refusal): Nature {
  const nature = natures[code as RefusalCode]
  if (nature) return nature
  if (against === 'destination') return 'person'
  if (status === 429) return 'limit'
  if (status >= 500) return 'soon'
  return [401, 403, 404, 405].includes(status) ? 'setup' : 'call'
}
