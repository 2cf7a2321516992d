import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { TestDatabase } from './database.ts'

export interface Answer<Body = any> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

/** What a test may ask of any server, its own or the one that all share. */
export interface Server {
  readonly url: string
  /** A test key. */
  readonly key: string
  /** For looking into the database and for breaking things on purpose. */
  readonly database: Pick<TestDatabase, 'url' | 'query'>
  /** A call of the API with that key; a string body is sent as it is. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** A call of the simulator. */
  simulate(method: string, path: string, body?: unknown): Promise<Answer>
  /** Every line that was logged; on the shared server also of what others asked meanwhile. */
  readonly logged: readonly string[]
  stop(): Promise<void>
}

export const operatorKey = 'operator-key-of-the-tests'
export const bearer = (key: string): { authorization: string } => ({ authorization: `Bearer ${key}` })

async function ask(method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: answer.status, headers: answer.headers, body: parse(await answer.text()) }
}

const parse = (text: string): unknown => {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return text
  }
}

export const callsOf = (url: string, key: string): Pick<Server, 'call' | 'simulate'> => ({
  call: (method, path, body, headers) => ask(method, url + path, body, { ...bearer(key), ...headers }),
  // Outside the demo the simulated world asks for a key.
  simulate: (method, path, body) => ask(method, `${url}/simulator${path}`, body, bearer(key)),
})

/** Asks again until the answer is there. */
export async function eventually<Value>(
  look: () => Promise<Value | undefined | false>,
  withinMs = 8000,
): Promise<Value> {
  const until = Date.now() + withinMs
  for (;;) {
    const value = await look()
    if (value !== undefined && value !== false) return value
    if (Date.now() > until) throw new Error(`It did not happen within ${withinMs} ms.`)
    await new Promise((done) => setTimeout(done, 20))
  }
}

/** Test files share one simulated world, so that no two of them may have the same numbers: each takes blocks of its own. */
const blocks = { count: 1000, ordinary: 10_000, magic: 100 } as const
let taken: { readonly block: string; ordinary: number; magic: number } | undefined

function takeBlock(): string {
  const folder = process.env['CENTANG_TEST_NUMBERS']
  for (let block = 0; block < blocks.count; block++) {
    const name = String(folder === undefined ? Math.floor(Math.random() * blocks.count) : block).padStart(3, '0')
    try {
      // Who makes the folder has the block.
      if (folder !== undefined) mkdirSync(join(folder, name))
      return name
    } catch {
      // Somebody else has it.
    }
  }
  throw new Error('All blocks of numbers are taken.')
}

/** A valid number that was not used before; a magic one when its last four digits are given, else none. */
export function freshNumber(lastDigits?: string): string {
  if (!taken || taken.magic === blocks.magic || taken.ordinary === blocks.ordinary)
    taken = { block: takeBlock(), ordinary: 0, magic: 0 }
  const { block } = taken
  if (lastDigits !== undefined) return `+62812${block}${String(taken.magic++).padStart(2, '0')}${lastDigits}`
  // Neighbours differ in front: the guard would take a test's many unproven numbers of one block for pumping.
  return `+62812${String((taken.ordinary++ * 7919) % blocks.ordinary).padStart(4, '0')}${block}59`
}

/** The code of the newest message on a phone. */
export async function codeOn(server: Pick<Server, 'simulate'>, number: string, count = 1): Promise<string> {
  return eventually(async () => {
    const { body } = await server.simulate('GET', `/handsets/${number}/messages`)
    return body.messages.length >= count ? (body.messages.at(-1).code as string) : undefined
  })
}

export const wrongCode = (code: string): string =>
  String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0')
