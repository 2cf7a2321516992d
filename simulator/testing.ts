import fastify, { type FastifyInstance } from 'fastify'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSimulator, type Simulator, type SimulatorOptions } from './simulator.ts'
import { createClock } from './world/clock.ts'

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
  readonly userAgent: string
  readonly body: any
}

/** A business that takes news; `status` is what it answers. */
export async function receiveNews(
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
        userAgent: String(request.headers['user-agent']),
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

/** A machine that does other things too is slow; nothing is timed here. */
const patienceMs = 20_000

export async function eventually<Value>(
  ask: () => Value | undefined | false | Promise<Value | undefined | false>,
): Promise<Value> {
  const until = Date.now() + patienceMs
  for (;;) {
    const value = await ask()
    if (value !== undefined && value !== false) return value
    if (Date.now() > until) throw new Error(`It did not happen within ${patienceMs} ms.`)
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

export interface Business {
  readonly running: Running
  readonly hook: Awaited<ReturnType<typeof receiveNews>>
  /** `GET /meta` */
  readonly facts: any
  readonly headers: Record<string, string>
  call: Running['call']
  /** A call of the Graph API with the token; `waba` and `number` stand for the ids. */
  graph(method: string, path: string, body?: unknown): ReturnType<Running['call']>
  send(body: object, headers?: Record<string, string>): ReturnType<Running['call']>
  /** Moves the clock of the world, which stands still by itself. */
  advance(ms: number): Promise<unknown>
  inbox(to: string): Promise<any[]>
  /** Statuses the business has heard, of all messages or those to one number. */
  statuses(to?: string): any[]
  words(to?: string): string[]
  heard(count: number, to?: string): Promise<unknown>
  /** When no news are under way. */
  settled(): Promise<void>
  /** `value` of the newest news. */
  newest(): any
  stop(): Promise<void>
}

/** A simulator with a business that has a template in pt_BR and takes news. */
export async function startBusiness(options: SimulatorOptions = {}): Promise<Business> {
  const clock = createClock({ startsAt: Date.parse('2026-11-24T12:00:00Z') })
  const running = await runSimulator({ clock, ...options })
  const facts = (await running.call('GET', '/meta')).body
  const headers = { authorization: `Bearer ${facts.access_token}` }
  const hook = await receiveNews(facts.verify_token)
  const nodes = (path: string): string => path.replace(/^waba/, facts.waba_id).replace(/^number/, facts.phone_number_id)
  const business: Business = {
    running,
    hook,
    facts,
    headers,
    call: (...wanted) => running.call(...wanted),
    graph: (method, path, body) => running.call(method, `/meta/v26.0/${nodes(path)}`, body, headers),
    send: (body, more = headers) => running.call('POST', `/meta/v26.0/${facts.phone_number_id}/messages`, body, more),
    advance: (ms) => running.call('POST', '/clock/advance', { ms }),
    inbox: async (to) => (await running.call('GET', `/handsets/${to}/messages`)).body.messages,
    statuses: (to) =>
      hook.posted
        .flatMap(({ body }) => body.entry?.[0].changes[0].value.statuses ?? [])
        .filter(({ recipient_id: digits }) => to === undefined || `+${digits}` === to),
    words: (to) => business.statuses(to).map(({ status }) => status as string),
    heard: (count, to) => eventually(() => business.statuses(to).length >= count),
    settled: () => running.simulator.world.news.settled(),
    newest: () => hook.posted.at(-1)?.body.entry[0].changes[0].value,
    async stop() {
      await running.stop()
      await hook.stop()
    },
  }
  await business.graph('POST', 'waba/message_templates', loginCode('pt_BR'))
  await business.graph('POST', 'waba/subscribed_apps', {
    override_callback_uri: hook.url,
    verify_token: facts.verify_token,
  })
  return business
}

/** Everything as it was, but for templates; what was still on its way has arrived. */
export async function startOver({ call, hook, running }: Business): Promise<void> {
  const { clock, news } = running.simulator.world
  hook.answer.status = 200
  await call('POST', '/reset')
  await call('DELETE', '/account')
  // The second round is for what the first had to try again.
  for (let round = 0; round < 2; round++) {
    clock.advance(3_600_000)
    await news.settled()
  }
  await call('POST', '/reset')
  hook.posted.length = 0
}
