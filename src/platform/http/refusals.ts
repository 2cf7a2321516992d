import type { FastifySchema } from 'fastify'
import { type RefusalCode, refusals } from '#platform/core/refusal.ts'
import { problemSchema } from '#verification/http/schemas.ts'

declare module 'fastify' {
  interface FastifySchema {
    /** What else a call answers; documented, and not compiled into serialisers that nothing would use. */
    refusals?: keyof typeof byCall
  }
}

/** Every code there is, for clients that are made of the OpenAPI file. */
export const refusalCodeSchema = {
  type: 'string' as const,
  enum: Object.keys(refusals),
  description: 'Why a request was refused. Newer servers may know more.',
}

const everywhere = [
  'credentials_missing',
  'credentials_invalid',
  'body_invalid',
  'request_unreadable',
  'request_too_slow',
  'headers_too_large',
  'host_not_allowed',
  'busy',
  'database_unavailable',
  'internal',
] as const
const posting = [
  'idempotency_key_invalid',
  'idempotency_key_reused',
  'idempotency_answer_gone',
  'payload_too_large',
  'content_type_unsupported',
] as const
const moving = [
  ...posting,
  'verification_not_found',
  'verification_closed',
  'verification_expired',
  'channel_unavailable',
  'resend_too_soon',
  'send_limit_reached',
] as const

const byCall = {
  start: [
    ...posting,
    'recipient_invalid',
    'recipient_not_allowed',
    'channel_unavailable',
    'code_unsuitable',
    'send_denied',
    'resend_too_soon',
    'send_limit_reached',
    'verification_not_found',
    'verification_closed',
    'verification_expired',
  ],
  check: [
    ...posting,
    'verification_not_found',
    'verification_closed',
    'verification_expired',
    'check_limit_reached',
    'recipient_checks_paused',
    'recipient_budget_spent',
    'recipient_disabled',
    'key_unavailable',
  ],
  resend: moving,
  next: [...moving, 'workflow_exhausted'],
  cancel: moving,
  read: ['verification_not_found'],
  token: [...posting, 'verification_not_found', 'verification_closed', 'verification_expired'],
  link: ['payload_too_large', 'content_type_unsupported', 'verification_not_found'],
  list: ['recipient_invalid', 'recipient_not_allowed'],
  say: [...posting, 'recipient_invalid', 'recipient_not_allowed', 'channel_unavailable', 'resource_not_found'],
  follow: ['stream_limit_reached'],
  operate: [...posting, 'operator_required'],
  reset: [...posting, 'operator_required', 'resource_not_found', 'recipient_invalid', 'recipient_not_allowed'],
  manage: [...posting, 'resource_not_found'],
  change: [...posting, 'resource_not_found', 'live_key_required'],
} as const satisfies Record<string, readonly RefusalCode[]>

/** The refusals of a call as OpenAPI answers, one entry a status, each naming its codes. */
function refusalsOf(call: keyof typeof byCall): Record<number, object> {
  const codes: readonly RefusalCode[] = [...everywhere, ...byCall[call]]
  const byStatus = Map.groupBy(codes, (code) => refusals[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: group.map((code) => `\`${code}\``).join(', '),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  )
}

/** A route's schema as the OpenAPI file shows it; routes of the simulator have none. */
export function documentRefusals(given: FastifySchema | undefined): FastifySchema {
  const { refusals: call, ...schema } = given ?? {}
  if (call === undefined) return schema
  return { ...schema, response: { ...(schema.response as object), ...refusalsOf(call) } }
}
