import { createHmac, timingSafeEqual } from 'node:crypto'

/** How old, or how far ahead, a signature may be (Standard Webhooks, "Verifying webhooks"). */
const toleranceMs = 5 * 60_000
const signaturesMax = 20

/**
 * The keys of a Standard Webhooks secret: `whsec_` and base64, as Supabase writes it with `v1,` in front and, while one
 * is replaced by another, several with `|` between. Undefined when it is none.
 */
export function readWebhookKeys(secret: string): Buffer[] | undefined {
  const keys = secret.split('|').map((one) => {
    const encoded = /^(?:v1,)?whsec_([A-Za-z0-9+/]+={0,2})$/.exec(one.trim())?.[1]
    return encoded === undefined ? Buffer.alloc(0) : Buffer.from(encoded, 'base64')
  })
  return keys.every(({ length }) => length >= 16) ? keys : undefined
}

export interface SignedCall {
  readonly id: string | undefined
  readonly timestamp: string | undefined
  /** `v1,…`, several with a space between; Supabase has a comma before the space. */
  readonly signatures: string | undefined
  readonly body: string
}

/** Standard Webhooks: base64 of the HMAC-SHA-256 of id, timestamp and body. */
export function isWebhookSigned({ id, timestamp, signatures, body }: SignedCall, secret: string, now: Date): boolean {
  if (!id || !signatures || !isRecent(timestamp, now)) return false
  const given = signatures
    .split(' ', signaturesMax)
    .map((one) => /^v1,([A-Za-z0-9+/=]+),?$/.exec(one)?.[1])
    .filter((one) => one !== undefined)
    .map((one) => Buffer.from(one, 'base64'))
  return (readWebhookKeys(secret) ?? []).some((key) => {
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest()
    return isAmong(expected, given)
  })
}

/** ZITADEL's header `t=…,v1=…`: hex of the HMAC-SHA-256 of timestamp and body. */
export function isZitadelSigned(header: string | undefined, body: string, secret: string, now: Date): boolean {
  const parts = (header ?? '').split(',', signaturesMax).map((part) => part.trim().split('=', 2))
  const timestamp = parts.find(([name]) => name === 't')?.[1]
  if (!isRecent(timestamp, now)) return false
  const given = parts.filter(([name]) => name === 'v1').map(([, value]) => Buffer.from(value ?? '', 'hex'))
  return isAmong(createHmac('sha256', secret).update(`${timestamp}.${body}`).digest(), given)
}

function isRecent(timestamp: string | undefined, now: Date): timestamp is string {
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return false
  return Math.abs(Number(timestamp) * 1000 - now.getTime()) <= toleranceMs
}

const isAmong = (expected: Buffer, given: readonly Buffer[]): boolean =>
  given.some((one) => one.length === expected.length && timingSafeEqual(one, expected))
