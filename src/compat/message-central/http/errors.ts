import type { FastifyReply } from 'fastify'
import type { Refusal } from '#platform/core/refusal.ts'

/** Message Central tells in the body what happened: `responseCode` and its name. */
export interface Outcome {
  readonly code: number
  readonly name: string
  /** Their clients look at the body; what has a code of its own there is HTTP 200. */
  readonly httpStatus: number
}

const outcome = (code: number, name: string, httpStatus = 200): Outcome => ({ code, name, httpStatus })

export const outcomes = {
  success: outcome(200, 'SUCCESS'),
  badRequest: outcome(400, 'BAD_REQUEST', 400),
  unauthorized: outcome(401, 'UNAUTHORIZED', 401),
  duplicate: outcome(409, 'DUPLICATE_RESOURCE', 409),
  serverError: outcome(500, 'SERVER_ERROR', 500),
  invalidCustomer: outcome(501, 'INVALID_CUSTOMER_ID'),
  invalidVerification: outcome(505, 'INVALID_VERIFICATION_ID'),
  alreadyExists: outcome(506, 'REQUEST_ALREADY_EXISTS'),
  invalidCountry: outcome(511, 'INVALID_COUNTRY_CODE'),
  failed: outcome(700, 'VERIFICATION_FAILED'),
  wrongCode: outcome(702, 'WRONG_OTP_PROVIDED'),
  alreadyVerified: outcome(703, 'ALREADY_VERIFIED'),
  expired: outcome(705, 'VERIFICATION_EXPIRED'),
  limitReached: outcome(800, 'MAXIMUM_LIMIT_REACHED'),
} as const satisfies Record<string, Outcome>

const bad = (httpStatus: number): Outcome => ({ ...outcomes.badRequest, httpStatus })
const away: Outcome = { ...outcomes.serverError, httpStatus: 503 }

/** What its calls can be refused for, in Message Central's words. */
const byRefusal: Readonly<Record<string, Outcome>> = {
  body_invalid: outcomes.badRequest,
  recipient_invalid: outcomes.badRequest,
  recipient_not_allowed: outcomes.badRequest,
  send_denied: outcomes.badRequest,
  channel_unavailable: outcomes.badRequest,
  code_unsuitable: outcomes.badRequest,
  credentials_missing: outcomes.unauthorized,
  credentials_invalid: outcomes.unauthorized,
  operator_required: { ...outcomes.unauthorized, httpStatus: 403 },
  live_key_required: { ...outcomes.unauthorized, httpStatus: 403 },
  host_not_allowed: bad(421),
  verification_not_found: outcomes.invalidVerification,
  resource_not_found: bad(404),
  route_not_found: bad(404),
  verification_closed: outcomes.failed,
  verification_expired: outcomes.expired,
  check_limit_reached: outcomes.limitReached,
  recipient_checks_paused: outcomes.limitReached,
  recipient_budget_spent: outcomes.limitReached,
  recipient_disabled: outcomes.limitReached,
  resend_too_soon: outcomes.alreadyExists,
  send_limit_reached: outcomes.limitReached,
  stream_limit_reached: outcomes.limitReached,
  workflow_exhausted: outcomes.badRequest,
  idempotency_key_reused: outcomes.duplicate,
  idempotency_key_invalid: outcomes.badRequest,
  idempotency_answer_gone: outcomes.duplicate,
  webhook_signature_invalid: outcomes.unauthorized,
  webhook_token_invalid: outcomes.unauthorized,
  payload_too_large: bad(413),
  content_type_unsupported: bad(415),
  request_unreadable: outcomes.badRequest,
  request_too_slow: bad(408),
  headers_too_large: bad(431),
  method_not_allowed: bad(405),
  busy: away,
  key_unavailable: away,
  database_unavailable: away,
  internal: outcomes.serverError,
}

/** A code that is not in the table is told by its HTTP status. */
export function outcomeOf({ code, entry: { status } }: Refusal): Outcome {
  if (byRefusal[code]) return byRefusal[code]
  if (status === 401 || status === 403) return { ...outcomes.unauthorized, httpStatus: status }
  return status < 500 ? bad(status) : { ...outcomes.serverError, httpStatus: status }
}

/** The outer code is a number and the inner one text, as theirs are. */
export function answer(reply: FastifyReply, { code, name, httpStatus }: Outcome, data?: object): FastifyReply {
  const inner = { responseCode: String(code), errorMessage: code === 200 ? null : name }
  return reply
    .status(httpStatus)
    .header('cache-control', 'no-store')
    .send({ responseCode: code, message: name, data: data ? { ...data, ...inner } : null })
}

export function answerRefusal(reply: FastifyReply, refusal: Refusal, data?: object): FastifyReply {
  const { retryAfterSeconds } = refusal.facts
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds))
  return answer(reply, outcomeOf(refusal), data)
}
