import { randomBytes, randomUUID, scryptSync } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/**
 * A customer asks an agent for a new password. The agent proves who it is without ever hearing a code: a link goes into
 * the chat, the customer types the code on that page, and only then does the agent's button work, once. The phone is
 * the one on file, never one that is told in the chat; the new password is chosen by the customer, not by the agent.
 */
export interface Desk {
  readonly centangUrl: string
  readonly apiKey: string
  readonly agentToken: string
  /** Phones (E.164) on file, by customer number. */
  readonly phones: ReadonlyMap<string, string>
  readonly onReset: (customer: string, password: { readonly salt: Buffer; readonly hash: Buffer }) => void
}

interface ServiceRequest {
  readonly customer: string
  readonly verificationId: string
}

interface Reset {
  readonly customer: string
  readonly until: number
}

const resetLastsMs = 10 * 60_000

export function createDesk({ centangUrl, apiKey, agentToken, phones, onReset }: Desk): Server {
  const requests = new Map<string, ServiceRequest>()
  const resets = new Map<string, Reset>()

  async function centang(method: string, path: string, body?: object): Promise<Record<string, string>> {
    const answer = await fetch(`${centangUrl}/v1/verifications${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const facts = (await answer.json()) as Record<string, string>
    if (!answer.ok) throw new Error(facts['remedy'])
    return facts
  }

  /** For the agent: a link to paste into the chat. */
  async function ask(customer: string): Promise<object | undefined> {
    const phone = phones.get(customer)
    if (phone === undefined) return undefined
    const { id: verificationId = '' } = await centang('POST', '', { to: phone, purpose: 'service-request' })
    const { url } = await centang('POST', `/${verificationId}/hosted_page`, {})
    const id = randomUUID()
    requests.set(id, { customer, verificationId })
    return { id, link: url, sent_to: `… ${phone.slice(-3)}` }
  }

  /** For the agent: how it stands. Once it is approved, the answer has the customer's link for a new password. */
  async function look(id: string): Promise<object | undefined> {
    const one = requests.get(id)
    if (!one) return undefined
    const { status = '' } = await centang('GET', `/${one.verificationId}`)
    if (status !== 'approved') return { status }
    // One proof, one reset: whoever looks a second time finds the request closed.
    if (!requests.delete(id)) return undefined
    const link = randomBytes(24).toString('base64url')
    resets.set(link, { customer: one.customer, until: Date.now() + resetLastsMs })
    return { status, reset_link: `/reset/${link}` }
  }

  /** For the customer. */
  function reset(link: string, password: string): object | undefined {
    const one = resets.get(link)
    if (!one || one.until < Date.now() || password.length < 12) return undefined
    resets.delete(link)
    const salt = randomBytes(16)
    onReset(one.customer, { salt, hash: scryptSync(password, salt, 32) })
    return { changed: true }
  }

  async function answer(request: IncomingMessage): Promise<object | undefined> {
    const [, what = '', id = ''] = (request.url ?? '').split('/')
    if (what === 'reset' && request.method === 'POST') return reset(id, (await readJson(request))['password'] ?? '')
    if (request.headers.authorization !== `Bearer ${agentToken}` || what !== 'requests') return undefined
    if (request.method === 'POST') return ask((await readJson(request))['customer'] ?? '')
    return look(id)
  }

  return createServer((request, response) => {
    answer(request).then(
      (done) => reply(response, done ? 200 : 404, done ?? { problem: 'there is nothing here for you' }),
      (error: unknown) => reply(response, 400, { problem: (error as Error).message }),
    )
  })
}

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
