import type { FieldError, RefusalCode } from '@centang/sdk'
import { base } from './base.ts'

/** What the console itself has to say when there was no answer. */
type OwnCode = 'unreachable'

interface ProblemBody {
  readonly code?: RefusalCode | OwnCode
  readonly title?: string
  readonly remedy?: string
  readonly errors?: readonly FieldError[]
}

/** An answer of the API that is a refusal, RFC 9457. */
export class Problem extends Error {
  readonly code: RefusalCode | OwnCode
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

/** By hand, because `randomUUID` is missing where the page came over plain HTTP from another machine. */
const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** One call of the API, which lies on the same server as this page. */
export async function call<Result>(key: string, method: 'GET' | 'POST', path: string, body?: object): Promise<Result> {
  // What no header can carry is no key either; fetch would throw as if the server were away.
  if (!/^[!-~]+$/.test(key))
    throw new Problem({ code: key === '' ? 'credentials_missing' : 'credentials_invalid' }, 401, null)
  const answer = await fetch(`${base}/v1/${path}`, {
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
  if (!answer.ok) throw new Problem(read as ProblemBody, answer.status, answer.headers.get('retry-after'))
  return read as Result
}
