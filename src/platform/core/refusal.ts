/**
 * The one catalogue of refusals. Every non-2xx answer of every API carries one of these codes; a test holds
 * `docs/reference/errors.md` to this list. Public texts never contain input, codes or vendor texts.
 */
export interface RefusalEntry {
  /** HTTP status of the native API. */
  readonly status: number
  /** One sentence for the developer who reads the answer. */
  readonly title: string
  /** What to do next. */
  readonly remedy: string
  /** The written rule behind the refusal, named so that an answer can be looked up. */
  readonly rule?: string
}

export const refusals = {
  body_invalid: {
    status: 400,
    title: 'The request does not have the shape this call takes.',
    remedy: 'Compare the request with the API reference; `errors` names each field that is wrong.',
    rule: 'http.schema',
  },
  recipient_invalid: {
    status: 422,
    title: 'The recipient is neither a phone number in E.164 form nor an e-mail address.',
    remedy: 'Send the full number with its country code, for example +6281234567890.',
    rule: 'recipient.form (ITU-T E.164, RFC 5321 §4.5.3.1)',
  },
  recipient_not_allowed: {
    status: 422,
    title: 'This kind of number cannot receive codes.',
    remedy: 'Ask the person for a mobile number; premium-rate and satellite ranges are refused.',
    rule: 'recipient.ranges',
  },
  channel_unavailable: {
    status: 422,
    title: 'No sender is set up for that channel, or the recipient cannot be reached on it.',
    remedy: 'Add a sender for the channel, or leave `channel` out and let the workflow choose.',
    rule: 'sender.purpose',
  },
  code_unsuitable: {
    status: 422,
    title: 'The code you chose cannot be sent.',
    remedy: 'Send 4 to 10 digits, or leave `code` out and let the server make one.',
    rule: 'policy.code',
  },
  credentials_missing: {
    status: 401,
    title: 'The request carries no API key.',
    remedy: 'Send `Authorization: Bearer ck_…`.',
    rule: 'access.key (RFC 6750 §2.1)',
  },
  credentials_invalid: {
    status: 401,
    title: 'The API key is unknown or was revoked.',
    remedy: 'Check the key; a new one is made in the console or with `centang businesses add-key`.',
    rule: 'access.key (RFC 6750 §2.1)',
  },
  operator_required: {
    status: 403,
    title: 'Only the operator of this server may do that.',
    remedy: 'Use the operator key (`CENTANG_OPERATOR_KEY`).',
    rule: 'access.operator',
  },
  live_key_required: {
    status: 403,
    title: 'A test key may not change what live traffic depends on.',
    remedy: 'Repeat the request with a live key of the same business.',
    rule: 'access.mode',
  },
  host_not_allowed: {
    status: 421,
    title: 'The demo does not answer under this host name.',
    remedy: 'Use localhost or the IP address of the machine, or set `CENTANG_PUBLIC_URL` to the URL you use.',
    rule: 'access.host',
  },
  verification_not_found: {
    status: 404,
    title: 'There is no such verification.',
    remedy: 'Check the id and that the key belongs to the same business and mode (test or live).',
    rule: 'access.business',
  },
  resource_not_found: {
    status: 404,
    title: 'There is nothing under that id.',
    remedy: 'Check the id and that the key belongs to the same business.',
    rule: 'access.business',
  },
  route_not_found: {
    status: 404,
    title: 'There is no such call.',
    remedy: 'See /docs for every call this server answers.',
  },
  verification_closed: {
    status: 409,
    title: 'The verification has already ended.',
    remedy: 'Start a new verification.',
    rule: 'verification.end',
  },
  verification_expired: {
    status: 410,
    title: 'The code is no longer valid.',
    remedy: 'Start a new verification.',
    rule: 'policy.expires_in',
  },
  check_limit_reached: {
    status: 429,
    title: 'Every check of this verification has been used.',
    remedy: 'Start a new verification.',
    rule: 'policy.check_count',
  },
  recipient_checks_paused: {
    status: 429,
    title: 'There were several wrong codes for this recipient in a row; the next check has to wait.',
    remedy: 'Try again after `Retry-After` seconds. A new code does not shorten the wait.',
    rule: 'budget.wait',
  },
  recipient_budget_spent: {
    status: 429,
    title: 'There were too many wrong codes for this recipient in the last 24 hours.',
    remedy: 'Try again after `Retry-After` seconds, or let the person use another factor.',
    rule: 'budget.day (NIST SP 800-63B-4 §3.2.2)',
  },
  recipient_disabled: {
    status: 403,
    title: 'After 100 wrong codes in a row this recipient can no longer be verified by a code.',
    remedy: 'Confirm the person by another factor, then reset the budget as the operator.',
    rule: 'budget.consecutive (NIST SP 800-63B-4 §3.2.2)',
  },
  resend_too_soon: {
    status: 429,
    title: 'The code was sent a moment ago.',
    remedy: 'Send again after `resend_after`; `Retry-After` has the seconds.',
    rule: 'policy.resend_waits',
  },
  send_limit_reached: {
    status: 429,
    title: 'This recipient has been sent as many codes as are allowed for now.',
    remedy: 'Send again after `Retry-After` seconds.',
    rule: 'policy.send_count',
  },
  stream_limit_reached: {
    status: 429,
    title: 'This business follows its events on as many connections as it may.',
    remedy: 'Close a stream, or share one: every stream carries every event of its mode.',
    rule: 'events.streams',
  },
  send_denied: {
    status: 403,
    title: 'Your own hook does not allow this verification, or did not answer while it has to.',
    remedy: 'Look at what your pre-send hook answered; `on_failure` says what holds without an answer.',
    rule: 'hook.pre_send',
  },
  workflow_exhausted: {
    status: 409,
    title: 'The workflow has no further channel.',
    remedy: 'Resend on the current channel, or start a verification with another workflow.',
    rule: 'workflow.steps',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'This Idempotency-Key was used for a different request.',
    remedy: 'Use a new key for a new request; repeat the same body to repeat a request.',
    rule: 'idempotency.key',
  },
  idempotency_key_invalid: {
    status: 400,
    title: 'The Idempotency-Key is empty or longer than 255 characters.',
    remedy: 'Send a random key, for example a UUID.',
    rule: 'idempotency.key',
  },
  idempotency_answer_gone: {
    status: 409,
    title: 'The first request under this Idempotency-Key was carried out, but its answer can no longer be read.',
    remedy: 'Look up what it made instead of repeating it; use a new key for a new request.',
    rule: 'idempotency.key',
  },
  webhook_signature_invalid: {
    status: 401,
    title: 'The signature does not match the body.',
    remedy:
      'Check that the secret kept here (of the sender, or of the gateway) is the one that the other side signs with.',
    rule: 'webhook.signature',
  },
  webhook_token_invalid: {
    status: 403,
    title: 'The verify token is not the one of this sender.',
    remedy: 'Enter the verify token that `centang senders show` prints.',
    rule: 'webhook.token',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is larger than this call takes.',
    remedy: 'Send less; the API takes 64 kB, webhooks 3 MB.',
    rule: 'http.body_size',
  },
  content_type_unsupported: {
    status: 415,
    title: 'This call takes JSON.',
    remedy: 'Send `Content-Type: application/json`.',
    rule: 'http.json',
  },
  request_unreadable: {
    status: 400,
    title: 'The request is not well-formed HTTP, or its URL is not.',
    remedy: 'Send HTTP/1.1 with a `Host`, and encode what stands in the URL.',
    rule: 'http.form (RFC 9112, RFC 3986)',
  },
  request_too_slow: {
    status: 408,
    title: 'The request did not arrive in time.',
    remedy: 'Send the headers within 10 seconds and the whole request within 15.',
    rule: 'http.time',
  },
  headers_too_large: {
    status: 431,
    title: 'The headers are larger than this server takes.',
    remedy: 'Send fewer or shorter headers; 16 kB is the limit.',
    rule: 'http.header_size',
  },
  method_not_allowed: {
    status: 405,
    title: 'The call exists, but not with this method.',
    remedy: 'See `Allow` for the methods it takes.',
    rule: 'http.method (RFC 9110 §15.5.6)',
  },
  busy: {
    status: 503,
    title: 'The server is at its limit or stopping.',
    remedy: 'Repeat the request after `Retry-After` seconds with the same Idempotency-Key.',
  },
  key_unavailable: {
    status: 503,
    title: 'This server does not have the key that the code was made under, so nothing was compared.',
    remedy:
      'Give every server the same CENTANG_MASTER_KEY, with every version that is still in use; then repeat the check.',
  },
  database_unavailable: {
    status: 503,
    title: 'The database does not answer, so nothing was decided.',
    remedy: 'Repeat the request after `Retry-After` seconds with the same Idempotency-Key.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side.',
    remedy: 'Report `request_id`; the log has the cause under it.',
  },
} as const satisfies Record<string, RefusalEntry>

export type RefusalCode = keyof typeof refusals

export interface RefusalFacts {
  /** Seconds until the same request may succeed. */
  readonly retryAfterSeconds?: number
  /** The quota that refused it: how much it allows, what is left of that, and when it is whole or larger again. */
  readonly quota?: { readonly limit: number; readonly remaining: number; readonly resetSeconds: number }
  /** For the log only, never for the answer. */
  readonly detail?: string
  readonly cause?: unknown
  /** Field errors of `body_invalid`: where and what, never the value. */
  readonly errors?: readonly { readonly path: string; readonly problem: string }[]
  /** Methods of `method_not_allowed`. */
  readonly allow?: string
}

/** Thrown where a request cannot be served. Expected outcomes are values, not refusals. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly facts: RefusalFacts

  constructor(code: RefusalCode, facts: RefusalFacts = {}) {
    super(facts.detail ?? code, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'Refusal'
    this.code = code
    this.facts = facts
  }
}
