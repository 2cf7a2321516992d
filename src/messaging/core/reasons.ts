import type { FailureReason } from './failure.ts'

/** One plain sentence a reason. A platform that hides its reason is not second-guessed. */
const texts: Record<FailureReason, string> = {
  not_reachable_on_channel:
    'The number cannot be reached on this channel: no account, an old app, terms not accepted, or the person blocked the sender. The platform does not say which.',
  recipient_invalid: 'The provider does not accept this recipient.',
  identity_changed: 'The account behind this number has changed; it may belong to somebody else now.',
  blocked_by_policy: 'The platform restricts messages from this sender or to this country.',
  rate_limited: 'Too many messages for the moment: the provider asked to slow down.',
  held: 'The platform holds the message back to check the quality of the sender; it may still come.',
  sender_misconfigured: 'The sender is not set up rightly. Run `centang doctor` to see what is missing.',
  template_unavailable: 'The message template does not exist in this language, or is paused, disabled or not approved.',
  window_closed:
    'The person has not written to this number in the last 24 hours: only a template may be sent, until they do.',
  provider_unavailable: 'The provider could not be reached or had a fault of its own.',
  request_rejected: 'The provider rejected the request.',
  expired: "Too little of the code's time was left, or the verification had ended, before the message was sent.",
  unspecified: 'The provider gave no reason.',
}

export const reasonText = (reason: FailureReason): string => texts[reason]
