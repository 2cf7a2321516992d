import type { Refusal } from '#platform/core/refusal.ts'

/**
 * What a refusal means to whoever made the code:
 * - `person`: this code will never reach this recipient. The person has to be told, and the call not be repeated.
 * - `limit`: too many for now. The person has to be told; it lasts for minutes, longer than most auth servers repeat.
 * - `call`: the call itself is not right, and the same one never will be.
 * - `setup`: something was entered wrongly, here or there, and may be mended before the call comes again.
 * - `soon`: we are in the way, and perhaps no longer in a second.
 */
type Nature = 'person' | 'limit' | 'call' | 'setup' | 'soon'

/** One table for all auth servers: they differ in how each nature is said, and not in what a refusal is. */
const natures: Readonly<Record<string, Nature>> = {
  body_invalid: 'call',
  recipient_invalid: 'person',
  recipient_not_allowed: 'person',
  channel_unavailable: 'person',
  code_unsuitable: 'person',
  credentials_missing: 'setup',
  credentials_invalid: 'setup',
  operator_required: 'setup',
  live_key_required: 'setup',
  host_not_allowed: 'setup',
  verification_not_found: 'call',
  resource_not_found: 'setup',
  route_not_found: 'setup',
  verification_closed: 'call',
  verification_expired: 'call',
  check_limit_reached: 'limit',
  recipient_checks_paused: 'limit',
  recipient_budget_spent: 'limit',
  recipient_disabled: 'person',
  resend_too_soon: 'limit',
  send_limit_reached: 'limit',
  stream_limit_reached: 'limit',
  send_denied: 'person',
  workflow_exhausted: 'person',
  idempotency_key_reused: 'call',
  idempotency_key_invalid: 'call',
  idempotency_answer_gone: 'call',
  webhook_signature_invalid: 'setup',
  webhook_token_invalid: 'setup',
  payload_too_large: 'call',
  content_type_unsupported: 'setup',
  request_unreadable: 'call',
  request_too_slow: 'soon',
  headers_too_large: 'call',
  method_not_allowed: 'setup',
  busy: 'soon',
  key_unavailable: 'soon',
  database_unavailable: 'soon',
  internal: 'soon',
}

/** What is not in the table is judged by its HTTP status. */
export function natureOf({ code, entry: { status } }: Refusal): Nature {
  if (natures[code]) return natures[code]
  if (status === 429) return 'limit'
  if (status >= 500) return 'soon'
  return [401, 403, 404, 405].includes(status) ? 'setup' : 'call'
}
