import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/**
 * A file that only named people may read, each after a code on their own phone. A code is for one file (`purpose`), so
 * it opens no other; the link it earns lasts a minute and works once.
 */
export interface Shelf {
  /** What lies there, by name, with the phones (E.164) that may read it. */
  readonly files: ReadonlyMap<string, { readonly content: Uint8Array; readonly readers: ReadonlySet<string> }>
  readonly centangUrl: string
  readonly apiKey: string
  /** Whoever was let in, and when: what is confidential is also accounted for. */
  readonly onRead?: (entry: { readonly file: string; readonly reader: string; readonly at: Date }) => void
}

interface Facts {
  readonly id?: string
  readonly valid?: boolean
}

interface Asked {
  readonly file: string
  readonly phone: string
  /** Undefined: nobody who may read it, or no code could be sent. */
  readonly verificationId: Promise<string | undefined>
}

interface Opened {
  readonly file: string
  readonly phone: string
  readonly until: number
}

const linkLastsMs = 60_000
const askedMax = 10_000

export function createShelf({ files, centangUrl, apiKey, onRead }: Shelf): Server {
  const asked = new Map<string, Asked>()
  const opened = new Map<string, Opened>()

  async function centang(path: string, body: object): Promise<{ status: number; body: Facts }> {
    const answer = await fetch(`${centangUrl}/v1/verifications${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: answer.status, body: (await answer.json()) as Facts }
  }

  async function send(file: string, phone: string): Promise<string | undefined> {
    if (!files.get(file)?.readers.has(phone)) return undefined
    const { status, body } = await centang('', { to: phone, purpose: purposeOf(file) })
    return status === 200 || status === 201 ? body.id : undefined
  }

  /** The same answer, as quickly, to a stranger as to a reader: who may read is confidential too. */
  function ask(file: string, phone: string): object {
    const [oldest] = asked.keys()
    if (asked.size >= askedMax && oldest !== undefined) asked.delete(oldest)
    const ticket = randomBytes(24).toString('base64url')
    asked.set(ticket, { file, phone, verificationId: send(file, phone).catch(() => undefined) })
    return { ticket }
  }

  async function open(file: string, ticket: string, code: string): Promise<object | undefined> {
    const one = asked.get(ticket)
    const id = one?.file === file ? await one.verificationId : undefined
    if (!one || id === undefined) return undefined
    const { status, body } = await centang(`/${id}/check`, { code })
    if (status !== 200 || body.valid !== true) return undefined
    asked.delete(ticket)
    const link = randomBytes(24).toString('base64url')
    opened.set(link, { file, phone: one.phone, until: Date.now() + linkLastsMs })
    return { link: `/files/${encodeURIComponent(file)}/${link}` }
  }

  /** Who the link was made for; undefined when it opens nothing, or nothing any more. */
  function redeem(file: string, link: string): string | undefined {
    const one = opened.get(link)
    opened.delete(link)
    return one && one.file === file && one.until > Date.now() ? one.phone : undefined
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, , name = '', step = ''] = (request.url ?? '').split('/')
    const file = decodeURIComponent(name)
    if (request.method === 'GET') {
      const reader = redeem(file, step)
      const content = files.get(file)?.content
      if (reader === undefined || !content) return reply(response, 404, { problem: 'this link opens nothing' })
      onRead?.({ file, reader, at: new Date() })
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' })
      response.end(content)
      return undefined
    }
    const { phone = '', ticket = '', code = '' } = await readJson(request)
    if (step === 'ask') return reply(response, 202, ask(file, phone))
    const link = step === 'open' ? await open(file, ticket, code) : undefined
    return link ? reply(response, 200, link) : reply(response, 403, { problem: 'that code opens nothing here' })
  }

  return createServer((request, response) => {
    answer(request, response).catch(() => reply(response, 400, { problem: 'this was not understood' }))
  })
}

/** Two files never share a pending verification; the name itself may be confidential, so it stays here. */
const purposeOf = (file: string): string => `file-${createHash('sha256').update(file).digest('hex').slice(0, 24)}`

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

async function readJson(request: IncomingMessage): Promise<Record<string, string>> {
  let text = ''
  for await (const part of request) {
    text += String(part)
    if (text.length > 10_000) throw new Error('too long')
  }
  return JSON.parse(text) as Record<string, string>
}
