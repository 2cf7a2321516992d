import type { FastifyReply } from 'fastify'
import type { Refusal } from '#platform/core/refusal.ts'
import type { RefusalCode } from '#compat/http/refusal-code.ts'

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

/** What a call may be refused for and its HTTP status does not tell in Message Central's words. */
const byRefusal: Readonly<Partial<Record<RefusalCode, Outcome>>> = {
  recipient_invalid: outcomes.badRequest,
  recipient_not_allowed: outcomes.badRequest,
  send_denied: outcomes.badRequest,
  channel_unavailable: outcomes.badRequest,
  send_limit_reached: outcomes.limitReached,
  verification_not_found: outcomes.invalidVerification,
  verification_closed: outcomes.failed,
  verification_expired: outcomes.expired,
  check_limit_reached: outcomes.limitReached,
  checks_paused: outcomes.limitReached,
  recipient_budget_spent: outcomes.limitReached,
  recipient_disabled: outcomes.limitReached,
}

/** A code that is not in the table is told by its HTTP status. */
export function outcomeOf({ code, entry: { status } }: Refusal): Outcome {
  const told = byRefusal[code as RefusalCode]
  if (told) return told
  const { unauthorized, badRequest, serverError } = outcomes
  const general = status === 401 || status === 403 ? unauthorized : status < 500 ? badRequest : serverError
  return { ...general, httpStatus: status }
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
