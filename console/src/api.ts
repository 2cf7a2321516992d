export type Channel = 'whatsapp' | 'rcs' | 'sms' | 'voice' | 'email'

export interface Settings {
  readonly demo_key: string | null
  readonly phone_url: string | null
  readonly public_url: string
  readonly channels: readonly Channel[]
  readonly version: string
}

export interface Delivery {
  readonly id: string
  readonly channel: Channel
  readonly status: 'queued' | 'sent' | 'delivered' | 'read' | 'failed' | 'unknown'
  readonly reason: string | null
  readonly detail: string | null
  readonly provider_code: string | null
}

export interface TimelineEntry {
  readonly at: string
  readonly kind: string
  readonly channel: Channel | null
  readonly reason: string | null
  readonly provider_code: string | null
}

export interface Verification {
  readonly id: string
  readonly status: 'pending' | 'approved' | 'canceled' | 'expired' | 'blocked' | 'undeliverable'
  readonly to: string
  readonly channel: Channel
  readonly checks_remaining: number
  readonly sends_remaining: number
  readonly created_at: string
  readonly expires_at: string
  readonly resend_after: string | null
  readonly ended_at: string | null
  readonly workflow: readonly { readonly channel: Channel; readonly wait_seconds: number }[]
  readonly deliveries: readonly Delivery[]
  readonly timeline?: readonly TimelineEntry[]
}

export interface Checked {
  readonly status: Verification['status']
  readonly valid: boolean
  readonly checks_remaining: number
}

interface ProblemBody {
  readonly code?: string
  readonly title?: string
  readonly remedy?: string
  readonly errors?: readonly { readonly path: string }[]
}

/** An answer of the API that is a refusal, RFC 9457. */
export class Problem extends Error {
  readonly code: string
  readonly remedy: string
  readonly retryAfterSeconds: number | undefined
  /** Where the body was wrong, for example `body/to`. */
  readonly paths: readonly string[]

  constructor(body: ProblemBody, status: number, retryAfter: string | null) {
    super(body.title ?? `HTTP ${status}`)
    this.code = body.code ?? 'unreachable'
    this.remedy = body.remedy ?? ''
    this.paths = (body.errors ?? []).map(({ path }) => path)
    this.retryAfterSeconds = retryAfter === null ? undefined : Number(retryAfter)
  }
}

export async function readSettings(): Promise<Settings> {
  const answer = await fetch('/console/config.json')
  if (!answer.ok) throw new Problem({}, answer.status, null)
  return (await answer.json()) as Settings
}

/** By hand, because `randomUUID` is missing where the page came over plain HTTP from another machine. */
const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

async function call<Result>(key: string, method: 'GET' | 'POST', path: string, body?: object): Promise<Result> {
  // What no header can carry is no key either; fetch would throw as if the server were away.
  if (!/^[!-~]+$/.test(key))
    throw new Problem({ code: key === '' ? 'credentials_missing' : 'credentials_invalid' }, 401, null)
  const answer = await fetch(`/v1/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body && { 'content-type': 'application/json', 'idempotency-key': randomKey() }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Problem({ code: 'unreachable' }, 0, null)
  })
  const read: unknown = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Problem(read as object, answer.status, answer.headers.get('retry-after'))
  return read as Result
}

export interface StartBody {
  readonly to: string
  readonly locale: string
  readonly channel?: Channel
}

export const startVerification = (key: string, body: StartBody): Promise<Verification> =>
  call(key, 'POST', 'verifications', body)
export const readVerification = (key: string, id: string): Promise<Verification> =>
  call(key, 'GET', `verifications/${id}`)
export const checkCode = (key: string, id: string, code: string): Promise<Checked> =>
  call(key, 'POST', `verifications/${id}/check`, { code })
export const resendCode = (key: string, id: string, channel?: Channel): Promise<Verification> =>
  call(key, 'POST', `verifications/${id}/resend`, channel ? { channel } : {})
export const cancelVerification = (key: string, id: string): Promise<Verification> =>
  call(key, 'POST', `verifications/${id}/cancel`, {})
