import { createPublicKey, type JsonWebKey, randomUUID, verify } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { curl, keep, readPlace, serveByHand } from '../by-hand.ts'

/**
 * A transfer that its owner authorises on the phone. The code is bound to amount, currency and payee: the page that asks
 * for it shows them (a WhatsApp template can't), the result repeats them signed, and both have to be those of the transfer
 * as it stands when it is carried out. A transfer that is changed loses its code.
 */
export interface Bank {
  readonly centangUrl: string
  readonly apiKey: string
  /** Where this server is reached by the person's browser. */
  readonly ownUrl: () => string
  /** Carries a transfer out; called once for each. */
  readonly pay: (transfer: Transfer) => void
}

export interface Transfer extends Transaction {
  readonly id: string
  /** E.164, of the one who pays. */
  readonly owner: string
}

interface Transaction {
  /** Decimal. */
  readonly amount: string
  readonly currency: string
  readonly payee: string
}

interface Pending {
  readonly transfer: Transfer
  readonly verificationId: string
  /** By it a result is known to be for this transfer; of a real bank it lies in the session of the one who pays. */
  readonly nonce: string
}

interface Claims {
  readonly iss: string
  readonly sub: string
  readonly exp: number
  readonly status: string
  readonly verification_id: string
  readonly nonce: string
  readonly transaction?: Transaction
}

export function createBank({ centangUrl, apiKey, ownUrl, pay }: Bank): Server {
  const pending = new Map<string, Pending>()

  async function centang(path: string, body: object): Promise<Record<string, string>> {
    const answer = await fetch(`${centangUrl}/v1/verifications${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const facts = (await answer.json()) as Record<string, string>
    if (!answer.ok) throw new Error(`${facts['code']}: ${facts['remedy']}`)
    return facts
  }

  /** A new code for the transfer as it stands; the one before it, if there was one, is worth nothing from here on. */
  async function authorise(transfer: Transfer): Promise<{ id: string; confirm_url: string }> {
    const { id, owner, amount, currency, payee } = transfer
    const before = pending.get(id)
    pending.delete(id)
    if (before) await centang(`/${before.verificationId}/cancel`, {})
    const started = await centang('', {
      to: owner,
      purpose: `transfer-${id.slice(0, 8)}`,
      transaction: { id, amount, currency, payee },
    })
    const verificationId = started['id'] as string
    const nonce = randomUUID()
    const page = await centang(`/${verificationId}/hosted_page`, {
      return_url: `${ownUrl()}/transfers/${id}/confirmed`,
      nonce,
    })
    pending.set(id, { transfer, verificationId, nonce })
    return { id, confirm_url: page['url'] as string }
  }

  async function confirm(id: string, result: string): Promise<boolean> {
    const one = pending.get(id)
    const claims = await readResult(centangUrl, result)
    if (!one || !claims || !isAuthorised(one, claims)) return false
    // Whoever comes second with the same result finds nothing to pay.
    if (!pending.delete(id)) return false
    pay(one.transfer)
    return true
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://bank')
    const [, , id = '', step = ''] = url.pathname.split('/')
    if (request.method === 'GET' && step === 'confirmed') {
      const isPaid = await confirm(id, url.searchParams.get('centang_result') ?? '')
      return reply(response, isPaid ? 200 : 403, { paid: isPaid })
    }
    const body = (await readJson(request)) as unknown as Transfer
    if (request.method === 'POST' && id === '') {
      return reply(response, 201, await authorise({ ...fieldsOf(body), owner: body.owner, id: randomUUID() }))
    }
    const one = pending.get(id)
    if (request.method !== 'PATCH' || !one) return reply(response, 404, { problem: 'there is no such transfer' })
    return reply(response, 200, await authorise({ ...one.transfer, ...fieldsOf({ ...one.transfer, ...body }) }))
  }

  return createServer((request, response) => {
    answer(request, response).catch((error: unknown) => reply(response, 400, { problem: (error as Error).message }))
  })
}

/** The one rule: approved, for this verification, by this phone, and for exactly this. */
export const isAuthorised = ({ transfer, verificationId, nonce }: Pending, claims: Claims): boolean =>
  claims.status === 'approved' &&
  claims.verification_id === verificationId &&
  claims.nonce === nonce &&
  claims.sub === transfer.owner &&
  claims.transaction?.amount === transfer.amount &&
  claims.transaction.currency === transfer.currency &&
  claims.transaction.payee === transfer.payee

/** Undefined when Centang did not sign it, or its time is over. A server of many requests keeps the keys for a while. */
async function readResult(issuer: string, result: string): Promise<Claims | undefined> {
  const [head = '', body = '', signature = ''] = result.split('.')
  const parse = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
  try {
    const { alg, kid } = parse(head) as { alg: string; kid: string }
    const answer = await fetch(`${issuer}/.well-known/jwks.json`)
    const { keys } = (await answer.json()) as { keys: (JsonWebKey & { kid: string })[] }
    const key = keys.find((one) => one.kid === kid)
    if (alg !== 'EdDSA' || !key) return undefined
    const signed = Buffer.from(`${head}.${body}`)
    if (!verify(null, signed, createPublicKey({ key, format: 'jwk' }), Buffer.from(signature, 'base64url')))
      return undefined
    const claims = parse(body) as Claims
    return claims.iss === issuer && claims.exp * 1000 > Date.now() ? claims : undefined
  } catch {
    return undefined
  }
}

const fieldsOf = ({ amount, currency, payee }: Transaction): Transaction => ({ amount, currency, payee })

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

if (import.meta.main) {
  const place = await readPlace()
  let ownUrl = ''
  const server = createBank({
    centangUrl: place.url,
    apiKey: place.key,
    ownUrl: () => ownUrl,
    pay: ({ amount, currency, payee }) => console.log(`Paid: ${amount} ${currency} to ${payee}\n`),
  })
  serveByHand(server, 4004, (own) => {
    ownUrl = own
    const transfer = { owner: place.phone, amount: '120.00', currency: 'EUR', payee: 'Café Sol' }
    return [
      [
        `Begin a transfer, open the page that it prints, and type the code that is on the phone, ${place.url}/simulator/phone`,
        keep('PAGE', 'confirm_url', curl(`${own}/transfers`, transfer)),
      ],
    ]
  })
}
