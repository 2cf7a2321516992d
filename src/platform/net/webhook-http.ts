import { Agent, type Dispatcher, request } from 'undici'
import type { WebhookAnswer } from '#webhooks/core/delivery.ts'
import { type LookupAll, lookupPublic } from './public-address.ts'
import type { WebhookRequest } from '#webhooks/formats/outgoing.ts'
import { judgeWebhookUrl, type WebhookReach } from './webhook-url.ts'

export interface WebhookHttp {
  /** Does not throw: whatever happens is an answer. */
  send(webhook: WebhookRequest): Promise<WebhookAnswer>
  /** The body of a 2xx answer that came in time; undefined: whatever else happened. Does not throw. */
  ask(webhook: WebhookRequest, withinMs: number): Promise<string | undefined>
  close(): Promise<void>
}

export interface WebhookHttpOptions extends WebhookReach {
  readonly timeoutMs?: number
  readonly lookup?: LookupAll
}

const timeoutDefaultMs = 10_000
const connectTimeoutMs = 5000
/** Nothing in an answer is of use but its status; so much is read to keep the connection for the next webhook. */
const answerBytesMax = 16 * 1024

/** The only file that talks to businesses' own servers. */
export function createWebhookHttp(options: WebhookHttpOptions): WebhookHttp {
  const timeoutMs = options.timeoutMs ?? timeoutDefaultMs
  const settings = { connections: null, pipelining: 1, headersTimeout: timeoutMs, bodyTimeout: timeoutMs }
  const lookup = lookupPublic((hostname) => new AddressForbidden(hostname), options.lookup)
  const named = new Agent({ ...settings, connect: { timeout: connectTimeoutMs } })
  const anyPublic = new Agent({ ...settings, connect: { timeout: connectTimeoutMs, lookup } })

  /** One exchange with its time; throws what the network throws. */
  const exchange = async <Result>(
    webhook: WebhookRequest,
    withinMs: number,
    read: (answer: Dispatcher.ResponseData, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    // Judged each time: what the operator allows may have changed since the endpoint was made.
    const verdict = judgeWebhookUrl(webhook.url, options)
    if (typeof verdict === 'object') throw new AddressForbidden(verdict.problem)
    const call = new AbortController()
    const timer = setTimeout(() => call.abort(new DOMException('It took too long.', 'TimeoutError')), withinMs)
    try {
      const answer = await request(webhook.url, {
        method: 'POST',
        headers: { ...webhook.headers, 'user-agent': 'centang' },
        body: webhook.body,
        dispatcher: verdict === 'named' ? named : anyPublic,
        signal: call.signal,
      })
      return await read(answer, call.signal)
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    send: (webhook) =>
      exchange(webhook, timeoutMs, async ({ statusCode, headers, body }, signal) => {
        await body.dump({ limit: answerBytesMax, signal }).catch(() => undefined)
        return readAnswer(statusCode, Number(headers['retry-after']))
      }).catch((error: unknown) => ({ problem: problemOf(error) })),
    ask: (webhook, withinMs) =>
      exchange(webhook, withinMs, async ({ statusCode, body }) => {
        const text = await readText(body)
        return statusCode >= 200 && statusCode < 300 ? text : undefined
      }).catch(() => undefined),
    async close() {
      await Promise.all([named.destroy(), anyPublic.destroy()])
    },
  }
}

const readAnswer = (status: number, retryAfterSeconds: number): WebhookAnswer => ({
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
