import type { Refusal } from '#platform/core/refusal.ts'
import type { FastifyReply } from 'fastify'
import { findText, requireText } from './fields.ts'
import { isWebhookSigned } from './signature.ts'
import type { SigningHook } from './system.ts'
import { textHeader } from './text-header.ts'

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
      // Each repetition has a webhook-id of its own: in versions without this one, only the code itself can tell.
      hookId: findText(body, 'metadata', 'uuid'),
    }
  },
  refuse: refuseSupabase,
}

/**
 * Supabase reads the body only of a 200: what the person has to be told comes with it, and is passed on to the app. Of
 * everything else only the status counts (internal/hooks/hookshttp/hookshttp.go): 429 and 503 with Retry-After are
 * repeated at once, up to three times, which is of no use for a limit of minutes.
 */
function refuseSupabase(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status, title } = refusal.entry
  const { toPerson, retryAfterSeconds = 1 } = refusal.facts
  if (status === 503) void reply.header('retry-after', String(retryAfterSeconds))
  return reply
    .status(toPerson === undefined ? status : 200)
    .send({ error: { http_code: status, message: toPerson ?? title } })
}
