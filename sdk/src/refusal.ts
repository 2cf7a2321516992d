import type { RefusalCode } from './api-types.ts'

/** What a call can fail with that no server said. */
export type ClientCode =
  /** No answer within `timeoutMs`, however often it was asked. */
  | 'timed_out'
  /** No connection to the server. */
  | 'unreachable'
  /** Something answered that is no Centang server, for example a proxy's error page. */
  | 'answer_unreadable'

export interface RefusalDetails {
  readonly code: RefusalCode | ClientCode
  readonly title: string
  readonly remedy?: string | undefined
  readonly status?: number | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly requestId?: string | undefined
  readonly errors?: readonly FieldError[] | undefined
  readonly cause?: unknown
}

export interface FieldError {
  /** Where, for example `body/to`. */
  readonly path: string
  readonly problem: string
}

/**
 * Thrown when a call was not carried out. `code` is stable and made for `switch`; a newer server may send one that this
 * version does not list, so keep a default branch. The text never contains a recipient, a code or a key.
 */
export class CentangRefusal extends Error {
  readonly code: RefusalCode | ClientCode
  /** HTTP status; 0 when nothing was answered. */
  readonly status: number
  /** What to do next. */
  readonly remedy: string
  /** Seconds until the same call may succeed. */
  readonly retryAfterSeconds: number | undefined
  /** Finds the request in the server's log. */
  readonly requestId: string | undefined
  /** Of `body_invalid`: which fields, and what is wrong with them. */
  readonly errors: readonly FieldError[]

  constructor(details: RefusalDetails) {
    super(`${details.title} (${details.code})`, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'CentangRefusal'
    this.code = details.code
    this.status = details.status ?? 0
    this.remedy = details.remedy ?? ''
    this.retryAfterSeconds = details.retryAfterSeconds
    this.requestId = details.requestId
    this.errors = details.errors ?? []
  }
}

/** The refusal in an answer that is not 2xx (RFC 9457). */
export function readRefusal(status: number, headers: Headers, body: unknown): CentangRefusal {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Readonly<Record<string, unknown>>
  const text = (name: string): string | undefined => (typeof problem[name] === 'string' ? problem[name] : undefined)
  const code = text('code') as RefusalCode | undefined
  return new CentangRefusal({
    code: code ?? 'answer_unreadable',
    title: (code && text('title')) ?? `The answer has HTTP status ${status} and is none of a Centang server.`,
    remedy: code ? text('remedy') : 'Check `baseUrl`, and what stands between here and the server.',
    status,
    retryAfterSeconds: readRetryAfter(headers),
    requestId: text('request_id') ?? headers.get('x-request-id') ?? undefined,
    errors: Array.isArray(problem['errors']) ? (problem['errors'] as FieldError[]) : undefined,
  })
}

/** Seconds or a date (RFC 9110 §10.2.3): our server sends seconds, what stands before it may send either. */
function readRetryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after')
  if (value === null) return undefined
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - Date.now()) / 1000)
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}
