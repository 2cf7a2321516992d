import { pause, randomKey, throwIfAborted } from './everywhere.ts'
import { CentangRefusal, readRefusal } from './refusal.ts'

export interface RequestOptions {
  /** Gives up the call, waits between tries included. */
  readonly signal?: AbortSignal | undefined
  /**
   * By default every call gets a key of its own, so that a try whose answer was lost is not carried out again. Give one
   * to make a call safe against a restart of your own process as well.
   */
  readonly idempotencyKey?: string | undefined
}

export interface ConnectionOptions {
  /** Where the server is, for example `https://verify.example.com`. */
  readonly baseUrl: string
  /** For one try. Default 10 seconds. */
  readonly timeoutMs?: number | undefined
  /** How often a call is tried again when its answer was lost or the server is busy. Default 2. */
  readonly retryCountMax?: number | undefined
  /** In place of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined
}

export interface Call {
  readonly method: 'GET' | 'POST'
  /** Below `/v1/`. */
  readonly path: string
  readonly body?: object | undefined
}

/** Makes one call and gives its JSON, or throws a `CentangRefusal`. */
export type Request = <Answer>(call: Call, options?: RequestOptions) => Promise<Answer>

const defaultTimeoutMs = 10_000
const firstWaitMs = 250
/** Nobody who waits for a login waits longer than this for one try more; the refusal says the seconds instead. */
const longestWaitMs = 10_000

export function createRequest(credential: string, connection: ConnectionOptions): Request {
  const base = readBase(connection.baseUrl)
  if (!/^[!-~]+$/.test(credential)) throw new TypeError('A key or token consists of visible ASCII characters.')
  return async <Answer>({ method, path, body }: Call, { signal, idempotencyKey }: RequestOptions = {}) => {
    const headers: Record<string, string> = { accept: 'application/json', authorization: `Bearer ${credential}` }
    if (method === 'POST') {
      headers['content-type'] = 'application/json'
      // Once a call and not once a try: this is what makes trying again safe.
      headers['idempotency-key'] = idempotencyKey ?? randomKey()
    }
    const init = { method, headers, ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }) }
    for (let retryCount = 0; ; retryCount++) {
      const outcome = await tryOnce(connection, base + path, init, signal)
      if (!(outcome instanceof CentangRefusal)) return outcome as Answer
      const waitMs = waitBeforeRetry(outcome, retryCount)
      if (retryCount >= (connection.retryCountMax ?? 2) || waitMs === undefined) throw outcome
      await pause(waitMs, signal)
    }
  }
}

/** By hand: React Native's `URL` joins no paths. */
function readBase(baseUrl: string): string {
  if (!/^https?:\/\/[^/?#\s]+[^?#\s]*$/i.test(baseUrl))
    throw new TypeError('The baseUrl is like https://verify.example.com.')
  return `${baseUrl.replace(/\/+$/, '')}/v1/`
}

/** The answer's JSON, or why there is none; throws only when the caller's signal ended it. */
async function tryOnce(
  { fetch = globalThis.fetch, timeoutMs = defaultTimeoutMs }: ConnectionOptions,
  url: string,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  throwIfAborted(signal)
  // By hand: `AbortSignal.any` is missing in browsers of 2023, and with Node 20.0.
  const ending = new AbortController()
  const stop = (): void => ending.abort(signal?.reason)
  const timer = setTimeout(() => ending.abort(), timeoutMs)
  signal?.addEventListener('abort', stop)
  try {
    // A redirect would carry the credential to somebody else. Not `error`: Cloudflare's workerd knows only `manual`, which
    // gives the redirect itself, and a browser an answer of which nothing can be read.
    const answer = await fetch(url, { ...init, redirect: 'manual', signal: ending.signal })
    if (answer.type === 'opaqueredirect' || (answer.status >= 300 && answer.status < 400)) return redirected(answer)
    const text = await answer.text()
    const body = parse(text)
    if (answer.ok && body !== undefined) return body
    return readRefusal(answer.status, answer.headers, body)
  } catch (cause) {
    throwIfAborted(signal)
    return ending.signal.aborted
      ? new CentangRefusal({ code: 'timed_out', title: 'The server did not answer in time.', remedy, cause })
      : new CentangRefusal({ code: 'unreachable', title: 'The server cannot be reached.', remedy, cause })
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

const remedy = 'Check `baseUrl` and the network; calling again is safe.'

const redirected = ({ status }: Response): CentangRefusal =>
  new CentangRefusal({
    code: 'answer_unreadable',
    title: 'The answer leads elsewhere, and the credential does not go there.',
    remedy: 'Put into `baseUrl` the address that it leads to: https, and the name that the server goes by.',
    status,
  })

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Undefined when it is no use: the server has decided, or wants a longer wait than anybody has. */
function waitBeforeRetry({ code, status, retryAfterSeconds }: CentangRefusal, retryCount: number): number | undefined {
  const isWorthIt = code === 'timed_out' || code === 'unreachable' || status === 408 || status >= 500
  if (!isWorthIt) return undefined
  if (retryAfterSeconds !== undefined) {
    const waitMs = retryAfterSeconds * 1000
    return waitMs <= longestWaitMs ? waitMs : undefined
  }
  // Half of it by chance, so that many clients do not come back in the same moment.
  return firstWaitMs * 2 ** retryCount * (0.5 + Math.random() / 2)
}
