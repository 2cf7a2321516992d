import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Answer } from '../kit/api.ts'

export interface Between {
  readonly url: string
  /** What came: method and path, with the idempotency key. */
  readonly seen: { readonly call: string; readonly key: string | undefined }[]
  close(): Promise<void>
}

/**
 * Stands between a client and the server. What `treat` says happens to a request, counted from 1: it is passed on, or
 * passed on and the answer lost, or answered here.
 */
export async function standBetween(
  serverUrl: string,
  treat: (
    count: number,
  ) => 'pass' | 'lose answer' | 'never answer' | (Pick<Answer, 'status' | 'body'> & { retryAfter?: string }),
): Promise<Between> {
  const seen: Between['seen'] = []
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request
    seen.push({ call: `${method} ${url}`, key: headers['idempotency-key'] as string | undefined })
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const treatment = treat(seen.length)
    if (treatment === 'never answer') return
    if (typeof treatment === 'object') {
      response.writeHead(treatment.status, {
        'content-type': 'text/html',
        ...(treatment.retryAfter !== undefined && { 'retry-after': treatment.retryAfter }),
      })
      response.end(treatment.body)
      return
    }
    const { host: _, connection: __, 'content-length': ___, ...passed } = headers
    const answer = await fetch(serverUrl + url, {
      method,
      headers: passed as Record<string, string>,
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    })
    const body = await answer.text()
    if (treatment === 'lose answer') {
      response.destroy()
      return
    }
    const kept = ['content-type', 'retry-after', 'x-request-id']
    response.writeHead(answer.status, Object.fromEntries([...answer.headers].filter(([name]) => kept.includes(name))))
    response.end(body)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  // A test that fails before it closes this still ends.
  server.unref()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
