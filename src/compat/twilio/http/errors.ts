import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from '#platform/core/refusal.ts'
import { problemOfShownText, type ShownTextRule } from '#platform/core/shown-text.ts'
import { judgeError } from '#platform/http/problem.ts'
import type { RefusalCode } from '#compat/http/refusal-code.ts'

/** What Twilio answers: its own number, and the HTTP status that goes with it. */
export interface Fault {
  readonly code: number
  readonly status: number
  readonly message: string
  readonly retryAfterSeconds?: number
}

const notFound = { code: 20404, status: 404, message: 'The requested resource was not found' }
const checksSpent = { code: 60202, status: 429, message: 'Max check attempts reached' }
const invalid = (what: string, status = 400): Fault => ({
  code: 60200,
  status,
  message: `Invalid parameter: ${what}`,
})

/** What a call may be refused for and its HTTP status does not tell in Twilio's numbers. */
const faults: Readonly<Partial<Record<RefusalCode, Fault>>> = {
  body_invalid: invalid('the request does not have the shape this call takes'),
  recipient_invalid: invalid('To'),
  recipient_not_allowed: { code: 60605, status: 403, message: 'Numbers of this kind are not sent to' },
  send_denied: { code: 60238, status: 403, message: 'The pre-send hook of the account blocks this verification' },
  channel_unavailable: { code: 60223, status: 400, message: 'Delivery channel disabled' },
  code_unsuitable: invalid('CustomCode must be 4 to 10 digits'),
  send_limit_reached: { code: 60203, status: 429, message: 'Max send attempts reached' },
  // Twilio forgets a verification when it ends.
  verification_closed: notFound,
  verification_expired: notFound,
  check_limit_reached: checksSpent,
  recipient_budget_spent: checksSpent,
  recipient_disabled: checksSpent,
  payload_too_large: invalid('the body is too large', 413),
  content_type_unsupported: invalid('send application/x-www-form-urlencoded', 415),
  request_unreadable: invalid('the request is not well-formed'),
  internal: { code: 20500, status: 500, message: 'Internal server error' },
}

/** As Twilio's Fraud Guard and geo permissions answer, whichever of our rules it was. */
const byKind = { fraud: { code: 60410, status: 403 }, destination: { code: 60605, status: 403 } } as const

const byStatus: Readonly<Record<number, Fault>> = {
  401: { code: 20003, status: 401, message: 'Authenticate' },
  404: notFound,
  429: { code: 20429, status: 429, message: 'Too many requests' },
  503: { code: 20503, status: 503, message: 'Service unavailable' },
}

/** A code that is not in the table is told by its HTTP status: Twilio's general errors are that with 20 in front. */
export const faultOf = ({ code, entry: { status, title, against } }: Refusal): Fault =>
  faults[code as RefusalCode] ??
  (against && { ...byKind[against], message: title }) ??
  byStatus[status] ?? { code: 20_000 + status, status, message: title }

/** What is Twilio's alone and no refusal of ours. */
export class TwilioFault extends Error {
  readonly fault: Fault

  constructor(code: number, status: number, message: string, retryAfterSeconds?: number) {
    super(message)
    this.name = 'TwilioFault'
    this.fault = { code, status, message, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
  }
}

export const invalidParameter = (name: string, problem?: string): TwilioFault =>
  new TwilioFault(
    60200,
    400,
    problem === undefined ? `Invalid parameter: ${name}` : `Invalid parameter \`${name}\`: ${problem}`,
  )

/** A text that a person will read. */
export function shownParameter(name: string, text: string, rule: ShownTextRule): string {
  const problem = problemOfShownText(text, rule)
  if (problem !== undefined) throw invalidParameter(name, problem)
  return text
}

export const notOffered = (what: string): TwilioFault => new TwilioFault(60204, 403, `Not enabled: ${what}`)

export function answerFault(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof TwilioFault) return sendFault(reply, error.fault)
  const refusal = judgeError(error, request)
  const { retryAfterSeconds } = refusal.facts
  const fault = faultOf(refusal)
  if (fault.status === 401) void reply.header('www-authenticate', 'Basic realm="Twilio API"')
  return sendFault(reply, {
    ...fault,
    ...(fault === notFound && { message: notFoundText(request) }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })
}

/**
 * Without `Retry-After`: the vendor's Java client sleeps in the caller's thread for as long as it says, and then sends the
 * code. The seconds stand in `details`, which every client hands on and none obeys.
 */
function sendFault(reply: FastifyReply, { code, status, message, retryAfterSeconds }: Fault): FastifyReply {
  const more_info = `https://www.twilio.com/docs/errors/${code}`
  const details = retryAfterSeconds === undefined ? {} : { details: { retry_after_seconds: retryAfterSeconds } }
  return reply.status(status).send({ code, message, more_info, status, ...details })
}

/** Clients look for this very sentence. A path is only repeated when it holds nothing but names and sids. */
function notFoundText({ url }: FastifyRequest): string {
  const path = (url.split('?')[0] as string).replace(/^\/v2/, '').replace(/\/$/, '')
  const isPlain = /^(\/([A-Z]{2}[0-9a-fA-F]{32}|[A-Za-z]{1,40}))+$/.test(path)
  return isPlain ? `The requested resource ${path} was not found` : notFound.message
}
