import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from '#platform/core/refusal.ts'
import type { RefusalCode } from '#compat/http/refusal-code.ts'
import { uuidPattern } from '#compat/vonage/core/uuid.ts'

/** An error as Vonage spells it: RFC 7807 with `instance`, and `invalid_parameters` at 422. */
export interface VonageError {
  readonly status: number
  readonly type: string
  readonly title: string
  readonly detail: string
  /** The parameter that a 422 is about, and what is wrong with it. */
  readonly invalid?: { readonly name: string; readonly reason: string }
}

const general = 'https://www.developer.vonage.com/api-errors'
const verify = `${general}/verify`

const unauthorized = {
  status: 401,
  type: `${general}#unauthorized`,
  title: 'Unauthorized',
  detail: 'You did not provide correct credentials.',
}
// Of this one alone the vendor leaves out the `www`.
const notFound = { status: 404, type: 'https://developer.vonage.com/api-errors#not-found', title: 'Not Found' }
const requestNotFound = { ...notFound, detail: 'The request was not found or it has been verified already.' }
const throttled = {
  status: 429,
  type: `${general}#throttled`,
  title: 'Rate Limit Hit',
  detail: 'Please wait, then retry your request',
}
const invalidCode = {
  status: 400,
  type: `${verify}#invalid-code`,
  title: 'Invalid Code',
  detail: 'The code you provided does not match the expected value.',
}
const tooManyCodes = {
  status: 410,
  type: `${verify}#expired`,
  title: 'Invalid Code',
  detail: 'An incorrect code has been provided too many times. Workflow terminated.',
}
const conflict = { status: 409, type: `${verify}#conflict`, title: 'Conflict' }
const forbidden = { status: 403, type: `${general}#forbidden`, title: 'Forbidden' }
const badRequest = { status: 400, type: `${general}#bad-request`, title: 'Bad Request' }
const unavailable = { status: 503, type: `${general}#server-error`, title: 'Service Unavailable' }

export const invalidParameter = (name: string, reason: string): VonageError => ({
  status: 422,
  type: `${general}#invalid-params`,
  title: 'Invalid params',
  detail: 'The value of one or more parameters is invalid.',
  invalid: { name, reason },
})

/** Errors that are Vonage's alone. */
export const vonageErrors = {
  invalidCode,
  tooManyCodes,
  concurrent: { ...conflict, detail: 'Concurrent verifications to the same number are not allowed.' },
  templateCap: {
    ...conflict,
    detail: 'No more templates can be made: the texts of this server are one template, which cannot be changed.',
  },
  templateNotFound: { ...notFound, detail: 'There is no such template.' },
} as const satisfies Record<string, VonageError>

/** What a call may be refused for and its HTTP status does not tell in Vonage's words. */
const byRefusal: Readonly<Partial<Record<RefusalCode, VonageError>>> = {
  body_invalid: { ...badRequest, detail: 'The request body is not what this call takes.' },
  recipient_invalid: invalidParameter('to', 'is not a valid phone number or e-mail address'),
  recipient_not_allowed: invalidParameter('to', 'is a kind of number that cannot receive codes'),
  send_denied: invalidParameter('to', 'is not allowed by the pre-send hook of the account'),
  channel_unavailable: invalidParameter('workflow', 'names a channel that is not set up here or cannot reach `to`'),
  code_unsuitable: invalidParameter('code', 'must be 4 to 10 digits'),
  workflow_exhausted: { ...conflict, detail: 'There are no more events left to trigger.' },
  verification_not_found: requestNotFound,
  verification_closed: requestNotFound,
  verification_expired: requestNotFound,
  check_limit_reached: tooManyCodes,
  recipient_disabled: { ...forbidden, detail: 'This recipient can no longer be verified by a code.' },
  route_not_found: { ...notFound, detail: 'There is no such call.' },
  payload_too_large: {
    ...badRequest,
    status: 413,
    title: 'Payload Too Large',
    detail: 'The request body is too large.',
  },
  content_type_unsupported: {
    ...badRequest,
    status: 415,
    title: 'Unsupported Media Type',
    detail: 'Send `Content-Type: application/json`.',
  },
  busy: { ...unavailable, detail: 'The server is busy. Please wait, then retry your request.' },
  key_unavailable: { ...unavailable, detail: 'The code cannot be compared at the moment. Please retry your request.' },
  database_unavailable: { ...unavailable, detail: 'Please wait, then retry your request.' },
  internal: {
    status: 500,
    type: `${general}#server-error`,
    title: 'Internal Server Error',
    detail: 'Something went wrong; report `instance`.',
  },
}

const byStatus: Readonly<Record<number, VonageError>> = { 401: unauthorized, 404: requestNotFound, 429: throttled }

/** A code that is not in the table is told by its HTTP status, in our own sentence where Vonage has none for that. */
export const errorOf = ({ code, entry: { status, title } }: Refusal): VonageError =>
  byRefusal[code as RefusalCode] ??
  byStatus[status] ?? { ...(status < 500 ? badRequest : unavailable), status, detail: title }

/** As the vendor says it, with the id that was asked for; what is no id is not repeated. */
function notFoundOf({ params }: FastifyRequest): VonageError {
  const { id } = params as { readonly id?: string }
  return id === undefined || !uuidPattern.test(id.toLowerCase())
    ? requestNotFound
    : { ...requestNotFound, detail: `Request ${id} was not found or it has been verified already.` }
}

export function answerVonageError(reply: FastifyReply, error: VonageError, more: object = {}): FastifyReply {
  const { status, invalid, ...rest } = error
  return reply
    .status(status)
    .type('application/problem+json')
    .serializer((payload: unknown) => payload as string)
    .send(
      JSON.stringify({
        ...rest,
        instance: reply.request.id,
        ...(invalid && { invalid_parameters: [invalid] }),
        ...more,
      }),
    )
}

export function answerVonageRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { retryAfterSeconds } = refusal.facts
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds))
  const error = errorOf(refusal)
  return answerVonageError(reply, error === requestNotFound ? notFoundOf(reply.request) : error)
}
