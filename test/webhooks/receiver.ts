import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

export interface Received {
  readonly id: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly body: { readonly type: string; readonly timestamp: string; readonly data: Record<string, unknown> }
  readonly path: string
}

interface ReceiverAnswer {
  readonly status: number
  readonly headers?: Record<string, string>
}

export interface Receiver {
  /** `127.0.0.1:port`, for CENTANG_WEBHOOK_HOSTS. */
  readonly host: string
  readonly url: string
  readonly received: Received[]
  /** What it answers; a function decides it for each. */
  answer: (received: Received) => ReceiverAnswer | Promise<ReceiverAnswer>
  close(): Promise<void>
}

/** A business's own server. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const one: Received = {
        id: String(request.headers['webhook-id']),
        headers: request.headers,
        text,
        body: JSON.parse(text),
        path: request.url ?? '',
      }
      received.push(one)
      void Promise.resolve(receiver.answer(one)).then((answer) => {
        reply.writeHead(answer.status, answer.headers).end('noted')
      })
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const receiver: Receiver = {
    host,
    url: `http://${host}/hook`,
    received,
    answer: () => ({ status: 204 }),
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  return receiver
}

/** Whether the official library takes it; it throws when not. */
export const accepts = (secret: string, { text, headers }: Received): boolean => {
  try {
    new Webhook(secret).verify(text, headers as Record<string, string>)
    return true
  } catch {
    return false
  }
}
