import type { Failure, FailureReason } from '#messaging/core/failure.ts'
import type { SenderPurpose } from '#messaging/core/sender.ts'
import { vendorCode, vendorText } from '#messaging/providers/vendor-text.ts'
import { mendOf } from './mends.ts'
import { type Fields, fieldsOf } from './fields.ts'

/** What a code of the Graph API means for a sending. */
interface Verdict {
  readonly reason: FailureReason
  /** Milliseconds after which the same send may succeed; absent: it won't. */
  readonly retryAfterMs?: number
  /** Every send of this sender fails the same way until somebody acts. */
  readonly alert?: true
  /** No other channel of the same number is any better. */
  readonly noFallback?: true
  /** Meta withholds what it takes for advertising: of a code that is the category of its template. */
  readonly isOfMarketing?: true
}

const misconfigured: Verdict = { reason: 'sender_misconfigured', alert: true }
const unavailable: Verdict = { reason: 'provider_unavailable', retryAfterMs: 2000 }
const template: Verdict = { reason: 'template_unavailable', alert: true }
/** What was asked for is wrong: nothing that this sender sends the same way will go out. */
const rejected: Verdict = { reason: 'request_rejected', alert: true }
const ofMarketing: Verdict = { reason: 'blocked_by_policy', isOfMarketing: true }
/** A code that Meta has made since: nobody here knows whether it passes. */
const unknown: Verdict = { reason: 'unspecified', alert: true }
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
  130403: { reason: 'recipient_invalid' },
  130429: { reason: 'rate_limited', retryAfterMs: 2000 },
  130472: ofMarketing,
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
  131049: ofMarketing,
  131050: ofMarketing,
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
  139200: policy,
}

export interface GraphFailure {
  readonly failure: Failure
  readonly retryAfterMs?: number
}

interface Told {
  /** Told beside code 100 only, which by itself means any fault in a request. */
  readonly subcode?: unknown
  readonly purpose?: SenderPurpose
}

/** @param code as the Graph API spells it, a number or a string */
export function judgeGraphError(code: unknown, detail: string, { subcode, purpose }: Told = {}): GraphFailure {
  const providerCode = spellCode(code, subcode)
  const known = knownVerdict(providerCode) ?? permissionFamily(providerCode)
  const verdict = known ?? unknown
  const mend = mendOf(providerCode, detail, purpose)
  return {
    failure: {
      reason: verdict.reason,
      providerCode,
      detail,
      alert: verdict.alert ?? (verdict.isOfMarketing === true && purpose === 'authentication'),
      fallback: verdict.noFallback !== true,
      ...(!known && { isUnknown: true }),
      ...(mend !== undefined && { mend }),
    },
    ...(verdict.retryAfterMs !== undefined && { retryAfterMs: verdict.retryAfterMs }),
  }
}

/** Meta's own words about an error: the details, else what it tells the user, else the message without its code. */
export function wordsOfError({ error_data: data, error_user_msg: userText, message, title }: Fields): string {
  const details = typeof data === 'string' ? data : fieldsOf(data)['details']
  const said = [details, userText, message, title].find((one) => typeof one === 'string' && one !== '')
  return typeof said === 'string' ? vendorText(said.replace(/^\(#\d+\)\s*/, '')) : ''
}

const knownVerdict = (code: string): Verdict | undefined => (Object.hasOwn(verdicts, code) ? verdicts[code] : undefined)

function spellCode(code: unknown, subcode: unknown): string {
  const spelled = vendorCode(code)
  const whole = `${spelled}/${vendorCode(subcode)}`
  return knownVerdict(whole) ? whole : spelled
}

/** 200–299 are all "permission" in Graph's own numbering. */
const permissionFamily = (code: string): Verdict | undefined => (/^2\d\d$/.test(code) ? misconfigured : undefined)
