import { defineRefusals } from '#platform/core/refusal.ts'

/** What is refused where messages are sent and their receipts come in. */
export const messagingRefusals = defineRefusals({
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
  news_not_kept: {
    status: 503,
    title: 'Some of what was told could not be kept at the moment.',
    remedy: 'Send the same request again: what is kept already is not kept twice.',
    rule: 'webhook.repeat',
  },
})
