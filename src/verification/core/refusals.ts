import { defineRefusals } from '#platform/core/refusal.ts'

/** Refusals of a start, a check or a move of a verification. */
export const verificationRefusals = defineRefusals({
  code_unsuitable: {
    status: 422,
    title: 'The code you chose cannot be sent.',
    remedy:
      "Send up to 10 digits, and no fewer than the application's `code_length`; or leave `code` out and let the server make one.",
    rule: 'policy.code',
  },
  code_too_short: {
    status: 422,
    title: 'The code would be shorter than the application allows.',
    remedy:
      "Ask for at least the application's `code_length`, or leave it out. Only the application's policy lowers it.",
    rule: 'policy.code_length',
  },
  channel_not_offered: {
    status: 403,
    title: 'A page may send by the channels of its verification only.',
    remedy: 'Name a channel of `workflow`, or let your server ask with its key.',
    rule: 'page.workflow',
  },
  verification_not_found: {
    status: 404,
    title: 'There is no such verification.',
    remedy: 'Check the id and that the key belongs to the same business and mode (test or live).',
    rule: 'access.business',
  },
  verification_closed: {
    status: 409,
    title: 'The verification has already ended.',
    remedy: 'Start a new verification.',
    rule: 'verification.end',
  },
  verification_expired: {
    status: 410,
    title: 'The code is no longer valid.',
    remedy: 'Start a new verification.',
    rule: 'policy.expires_in',
  },
  check_limit_reached: {
    status: 429,
    title: 'Every check of this verification has been used.',
    remedy: 'Start a new verification.',
    rule: 'policy.check_count',
  },
  checks_paused: {
    status: 429,
    title: 'There were several wrong codes for this verification; the next check has to wait.',
    remedy: 'Try again after `Retry-After` seconds.',
    rule: 'policy.check_waits',
  },
  recipient_budget_spent: {
    status: 429,
    title: 'There were too many wrong codes for this recipient in the last 24 hours.',
    remedy: 'Try again after `Retry-After` seconds, or let the person use another factor.',
    rule: 'budget.day (NIST SP 800-63B-4 §3.2.2)',
  },
  recipient_disabled: {
    status: 403,
    title: 'After 100 wrong codes in a row this recipient can no longer be verified by a code.',
    remedy: 'Confirm the person by another factor, then reset the budget as the operator.',
    rule: 'budget.consecutive (NIST SP 800-63B-4 §3.2.2)',
  },
  resend_too_soon: {
    status: 429,
    title: 'The code was sent a moment ago.',
    remedy: 'Send again after `resend_after`; `Retry-After` has the seconds.',
    rule: 'policy.resend_waits',
  },
  send_limit_reached: {
    status: 429,
    title: 'This recipient has been sent as many codes as are allowed for now.',
    remedy: 'Send again after `Retry-After` seconds.',
    rule: 'policy.send_count',
  },
  send_denied: {
    status: 403,
    title: 'Your own hook does not allow this verification, or did not answer while it has to.',
    remedy: 'Look at what your pre-send hook answered; `on_failure` says what holds without an answer.',
    rule: 'hook.pre_send',
  },
  workflow_exhausted: {
    status: 409,
    title: 'The workflow has no further channel.',
    remedy: 'Resend on the current channel, or start a verification with another workflow.',
    rule: 'workflow.steps',
  },
  key_unavailable: {
    status: 503,
    title: 'This server does not have the key that the code was made under, so nothing was compared.',
    remedy:
      'Give every server the same CENTANG_MASTER_KEY, with every version that is still in use; then repeat the check.',
  },
})
