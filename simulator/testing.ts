import fastify, { type FastifyInstance } from 'fastify'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSimulator, type Simulator, type SimulatorOptions } from './simulator.ts'

export interface Running {
  readonly simulator: Simulator
  readonly app: FastifyInstance
  /** `http://127.0.0.1:…/simulator` */
  readonly url: string
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: any; headers: Headers }>
  stop(): Promise<void>
}

/** The simulator over real HTTP. */
export async function runSimulator(options: SimulatorOptions = {}): Promise<Running> {
  const simulator = createSimulator(options)
  const app = fastify({ forceCloseConnections: true })
  await app.register(simulator.plugin, { prefix: '/simulator' })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/simulator`
  return {
    simulator,
    app,
    url,
    async call(method, path, body, headers = {}) {
      const answer = await fetch(url + path, {
        method,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await answer.text()
      return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) }
    },
    async stop() {
      await app.close()
      await simulator.close()
    },
  }
}

export interface Posted {
  readonly raw: string
  readonly signature: string
  readonly body: any
}

/** A business that takes webhooks; `status` is what it answers. */
export async function receiveWebhooks(
  verifyToken: string,
): Promise<{ url: string; posted: Posted[]; answer: { status: number }; stop(): Promise<void> }> {
  const posted: Posted[] = []
  const answer = { status: 200 }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x')
    if (request.method === 'GET') {
      const isOurs = url.searchParams.get('hub.verify_token') === verifyToken
      response.writeHead(isOurs ? 200 : 403).end(isOurs ? url.searchParams.get('hub.challenge') : '')
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString('latin1')
      posted.push({
        raw,
        signature: String(request.headers['x-hub-signature-256'] ?? request.headers['x-signature']),
        body: JSON.parse(raw),
      })
      response.writeHead(answer.status).end()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    posted,
    answer,
    stop: () => new Promise((done) => server.close(() => done()).closeAllConnections()),
  }
}

export const signatureOf = (raw: string, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(raw, 'latin1').digest('hex')}`

export async function eventually<Value>(
  ask: () => Value | undefined | false | Promise<Value | undefined | false>,
): Promise<Value> {
  const until = Date.now() + 5000
  for (;;) {
    const value = await ask()
    if (value !== undefined && value !== false) return value
    if (Date.now() > until) throw new Error('It did not happen within 5 s.')
    await new Promise((done) => setTimeout(done, 10))
  }
}

export const loginCode = (language: string) => ({
  name: 'login_code',
  language,
  category: 'AUTHENTICATION',
  message_send_ttl_seconds: 300,
  components: [
    { type: 'BODY', add_security_recommendation: true },
    { type: 'FOOTER', code_expiration_minutes: 5 },
    { type: 'BUTTONS', buttons: [{ type: 'OTP', otp_type: 'COPY_CODE' }] },
  ],
})

export const codeMessage = (to: string, code: string, reference?: string) => ({
  messaging_product: 'whatsapp',
  to,
  type: 'template',
  ...(reference !== undefined && { biz_opaque_callback_data: reference }),
  template: {
    name: 'login_code',
    language: { code: 'pt_BR' },
    components: [
      { type: 'body', parameters: [{ type: 'text', text: code }] },
      { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: code }] },
    ],
  },
})
