import type { FastifyReply } from 'fastify'
import type { Refusal } from '#platform/core/refusal.ts'

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
const notFound = {
  status: 404,
  type: `${general}#not-found`,
  title: 'Not Found',
  detail: 'The request was not found or it has been verified already.',
}
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

/** Every code of the catalogue in Vonage's words; it does not compile when one is missing. */
const byRefusal: Readonly<Record<string, VonageError>> = {
  body_invalid: { ...badRequest, detail: 'The request body is not what this call takes.' },
  recipient_invalid: invalidParameter('to', 'is not a valid phone number or e-mail address'),
  recipient_not_allowed: invalidParameter('to', 'is a kind of number that cannot receive codes'),
  send_denied: invalidParameter('to', 'is not allowed by the pre-send hook of the account'),
  channel_unavailable: invalidParameter('workflow', 'names a channel that is not set up here or cannot reach `to`'),
  code_unsuitable: invalidParameter('code', 'must be 4 to 10 digits'),
  credentials_missing: unauthorized,
  credentials_invalid: unauthorized,
  operator_required: { ...forbidden, detail: 'Only the operator of this server may do that.' },
  live_key_required: { ...forbidden, detail: 'A test key may not do that.' },
  host_not_allowed: { ...forbidden, status: 421, detail: 'The demo does not answer under this host name.' },
  verification_not_found: notFound,
  resource_not_found: notFound,
  route_not_found: { ...notFound, detail: 'There is no such call.' },
  verification_closed: notFound,
  verification_expired: notFound,
  check_limit_reached: tooManyCodes,
  recipient_checks_paused: throttled,
  recipient_budget_spent: throttled,
  recipient_disabled: { ...forbidden, detail: 'This recipient can no longer be verified by a code.' },
  resend_too_soon: throttled,
  send_limit_reached: throttled,
  stream_limit_reached: throttled,
  workflow_exhausted: { ...conflict, detail: 'There are no more events left to trigger.' },
  idempotency_key_reused: invalidParameter('Idempotency-Key', 'was used for a different request'),
  idempotency_key_invalid: invalidParameter('Idempotency-Key', 'must have 1 to 255 characters'),
  idempotency_answer_gone: { ...conflict, detail: 'The request was carried out; its answer can no longer be read.' },
  webhook_signature_invalid: unauthorized,
  webhook_token_invalid: unauthorized,
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
  request_unreadable: { ...badRequest, detail: 'The request is not well-formed HTTP, or its URL is not.' },
  request_too_slow: { ...badRequest, status: 408, title: 'Request Timeout', detail: 'The request came too slowly.' },
  headers_too_large: { ...badRequest, status: 431, title: 'Headers Too Large', detail: 'The headers are too large.' },
  method_not_allowed: {
    ...badRequest,
    status: 405,
    title: 'Method Not Allowed',
    detail: 'The call exists with another method.',
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
  const { retryAfterSeconds, allow } = refusal.facts
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds))
  if (allow !== undefined) void reply.header('allow', allow)
  return answerVonageError(reply, errorOf(refusal))
}

/** A code that is not in the table is told by its HTTP status, in our own sentence. */
const errorOf = ({ code, entry: { status, title } }: Refusal): VonageError =>
  byRefusal[code] ?? { ...(status < 500 ? badRequest : unavailable), status, detail: title }
