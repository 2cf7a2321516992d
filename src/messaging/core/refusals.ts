import { defineRefusals } from '#platform/core/refusal.ts'

/** What is refused where messages are sent and their receipts come in. */
export const messagingRefusals = defineRefusals({
  recipient_invalid: {
    status: 422,
    title: 'The recipient is neither a phone number in E.164 form nor an e-mail address.',
    remedy: 'Send the full number with its country code, for example +6281234567890.',
    rule: 'recipient.form (ITU-T E.164, RFC 5321 §4.5.3.1)',
  },
  recipient_not_allowed: {
    status: 422,
    title: 'This kind of number cannot receive codes.',
    remedy: 'Ask the person for a mobile number; premium-rate and satellite ranges are refused.',
    rule: 'recipient.ranges',
  },
  channel_unavailable: {
    status: 422,
    title: 'No sender is set up for that channel, or the recipient cannot be reached on it.',
    remedy: 'Add a sender for the channel, or leave `channel` out and let the workflow choose.',
    rule: 'sender.purpose',
  },
  webhook_token_invalid: {
    status: 403,
    title: 'The verify token is not the one of this sender.',
    remedy: 'Enter the verify token that `centang senders show` prints.',
    rule: 'webhook.token',
  },
})
