import { createHmac, createSecretKey } from 'node:crypto'
import { readId } from '#platform/core/id.ts'
import { deriveCode } from '#verification/core/code.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import type { Answer, Connection } from './connection.ts'
import { verificationIds } from '#verification/core/ids.ts'

/** What is loaded, in a form that can be handed to the load generator's process. */
export type Target = CentangTarget | BetterAuthTarget | ReceiptsTarget

export interface CentangTarget {
  readonly kind: 'centang'
  readonly port: number
  readonly apiKey: string
  /** Base64, version 1. Codes are derived and not kept, so whoever has the key knows the code. */
  readonly masterKey: string
  /** Sends a code of the caller's own instead, when it should be measured. */
  readonly ownCode?: string
  /** Sends an Idempotency-Key with every request. */
  readonly idempotent?: boolean
  /** Names the steps instead of leaving them to the application. */
  readonly workflow?: readonly { readonly channel: string; readonly wait_seconds: number }[]
}

export interface BetterAuthTarget {
  readonly kind: 'better-auth'
  readonly port: number
}

export interface ReceiptsTarget {
  readonly kind: 'receipts'
  readonly port: number
  readonly path: string
  readonly appSecret: string
  /** `spellReference` and message id of the delivery with this number. */
  readonly referencePrefix: string
  readonly deliveryCount: number
}

/** What the second request needs of the first. */
export interface Pending {
  readonly id: string
  readonly code: string
}

/** Two requests to one server. Both throw on any answer but the one that was asked for: an error is not a flow. */
export interface Flow {
  start(connection: Connection, n: number): Promise<Pending>
  check(connection: Connection, pending: Pending): Promise<void>
}

/** A mobile number of Indonesia; one to one for n below 10⁸, and neighbours are far apart as real ones are. */
export const phoneOf = (n: number): string => `+62812${String((n * 48_271) % 1e8).padStart(8, '0')}`

export function flowOf(target: Target): Flow {
  switch (target.kind) {
    case 'centang':
      return centang(target)
    case 'better-auth':
      return betterAuth(target)
    case 'receipts':
      return receipts(target)
  }
}

const headOf = (port: number, path: string, headers: string = ''): string =>
  `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n${headers}`

function centang({ port, apiKey, masterKey, ownCode, idempotent = false, workflow }: CentangTarget): Flow {
  const keys = new Keyring(new Map([[1, Buffer.from(masterKey, 'base64')]]))
  const mac = keys.codeMac(1)
  const authorization = `authorization: Bearer ${apiKey}\r\n`
  const startHead = headOf(port, '/v1/verifications', authorization)
  const keyLine = (name: string): string => (idempotent ? `idempotency-key: ${name}\r\n` : '')
  return {
    async start(connection, n) {
      const body = { to: phoneOf(n), ...(ownCode !== undefined && { code: ownCode }), ...(workflow && { workflow }) }
      const answer = await connection.request(startHead + keyLine(`start ${process.pid} ${n}`), JSON.stringify(body))
      expect(answer, 201)
      const { id } = JSON.parse(answer.body) as { id: string }
      const uuid = readId(verificationIds.verification, id)
      if (uuid === undefined) throw new Error(`Not the id of a verification: ${id}`)
      return { id, code: ownCode ?? deriveCode(mac, uuid, 6) }
    },
    async check(connection, { id, code }) {
      const head = headOf(port, `/v1/verifications/${id}/check`, authorization + keyLine(`check ${id}`))
      const answer = await connection.request(head, JSON.stringify({ code }))
      expect(answer, 200)
      if (!answer.body.includes('"valid":true')) throw new Error(`The right code was refused: ${answer.body}`)
    },
  }
}

function betterAuth({ port }: BetterAuthTarget): Flow {
  const startHead = headOf(port, '/send-otp')
  const checkHead = headOf(port, '/verify')
  return {
    async start(connection, n) {
      const phoneNumber = phoneOf(n)
      const answer = await connection.request(startHead, JSON.stringify({ phoneNumber }))
      expect(answer, 200)
      const code = /\r\nx-code: *(\d+)/i.exec(answer.head)?.[1]
      if (code === undefined) throw new Error('The peer did not tell the code.')
      return { id: phoneNumber, code }
    },
    async check(connection, { id, code }) {
      const answer = await connection.request(checkHead, JSON.stringify({ phoneNumber: id, code }))
      expect(answer, 200)
      if (!answer.body.includes('"status":true')) throw new Error(`The right code was refused: ${answer.body}`)
    },
  }
}

/** Two receipts of one delivery: `delivered`, then `read`; both raise it, so both write. */
function receipts({ port, path, appSecret, referencePrefix, deliveryCount }: ReceiptsTarget): Flow {
  const key = createSecretKey(Buffer.from(appSecret))
  const report = async (connection: Connection, id: string, status: string): Promise<void> => {
    const body = statusNews(referencePrefix + id, id, status)
    const signature = createHmac('sha256', key).update(body).digest('hex')
    expect(await connection.request(headOf(port, path, `x-hub-signature-256: sha256=${signature}\r\n`), body), 200)
  }
  return {
    async start(connection, n) {
      if (n >= deliveryCount) throw new Error(`All ${deliveryCount} deliveries are told of; ask for more with --rows.`)
      const id = n.toString(16).padStart(16, '0')
      await report(connection, id, 'delivered')
      return { id, code: '' }
    },
    check: (connection, { id }) => report(connection, id, 'read'),
  }
}

/** One status as Meta sends it (Cloud API, v24.0). */
const statusNews = (reference: string, id: string, status: string): string =>
  JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '102290129340398',
        changes: [
          {
            value: {
              messaging_product: 'whatsapp',
              metadata: { display_phone_number: '15550783881', phone_number_id: '106540352242922' },
              statuses: [
                {
                  id: `wamid.bench.${id}`,
                  status,
                  timestamp: String(Math.floor(Date.now() / 1000)),
                  recipient_id: '6281234567890',
                  biz_opaque_callback_data: reference,
                  pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'authentication' },
                },
              ],
            },
            field: 'messages',
          },
        ],
      },
    ],
  })

function expect({ status, body }: Answer, wanted: number): void {
  if (status !== wanted) throw new Error(`Answered ${status} instead of ${wanted}: ${body.slice(0, 300)}`)
}
