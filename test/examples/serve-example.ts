import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Example {
  readonly url: string
  call(method: string, path: string, body?: object, token?: string): Promise<{ status: number; body: any }>
  stop(): void
}

/** An example's server on a free port, asked as a browser would. */
export async function serveExample(server: Server): Promise<Example> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    async call(method, path, body, token) {
      const answer = await fetch(url + path, {
        method,
        headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }) },
        ...(body && { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      const isJson = answer.headers.get('content-type') === 'application/json'
      return { status: answer.status, body: isJson ? JSON.parse(text) : text }
    },
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
