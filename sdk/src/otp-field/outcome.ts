import { spellSeconds, type Texts } from './texts.ts'

/**
 * What `show` understands: a verification, the answer of a check, or a refusal, as the SDK gives them. A page whose own
 * server passes on less leaves out what it does not have.
 */
export interface Outcome {
  readonly status?: string | number | undefined
  readonly valid?: boolean | undefined
  readonly checks_remaining?: number | undefined
  readonly channel?: string | undefined
  /** Seconds and no time: the device's clock may be wrong. */
  readonly resend_in_seconds?: number | null | undefined
  readonly workflow?: readonly { readonly channel: string }[] | undefined
  /** Of a refusal. */
  readonly code?: string | undefined
  readonly retryAfterSeconds?: number | undefined
}

/** Nothing more can be checked; asking for a code starts anew. */
export const isOver = ({ status, code }: Outcome): boolean =>
  ['canceled', 'expired', 'blocked', 'undeliverable'].includes(String(status)) ||
  ['verification_closed', 'verification_expired', 'check_limit_reached', 'verification_not_found'].includes(code ?? '')

/** What the person is told is wrong; undefined when nothing is. */
export function faultText(outcome: Outcome, texts: Texts): string | undefined {
  const { status, valid, checks_remaining, code, retryAfterSeconds = 1 } = outcome
  if (code !== undefined) return refusalText(code, spellSeconds(retryAfterSeconds, texts), texts)
  if (status === 'blocked') return texts.spent
  if (isOver({ status })) return texts.over
  return valid === false ? texts.wrong(checks_remaining ?? 0) : undefined
}

function refusalText(code: string, time: string, texts: Texts): string {
  switch (code) {
    case 'verification_closed':
    case 'verification_expired':
    case 'verification_not_found':
      return texts.over
    case 'check_limit_reached':
      return texts.spent
    case 'checks_paused':
    case 'recipient_budget_spent':
      return texts.pausedFor(time)
    case 'resend_too_soon':
    case 'send_limit_reached':
      return texts.waitFor(time)
    case 'recipient_disabled':
      return texts.disabled
    case 'channel_unavailable':
    case 'workflow_exhausted':
      return texts.unavailable
    default:
      return texts.failed
  }
}
