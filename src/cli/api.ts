import { type Command, Option } from 'commander'
import { CommandFailed, exitCodes, usageError } from './exit.ts'

/** What every command that talks to a running server takes. */
export interface ApiOptions {
  readonly url: string
  readonly key?: string
  readonly json?: boolean
}

/** A running server, spoken to as any other client does. */
export interface Api {
  call<Body>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Body>
  /** The stream of events; it has answered 200 when this returns. */
  follow(after: string | undefined, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
}

export const jsonOption = (): Option => new Option('--json', 'print JSON instead of text')

export const withApiOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--key <key>', 'API key; the environment hides it from other users of this machine').env(
        'CENTANG_API_KEY',
      ),
    )
    .addOption(new Option('--url <url>', 'where the server is').env('CENTANG_URL').default('http://127.0.0.1:3000'))
    .addOption(jsonOption())

const timeoutMs = 20_000

export function openApi({ url, key }: ApiOptions): Api {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw usageError(`The server's address must be an http or https URL: --url https://verify.example.com`)
  if (key === undefined || key === '')
    throw usageError(
      'An API key is needed: set CENTANG_API_KEY, or pass --key. The demo prints its test key when it starts.',
    )
  // A key that no header takes would end in an error of fetch that repeats it.
  if (!/^[\x21-\x7e]{1,300}$/.test(key)) throw usageError('The API key has characters that no key has.')
  const base = url.replace(/\/+$/, '')
  const ask = async (path: string, request: RequestInit): Promise<Response> => {
    const headers = { authorization: `Bearer ${key}`, ...(request.headers as Record<string, string>) }
    try {
      return await fetch(base + path, { ...request, headers, redirect: 'manual' })
    } catch (error) {
      if (request.signal?.aborted && (request.signal.reason as Error)?.name !== 'TimeoutError') throw error
      throw unreachable(base, error)
    }
  }
  return {
    async call<Body>(method: string, path: string, body?: object): Promise<Body> {
      const answer = await ask(path, {
        method,
        ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        signal: AbortSignal.timeout(timeoutMs),
      })
      if (!answer.ok) throw await refused(base, answer)
      if (answer.status === 204) return undefined as Body
      return (await answer.json().catch(() => {
        throw notCentang(base, answer)
      })) as Body
    },
    async follow(after, signal) {
      const headers = after === undefined ? {} : { 'last-event-id': after }
      const answer = await ask('/v1/events/stream', { headers, signal })
      if (!answer.ok) throw await refused(base, answer)
      if (!answer.headers.get('content-type')?.startsWith('text/event-stream')) throw notCentang(base, answer)
      return answer.body as ReadableStream<Uint8Array>
    },
  }
}

function unreachable(url: string, error: unknown): CommandFailed {
  const { name, cause } = error as Error
  const code = (cause as { code?: string } | undefined)?.code
  const why = name === 'TimeoutError' ? `no answer within ${timeoutMs / 1000} seconds` : (code ?? 'no connection')
  return new CommandFailed(
    exitCodes.unreachable,
    `The server at ${url} can't be reached (${why}).\nStart it with "npm start", or name another with --url or CENTANG_URL.`,
    { code: 'unreachable', url, detail: why },
  )
}

const notCentang = (url: string, { status }: Response): CommandFailed =>
  new CommandFailed(
    exitCodes.unreachable,
    `What answers at ${url} (HTTP ${status}) is not Centang. Check --url or CENTANG_URL.`,
    { code: 'not_centang', url, status },
  )

interface Problem {
  readonly title: string
  readonly code: string
  readonly remedy: string
  readonly request_id: string
  readonly errors?: readonly { readonly path: string; readonly problem: string }[]
}

/** The server's own words (RFC 9457): what, what to do, and under which id its log tells more. */
async function refused(url: string, answer: Response): Promise<CommandFailed> {
  const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json')
  const problem = isProblem ? ((await answer.json().catch(() => undefined)) as Problem | undefined) : undefined
  if (!problem) return notCentang(url, answer)
  const retryAfter = answer.headers.get('retry-after')
  const lines = [
    problem.title,
    problem.remedy,
    ...(problem.errors ?? []).map(({ path, problem }) => `  ${path} ${problem}`),
    ...(retryAfter === null ? [] : [`  again in ${retryAfter} seconds`]),
    `  ${problem.code}, request ${problem.request_id}`,
  ]
  const isAboutKey = answer.status === 401 || ['operator_required', 'live_key_required'].includes(problem.code)
  return new CommandFailed(isAboutKey ? exitCodes.credentials : exitCodes.failed, lines.join('\n'), { ...problem })
}
