import type { Failure, FailureReason } from '#messaging/core/failure.ts'

/** What a code of the Graph API means for a sending. */
interface Verdict {
  readonly reason: FailureReason
  /** Milliseconds after which the same send may succeed; absent: it won't. */
  readonly retryAfterMs?: number
  /** Every send of this sender fails the same way until somebody acts. */
  readonly alert?: true
  /** No other channel of the same number is any better. */
  readonly noFallback?: true
}

const misconfigured: Verdict = { reason: 'sender_misconfigured', alert: true }
const unavailable: Verdict = { reason: 'provider_unavailable', retryAfterMs: 2000 }
const template: Verdict = { reason: 'template_unavailable', alert: true }
const rejected: Verdict = { reason: 'request_rejected' }
const policy: Verdict = { reason: 'blocked_by_policy', alert: true }

/**
 * Meta's table of error codes (developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes, Nov 2025). Meta
 * publishes codes and titles; retry and fallback are our judgement.
 */
const verdicts: Readonly<Record<string, Verdict>> = {
  0: misconfigured,
  1: unavailable,
  2: unavailable,
  3: misconfigured,
  4: { reason: 'rate_limited', retryAfterMs: 60_000 },
  10: misconfigured,
  33: misconfigured,
  100: rejected,
  // The node is gone, was never there, or is not this token's: in practice a wrong phone_number_id.
  '100/33': misconfigured,
  104: misconfigured,
  190: misconfigured,
  368: policy,
  80007: { reason: 'rate_limited', retryAfterMs: 60_000 },
  130429: { reason: 'rate_limited', retryAfterMs: 2000 },
  130472: { reason: 'blocked_by_policy' },
  130497: { reason: 'blocked_by_policy' },
  131000: unavailable,
  131005: misconfigured,
  131008: rejected,
  131009: rejected,
  131016: unavailable,
  // The person typed the number that sends; an SMS to it helps nobody.
  131021: { reason: 'recipient_invalid', noFallback: true },
  131026: { reason: 'not_reachable_on_channel' },
  131030: { reason: 'recipient_invalid', alert: true },
  131031: policy,
  131037: misconfigured,
  131042: misconfigured,
  131045: misconfigured,
  131047: { reason: 'window_closed' },
  131048: { reason: 'rate_limited', alert: true },
  131049: { reason: 'blocked_by_policy' },
  131050: { reason: 'blocked_by_policy' },
  131051: rejected,
  131055: rejected,
  131056: { reason: 'rate_limited', retryAfterMs: 6000 },
  131057: { reason: 'provider_unavailable', retryAfterMs: 60_000 },
  131062: rejected,
  131063: misconfigured,
  131064: policy,
  132000: rejected,
  132001: template,
  132005: rejected,
  132007: template,
  132008: rejected,
  132012: rejected,
  132015: template,
  132016: template,
  132018: rejected,
  133010: misconfigured,
  134100: rejected,
  135000: unavailable,
  137000: { reason: 'identity_changed', noFallback: true },
}

export interface GraphFailure {
  readonly failure: Failure
  readonly retryAfterMs?: number
}

/**
 * @param code as the Graph API spells it, a number or a string
 * @param subcode told beside code 100 only, which by itself means any fault in a request
 */
export function judgeGraphError(code: unknown, detail: string, subcode?: unknown): GraphFailure {
  const providerCode = spellCode(code, subcode)
  const verdict = verdicts[providerCode] ?? permissionFamily(providerCode) ?? { reason: 'unspecified' }
  return {
    failure: {
      reason: verdict.reason,
      providerCode,
      detail,
      alert: verdict.alert ?? false,
      fallback: verdict.noFallback !== true,
    },
    ...(verdict.retryAfterMs !== undefined && { retryAfterMs: verdict.retryAfterMs }),
  }
}

function spellCode(code: unknown, subcode: unknown): string {
  if (typeof code !== 'number' && typeof code !== 'string') return ''
  return `${code}/${String(subcode)}` in verdicts ? `${code}/${String(subcode)}` : String(code)
}

/** 200–299 are all "permission" in Graph's own numbering. */
const permissionFamily = (code: string): Verdict | undefined => (/^2\d\d$/.test(code) ? misconfigured : undefined)
