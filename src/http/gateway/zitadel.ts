import { findText, requireText } from './fields.ts'
import { isZitadelSigned } from './signature.ts'
import type { SigningHook } from './system.ts'
import { textHeader } from './text-header.ts'

/** ZITADEL's HTTP provider for SMS. */
export const zitadel: SigningHook = {
  name: 'zitadel',
  isSigned: (request, secret, now) =>
    isZitadelSigned(textHeader(request, 'zitadel-signature'), request.rawBody, secret, now),
  read: ({ body }) => ({
    to: requireText(body, 'contextInfo', 'recipientPhoneNumber'),
    // A one-time password and a code to verify a number have different names; the first is ZITADEL's spelling of "OTP".
    code: findText(body, 'args', 'oTP') ?? requireText(body, 'args', 'code'),
    kind: findText(body, 'contextInfo', 'eventType'),
  }),
}
