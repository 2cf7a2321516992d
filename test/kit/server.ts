import { randomBytes } from 'node:crypto'
import { type App, startApp } from '#app.ts'
import { readConfig } from '#cli/config.ts'
import { createLog } from '#platform/log.ts'
import { PassThrough } from 'node:stream'
import { freshDatabase, type TestDatabase } from './database.ts'

export interface Answer<Body = any> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

export interface TestServer {
  readonly url: string
  readonly key: string
  readonly app: App
  readonly database: TestDatabase
  /** Every line that was logged. */
  readonly logged: string[]
  /** A call of the API with the demo key; a string body is sent as it is. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** A call of the simulator. */
  simulate(method: string, path: string, body?: unknown): Promise<Answer>
  stop(): Promise<void>
}

export const operatorKey = 'operator-key-of-the-tests'

/** The whole server in this process, on a database of its own, with the simulated world mounted. */
export async function startTestServer(
  environment: Record<string, string> = {},
  { isDemo = false }: { readonly isDemo?: boolean } = {},
): Promise<TestServer> {
  const database = await freshDatabase()
  const key = `ck_test_${randomBytes(12).toString('hex')}`
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: database.url,
    CENTANG_MASTER_KEY: randomBytes(32).toString('base64'),
    CENTANG_DEMO_KEY: key,
    CENTANG_SIMULATOR: 'on',
    CENTANG_OPERATOR_KEY: operatorKey,
    CENTANG_LOG_LEVEL: 'trace',
    ...environment,
  })
  const logged: string[] = []
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => logged.push(chunk.toString()))
  const app = await startApp({
    config,
    isDemo,
    log: createLog(config.logLevel, stream as unknown as NodeJS.WriteStream),
  })
  const call = async (
    method: string,
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const answer = await fetch(url, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: parse(text) }
  }
  return {
    url: app.url,
    key,
    app,
    database,
    logged,
    call: (method, path, body, headers) =>
      call(method, app.url + path, body, { authorization: `Bearer ${key}`, ...headers }),
    simulate: (method, path, body) => call(method, `${app.url}/simulator${path}`, body),
    async stop() {
      await app.stop()
      await database.drop()
    },
  }
}

const parse = (text: string): unknown => {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return text
  }
}

/** Asks again until the answer is there. */
export async function eventually<Value>(
  ask: () => Promise<Value | undefined | false>,
  withinMs = 8000,
): Promise<Value> {
  const until = Date.now() + withinMs
  for (;;) {
    const value = await ask()
    if (value !== undefined && value !== false) return value
    if (Date.now() > until) throw new Error(`It did not happen within ${withinMs} ms.`)
    await new Promise((done) => setTimeout(done, 20))
  }
}

let numbers = Math.floor(Math.random() * 1e5)
/** A valid number that was not used before, and no magic one. */
export const freshNumber = (): string => `+62812${String(1_000_000 + numbers++ * 10 + 5).slice(-7)}9`

/** The code of the newest message on a phone. */
export async function codeOn(server: TestServer, number: string, count = 1): Promise<string> {
  return eventually(async () => {
    const { body } = await server.simulate('GET', `/handsets/${number}/messages`)
    return body.messages.length >= count ? (body.messages.at(-1).code as string) : undefined
  })
}

export const wrongCode = (code: string): string =>
  String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0')
