import { findFlag, findNumber, findText, requireText } from './fields.ts'
import { natureOf } from './natures.ts'
import { refuseInJson } from './refuse.ts'
import { isWebhookSigned } from './signature.ts'
import type { SigningHook } from './system.ts'
import { textHeader } from './text-header.ts'

/** Clerk's codes live so long. Svix repeats a call for a day and more; an old code would only bewilder. */
const codeLivesMs = 10 * 60_000

/** Clerk's webhook `sms.created`, by Svix, whose signature is that of Standard Webhooks under other header names. */
export const clerk: SigningHook = {
  name: 'clerk',
  isSigned: (request, secret, now) =>
    isWebhookSigned(
      {
        id: textHeader(request, 'svix-id'),
        timestamp: textHeader(request, 'svix-timestamp'),
        signatures: textHeader(request, 'svix-signature'),
        body: request.rawBody,
      },
      secret,
      now,
    ),
  read(request, now) {
    const { body } = request
    // Each is answered with 2xx, because anything else would come again and again.
    if (findText(body, 'type') !== 'sms.created') return { skipped: 'The event is not sms.created.' }
    if (findFlag(body, 'data', 'delivered_by_clerk')) return { skipped: 'Clerk delivers this one itself.' }
    const madeAt = findNumber(body, 'timestamp')
    if (madeAt !== undefined && now.getTime() - madeAt > codeLivesMs) return { skipped: 'The code is too old.' }
    const code = findText(body, 'data', 'data', 'otp_code')
    if (code === undefined) return { skipped: 'There is no code in it.' }
    return {
      to: requireText(body, 'data', 'to_phone_number'),
      code,
      kind: findText(body, 'data', 'slug'),
      hookId: textHeader(request, 'svix-id'),
    }
  },
  // Clerk's list of webhook calls shows the body. Svix repeats for a day whatever is not answered with 2xx, unless it is
  // told that there is no use in it (docs.svix.com/receiving/delivery-control).
  refuse(reply, refusal) {
    const isFinal = ['person', 'call'].includes(natureOf(refusal))
    if (isFinal) void reply.header('webhook-delivery', 'abort-message')
    return refuseInJson(reply, refusal)
  },
}
