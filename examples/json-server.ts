import { createServer, type IncomingMessage, type Server } from 'node:http'
import { Refused } from './centang.ts'

export interface Asked {
  /** What stands in the path where the route has `:id`. */
  readonly id: string
  readonly body: Readonly<Record<string, unknown>>
  /** Who asks: a session of ours, as a bearer token of an app or the cookie `session` of a browser. */
  readonly token: string
  /** Sent by a page without a script: the answer is looked at by a person. */
  readonly isForm: boolean
}

export interface Answer {
  readonly status: number
  readonly body: object | string
  readonly headers?: Readonly<Record<string, string>>
}

export type Routes = Readonly<Record<string, (asked: Asked) => Answer | Promise<Answer>>>

export const answer = (status: number, body: object | string): Answer => ({ status, body })

/** A text of the body, or ''. A member of another type is taken for none. */
export const textOf = ({ body }: Asked, name: string): string => (typeof body[name] === 'string' ? body[name] : '')

const bodyMaxBytes = 10_000

/** As small a server as will do: JSON and forms in, JSON and pages out, so that an example shows what it is about. */
export const serveJson = (routes: Routes): Server =>
  createServer((request, response) => {
    void respond(routes, request).then(({ status, body, headers }) => {
      const isPage = typeof body === 'string'
      const type = isPage ? 'text/html; charset=utf-8' : 'application/json'
      response.writeHead(status, { ...headers, 'content-type': type })
      response.end(isPage ? body : JSON.stringify(body))
    })
  })

async function respond(routes: Routes, request: IncomingMessage): Promise<Answer> {
  const { method = '', url = '/', headers } = request
  const path = url.split('?')[0] as string
  for (const [route, handle] of Object.entries(routes)) {
    const [wantedMethod, pattern = ''] = route.split(' ')
    const found = new RegExp(`^${pattern.replace(':id', '([\\w-]+)')}$`).exec(path)
    if (method !== wantedMethod || !found) continue
    try {
      const body = await readBody(request)
      const cookie = /(?:^|; )session=([^;]*)/.exec(headers.cookie ?? '')?.[1]
      return await handle({
        id: found[1] ?? '',
        body,
        token: headers.authorization?.replace(/^Bearer /, '') ?? cookie ?? '',
        isForm: isForm(request),
      })
    } catch (error) {
      // Centang's refusals are worded for developers; people are told what they can do.
      if (error instanceof Refused) return answer(error.status === 429 ? 429 : 422, { error: error.code })
      if (error instanceof SyntaxError) return answer(400, { error: 'not_json' })
      return answer(500, { error: 'internal' })
    }
  }
  return answer(404, { error: 'not_found' })
}

const isForm = (request: IncomingMessage): boolean =>
  request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > bodyMaxBytes) throw new SyntaxError('too large')
  }
  // A page without a script posts its form so.
  if (isForm(request)) return Object.fromEntries(new URLSearchParams(text))
  const read: unknown = text === '' ? {} : JSON.parse(text)
  return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {}
}
