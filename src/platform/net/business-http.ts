import { Agent, type Dispatcher, request } from 'undici'
import type { BusinessAnswer, BusinessRequest } from '#platform/core/business-call.ts'
import { type LookupAll, lookupPublic } from './public-address.ts'
import { type BusinessReach, judgeBusinessUrl } from './business-url.ts'

export interface BusinessHttp {
  /** Does not throw: whatever happens is an answer. */
  send(wanted: BusinessRequest): Promise<BusinessAnswer>
  /** The body of a 2xx answer that came in time; undefined: whatever else happened. Does not throw. */
  ask(wanted: BusinessRequest, withinMs: number): Promise<string | undefined>
  close(): Promise<void>
}

export interface BusinessHttpOptions extends BusinessReach {
  readonly timeoutMs?: number
  readonly lookup?: LookupAll
}

const timeoutDefaultMs = 10_000
const connectTimeoutMs = 5000
/** Nothing in an answer is of use but its status; so much is read to keep the connection for the next one. */
const answerBytesMax = 16 * 1024

/** The only file that talks to businesses' own servers. */
export function createBusinessHttp(options: BusinessHttpOptions): BusinessHttp {
  const timeoutMs = options.timeoutMs ?? timeoutDefaultMs
  const settings = { connections: null, pipelining: 1, headersTimeout: timeoutMs, bodyTimeout: timeoutMs }
  const lookup = lookupPublic((hostname) => new AddressForbidden(hostname), options.lookup)
  const named = new Agent({ ...settings, connect: { timeout: connectTimeoutMs } })
  const anyPublic = new Agent({ ...settings, connect: { timeout: connectTimeoutMs, lookup } })

  /** One exchange with its time; throws what the network throws. */
  const exchange = async <Result>(
    wanted: BusinessRequest,
    withinMs: number,
    read: (answer: Dispatcher.ResponseData, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    // Judged each time: what the operator allows may have changed since the endpoint was made.
    const verdict = judgeBusinessUrl(wanted.url, options)
    if (typeof verdict === 'object') throw new AddressForbidden(verdict.problem)
    const call = new AbortController()
    const timer = setTimeout(() => call.abort(new DOMException('It took too long.', 'TimeoutError')), withinMs)
    try {
      const answer = await request(wanted.url, {
        method: 'POST',
        headers: { ...wanted.headers, 'user-agent': 'centang' },
        body: wanted.body,
        dispatcher: verdict === 'named' ? named : anyPublic,
        signal: call.signal,
      })
      return await read(answer, call.signal)
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    send: (wanted) =>
      exchange(wanted, timeoutMs, async ({ statusCode, headers, body }, signal) => {
        await body.dump({ limit: answerBytesMax, signal }).catch(() => undefined)
        return readAnswer(statusCode, Number(headers['retry-after']))
      }).catch((error: unknown) => ({ problem: problemOf(error) })),
    ask: (wanted, withinMs) =>
      exchange(wanted, withinMs, async ({ statusCode, body }) => {
        const text = await readText(body)
        return statusCode >= 200 && statusCode < 300 ? text : undefined
      }).catch(() => undefined),
    async close() {
      await Promise.all([named.destroy(), anyPublic.destroy()])
    },
  }
}

const readAnswer = (status: number, retryAfterSeconds: number): BusinessAnswer => ({
  status,
  ...(status >= 300 && status < 400 && { problem: 'redirected' as const }),
  ...(status >= 400 && { problem: 'answered_with_error' as const }),
  ...(retryAfterSeconds > 0 && { retryAfterMs: retryAfterSeconds * 1000 }),
})

async function readText(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > answerBytesMax) throw new Error('The answer is too long.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

class AddressForbidden extends Error {}

function problemOf(error: unknown): 'address_forbidden' | 'timed_out' | 'no_connection' {
  if (error instanceof AddressForbidden) return 'address_forbidden'
  const { name, code = '' } = error as { name?: string; code?: string }
  return name === 'TimeoutError' || code.endsWith('TIMEOUT') ? 'timed_out' : 'no_connection'
}
