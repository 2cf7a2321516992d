import { findText, requireText } from './fields.ts'
import { refuseInLog } from './refuse.ts'
import { isZitadelSigned } from './signature.ts'
import type { SigningHook } from './system.ts'
import { textHeader } from './text-header.ts'

/** ZITADEL's HTTP provider for SMS. */
export const zitadel: SigningHook = {
  name: 'zitadel',
  // It closes the body unread and logs "calling url … returned 422 Unprocessable Entity", with the words of the status
  // line, and repeats the call whatever the status (internal/notification/channels/webhook/channel.go). So the code is
  // put where those words are; the line is for whoever tries the address by hand.
  refuse(reply, refusal) {
    reply.raw.statusMessage = refusal.code
    return refuseInLog(reply, refusal)
  },
  isSigned: (request, secret, now) =>
    isZitadelSigned(textHeader(request, 'zitadel-signature'), request.rawBody, secret, now),
  read: ({ body }) => ({
    to: requireText(body, 'contextInfo', 'recipientPhoneNumber'),
    // A one-time password and a code to verify a number have different names; the first is ZITADEL's spelling of "OTP".
    code: findText(body, 'args', 'oTP') ?? requireText(body, 'args', 'code'),
    kind: findText(body, 'contextInfo', 'eventType'),
  }),
}
