import { type Refusal, type RefusalCode, refusals } from '#core/errors.ts'
import type { FastifyReply } from 'fastify'
import { findText, requireText } from './fields.ts'
import { isWebhookSigned } from './signature.ts'
import type { SigningHook } from './system.ts'
import { textHeader } from './text-header.ts'

/** What the person has to be told. Supabase passes the text of an error on only when it comes with 200. */
const forThePerson: readonly RefusalCode[] = [
  'recipient_invalid',
  'recipient_not_allowed',
  'channel_unavailable',
  'code_unsuitable',
  'resend_too_soon',
  'send_limit_reached',
]

/** Supabase Auth, "Send SMS hook". It repeats a call at once, with a new webhook-id, on 503 with Retry-After. */
export const supabase: SigningHook = {
  name: 'supabase',
  isSigned: (request, secret, now) =>
    isWebhookSigned(
      {
        id: textHeader(request, 'webhook-id'),
        timestamp: textHeader(request, 'webhook-timestamp'),
        signatures: textHeader(request, 'webhook-signature'),
        body: request.rawBody,
      },
      secret,
      now,
    ),
  read: (request) => {
    const { body } = request
    return {
      // While somebody changes their number, it is the new one that is in `sms`.
      to: findText(body, 'sms', 'phone') ?? requireText(body, 'user', 'phone'),
      code: requireText(body, 'sms', 'otp'),
      kind: findText(body, 'sms', 'sms_type'),
      hookId: findText(body, 'metadata', 'uuid') ?? textHeader(request, 'webhook-id'),
    }
  },
  refuse: refuseSupabase,
}

function refuseSupabase(reply: FastifyReply, { code, facts }: Refusal): FastifyReply {
  const { status, title } = refusals[code]
  if (status === 503) void reply.header('retry-after', String(facts.retryAfterSeconds ?? 1))
  const answered = forThePerson.includes(code) ? 200 : status
  return reply.status(answered).send({ error: { http_code: status, message: title } })
}
