import type { WebhookEvent } from './api-types.ts'

export type { WebhookEvent, WebhookKind } from './api-types.ts'

/** Why a webhook was not believed. */
export type WebhookFault =
  /** One of `webhook-id`, `webhook-timestamp` and `webhook-signature` is missing. */
  | 'headers_missing'
  /** The timestamp is no time, or too far from now: an old one sent again, or a clock that is wrong. */
  | 'timestamp_outside_tolerance'
  /** No signature is one of these secrets over these very bytes. */
  | 'signature_invalid'

export class WebhookRejected extends Error {
  readonly fault: WebhookFault

  constructor(fault: WebhookFault) {
    super(`The webhook was not believed: ${fault}.`)
    this.name = 'WebhookRejected'
    this.fault = fault
  }
}

export interface IncomingWebhook {
  /** `whsec_…`; two while one is being replaced. */
  readonly secret: string | readonly string[]
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
  /** The body as it came, before anything parsed it. */
  readonly body: string | Uint8Array
  /** How far its clock and yours may be apart. Default 300. */
  readonly toleranceSeconds?: number | undefined
  readonly now?: Date | undefined
}

const defaultToleranceSeconds = 300

/**
 * Checks a webhook by the Standard Webhooks rules and gives what it says; throws `WebhookRejected` otherwise.
 * Remember `webhook-id` and leave alone what comes twice: a delivery is repeated when your answer was lost.
 */
export async function verifyWebhook<Event = WebhookEvent>(webhook: IncomingWebhook): Promise<Event> {
  const { toleranceSeconds = defaultToleranceSeconds, now = new Date() } = webhook
  const id = headerOf(webhook.headers, 'webhook-id')
  const timestamp = headerOf(webhook.headers, 'webhook-timestamp')
  const signatures = headerOf(webhook.headers, 'webhook-signature')
  if (!id || !timestamp || !signatures) throw new WebhookRejected('headers_missing')
  const ageSeconds = /^\d{1,12}$/.test(timestamp) ? now.getTime() / 1000 - Number(timestamp) : Number.NaN
  if (!(Math.abs(ageSeconds) <= toleranceSeconds)) throw new WebhookRejected('timestamp_outside_tolerance')
  const text = typeof webhook.body === 'string' ? webhook.body : new TextDecoder().decode(webhook.body)
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${text}`)
  for (const secret of [webhook.secret].flat()) {
    if (await isSigned(secret, signed, signatures)) return JSON.parse(text) as Event
  }
  throw new WebhookRejected('signature_invalid')
}

async function isSigned(secret: string, signed: Uint8Array<ArrayBuffer>, signatures: string): Promise<boolean> {
  const bytes = fromBase64(secret.replace(/^whsec_/, ''))
  if (!bytes) throw new TypeError('A webhook secret is whsec_ and base64.')
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
  for (const one of signatures.split(' ')) {
    const [version, value = ''] = one.split(',')
    const signature = version === 'v1' ? fromBase64(value) : undefined
    // WebCrypto compares in constant time.
    if (signature && (await crypto.subtle.verify('HMAC', key, signature, signed))) return true
  }
  return false
}

function headerOf(headers: IncomingWebhook['headers'], name: string): string | undefined {
  if (typeof headers.get === 'function') return (headers as Headers).get(name) ?? undefined
  const found = Object.entries(headers as Record<string, string | string[] | undefined>).find(
    ([one]) => one.toLowerCase() === name,
  )?.[1]
  return Array.isArray(found) ? found.join(' ') : found
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}
