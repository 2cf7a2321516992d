import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { codeOn, freshNumber, wrongCode } from '../../kit/api.ts'
import { shownCode } from '../../kit/authenticator.ts'
import type { TestServer } from '../../kit/server.ts'
import { type Exchange, idsIn, type Jwt, type Recording, summarise, totpSecret } from '../recorded/recording.ts'

/** Headers that the replay writes itself, or that say where the recording was made. */
const notKept = new Set(['host', 'connection', 'content-length', 'keep-alive'])

/** That there is no body can be said or left out, and either has been refused before. */
const isKept = ([name, value]: readonly [string, string]): boolean =>
  !notKept.has(name) || (name === 'content-length' && value === '0')

/**
 * Stands between an SDK and the server: hands everything on, and writes down what came, with names in the place of what
 * differs each time. A script asks it, below `/recorder`, for numbers, codes and the name of its next step.
 */
export async function startRecorder(server: TestServer, constants: ReadonlyMap<string, string>) {
  const known = new Map<string, string>([...constants].map(([name, value]) => [value, name]))
  const exchanges: Exchange[] = []
  const codes: { to: number; count: number }[] = []
  const numbers: string[] = []
  let step = ''

  const helpers: Readonly<Record<string, (query: URLSearchParams) => Promise<string>>> = {
    step: async (query) => (step = query.get('name') ?? ''),
    number: async () => {
      const number = freshNumber()
      known.set(number.slice(1), `to${numbers.push(number)}`)
      return number
    },
    code: async (query) => {
      const to = `+${(query.get('to') ?? '').replace(/\D/g, '')}`
      const count = Number(query.get('count') ?? 1)
      const code = await codeOn(server, to, count)
      const place = codes.push({ to: numbers.indexOf(to) + 1, count })
      known.set(code, `code${place}`)
      known.set(wrongCode(code), `wrong${place}`)
      return query.has('wrong') ? wrongCode(code) : code
    },
    totp: async (query) => {
      const steps = Number(query.get('steps') ?? 0)
      const code = shownCode(totpSecret, steps)
      known.set(code, `totp+${steps}`)
      return code
    },
  }

  const named = (text: string): string =>
    [...known]
      .toSorted(([a], [b]) => b.length - a.length)
      .reduce((so, [value, name]) => so.replaceAll(value, `{{${name}}}`), text)

  async function handOn(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://recorder')
    const helper = /^\/recorder\/(\w+)$/.exec(url.pathname)?.[1]
    if (helper !== undefined) {
      reply.end(await helpers[helper]?.(url.searchParams))
      return
    }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const headers = pairsOf(request.rawHeaders)
    const answer = await fetch(server.url + request.url, {
      method: request.method ?? 'GET',
      headers: headers.filter(([name]) => !['transfer-encoding', ...notKept].includes(name)) as [string, string][],
      ...(body.length > 0 && { body }),
    })
    const text = await answer.text()
    const jwt = jwtOf(request.headers.authorization, known)
    exchanges.push({
      step,
      method: request.method ?? '',
      path: named(request.url ?? ''),
      headers: headers
        .filter(isKept)
        .map(([name, value]) => [name, name === 'authorization' ? named(readable(value)) : value] as const),
      ...(jwt && { jwt }),
      body: named(body.toString()),
      answer: summarise(answer.status, text),
    })
    for (const [name, id] of idsIn(text, exchanges.length - 1)) if (!known.has(id)) known.set(id, name)
    const type = answer.headers.get('content-type')
    reply
      .writeHead(answer.status, type === null ? {} : { 'content-type': type })
      .end(text.replaceAll(server.url, address()))
  }

  const proxy = createServer((request, reply) => {
    handOn(request, reply).catch((error: unknown) => reply.writeHead(500).end(String(error)))
  })
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
  const address = (): string => `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  return {
    url: address(),
    recording: (about: Pick<Recording, 'sdk' | 'origin' | 'runtime'>): Recording => ({ ...about, codes, exchanges }),
    stop: () => {
      proxy.closeAllConnections()
      return new Promise((done) => proxy.close(done))
    },
  }
}

const pairsOf = (raw: readonly string[]): (readonly [string, string])[] =>
  raw.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? ''] as const] : []))

function readable(authorization: string): string {
  const [scheme = '', value = ''] = authorization.split(' ')
  if (scheme.toLowerCase() === 'basic') return `${scheme} ${Buffer.from(value, 'base64').toString()}`
  return `${scheme} {{jwt}}`
}

function jwtOf(authorization: string | undefined, known: ReadonlyMap<string, string>): Jwt | undefined {
  const [, header, claims] = /^Bearer ([\w-]+)\.([\w-]+)\.[\w-]+$/i.exec(authorization ?? '') ?? []
  if (header === undefined || claims === undefined) return undefined
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
  const now = Math.floor(Date.now() / 1000)
  const fromNow = ([name, value]: [string, unknown]): [string, unknown] => {
    if (['iat', 'exp', 'nbf'].includes(name)) return [name, Math.round((Number(value) - now) / 10) * 10]
    return [name, typeof value === 'string' && known.has(value) ? `{{${known.get(value)}}}` : value]
  }
  const kept = Object.fromEntries(Object.entries(read(claims)).map(fromNow))
  return { header: read(header), claims: { ...kept, ...('jti' in kept && { jti: 'recorded' }) } }
}
