import { messagingRefusals } from '#messaging/core/refusals.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { managing, posting } from '#platform/http/refusals.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'

const { recipient_invalid, recipient_not_allowed } = platformRefusals
const { channel_unavailable } = messagingRefusals
const { code_unsuitable, code_too_short, send_denied, channel_not_offered, key_unavailable } = verificationRefusals
const { verification_not_found, verification_closed, verification_expired } = verificationRefusals
const { resend_too_soon, send_limit_reached } = verificationRefusals

const ending = [verification_not_found, verification_closed, verification_expired]
const reaching = [recipient_invalid, recipient_not_allowed]
const move = [...posting, ...ending, channel_unavailable, resend_too_soon, send_limit_reached]
const asked = [...move, send_denied, channel_not_offered]

/** Refusals of this module's calls besides those that any call may meet. */
export const refused = {
  start: [
    ...posting,
    ...reaching,
    channel_unavailable,
    code_unsuitable,
    code_too_short,
    send_denied,
    send_limit_reached,
    verification_not_found,
    key_unavailable,
  ],
  check: [
    ...posting,
    ...ending,
    verificationRefusals.check_limit_reached,
    verificationRefusals.checks_paused,
    verificationRefusals.recipient_budget_spent,
    verificationRefusals.recipient_disabled,
    key_unavailable,
  ],
  cancel: [...posting, ...ending],
  move: asked,
  next: [...asked, verificationRefusals.workflow_exhausted],
  read: [verification_not_found],
  token: [...posting, ...ending],
  link: [platformRefusals.payload_too_large, platformRefusals.content_type_unsupported, verification_not_found],
  list: reaching,
  reset: [...managing, ...reaching],
}
