import { createHmac } from 'node:crypto'
import { Type } from 'typebox'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { Finding } from '#messaging/core/finding.ts'
import type { Receipt } from '#messaging/core/news.ts'
import type { ChannelProvider } from '#messaging/core/provider.ts'
import type { Call } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { ContractCase } from './case.ts'

/** A vendor that nobody has, with every optional member: what the contract is tried on. */
export const madeUp: ChannelProvider = {
  id: 'sms-made-up',
  channel: 'sms',
  vendor: 'Made Up',
  hosts: ['api.made-up.example'],
  paths: /\/(?:send|me|webhook|templates)$/,
  configSchema: Type.Object({ api: Type.String(), sender_name: Type.String() }, { additionalProperties: false }),
  secretsSchema: Type.Object({ key: Type.String(), webhook: Type.String() }, { additionalProperties: false }),
  toRequest: ({ to, code, reference }, sender) => post(sender, 'send', { to, text: code, reference }),
  toResult(status, body) {
    const { id, error } = read(body)
    if (status < 400 && typeof id === 'string') return { outcome: 'accepted', providerMessageId: id }
    if (error !== 'no_such_number') return { outcome: 'unknown', detail: `HTTP ${status}` }
    const failure = { providerCode: error, detail: '', alert: false, fallback: true } as const
    return { outcome: 'refused', failure: { ...failure, reason: 'recipient_invalid' } }
  },
  readNews({ headers, body }, sender) {
    if (headers['x-made-up'] !== signatureOf(body, sender))
      throw new Refusal(platformRefusals.webhook_signature_invalid)
    const { id, at } = read(Buffer.from(body).toString())
    if (typeof id !== 'string' || typeof at !== 'number') return []
    const receipt: Receipt = { providerMessageId: id, status: 'delivered', at: new Date(at), raw: {} }
    return [{ kind: 'receipt', receipt }]
  },
  breaksRules: ({ config }) =>
    String(config['sender_name']).length > 11
      ? [{ path: 'config/sender_name', problem: 'is longer than 11 characters' }]
      : [],
  addressOf: ({ config }) => String(config['api']),
  webhookFields: ({ secrets }) => ({ shared_secret: secrets['webhook'] ?? '' }),
  subscribe: (sender, call, url) => insist(sender, call, 'webhook', { url }).then(() => undefined),
  templates: {
    create: async (sender, call) => [String((await insist(sender, call, 'templates'))['id'])],
    usedFor: () => undefined,
    list: async (sender, call) => {
      const { id } = await insist(sender, call, 'templates')
      return [{ name: String(id), language: 'en', category: 'codes', status: 'approved' }]
    },
  },
  byHand: () => [{ check: 'one message', what: 'Send one.' }],
  examine: async (sender, { call }) => {
    const { account } = read((await call(post(sender, 'me', {}))).body)
    const { rights } = Object(account) as { rights?: unknown }
    return [Array.isArray(rights) && rights.includes('send') ? isRight : isWrong]
  },
  simulated({ url, facts }) {
    const { key } = Object(facts['made_up']) as { key?: unknown }
    if (typeof key !== 'string') return []
    const config = { api: `${url}/made-up`, sender_name: 'Centang' }
    const setUp = async (sender: Sender, call: Call, webhookUrl: string) =>
      void (await insist(sender, call, 'webhook', { webhookUrl }))
    return [{ purpose: 'authentication', configFor: () => config, secrets: { key, webhook: key }, setUp }]
  },
}

const isRight: Finding = { check: 'key', state: 'ok', detail: 'may send' }
const isWrong: Finding = {
  check: 'key',
  state: 'problem',
  detail: 'may not send',
  mend: 'Ask Made Up for another key.',
}

const post = ({ config, secrets }: Sender, path: string, body: object) => ({
  method: 'POST' as const,
  url: `${String(config['api'])}/${path}`,
  headers: { authorization: `Bearer ${secrets['key']}` },
  body: JSON.stringify(body),
})

async function insist(sender: Sender, call: Call, path: string, body = {}): Promise<Record<string, unknown>> {
  const answer = await call(post(sender, path, body))
  const told = read(answer.body)
  if (answer.status !== 200 || typeof told['id'] !== 'string') throw new Error(`HTTP ${answer.status} without an id`)
  return told
}

function read(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>
  } catch {
    return {}
  }
}

const signatureOf = (body: string | Uint8Array, { secrets }: Sender): string =>
  createHmac('sha256', secrets['webhook'] ?? '')
    .update(body)
    .digest('hex')

const senderAt = (origin: string): Sender => ({
  id: '0190a000-0000-7000-8000-000000000009',
  businessId: '0190a000-0000-7000-8000-000000000001',
  live: false,
  channel: 'sms',
  provider: 'sms-made-up',
  purpose: 'authentication',
  config: { api: origin, sender_name: 'Centang' },
  secrets: { key: 'key of the made-up one', webhook: 'secret of the made-up one' },
})

export const madeUpCase: ContractCase = {
  senderAt,
  exchanges: [
    { name: 'taken', status: 200, body: '{"id":"m-1"}', means: { outcome: 'accepted', providerMessageId: 'm-1' } },
    { name: 'nobody', status: 400, body: '{"error":"no_such_number"}', means: { outcome: 'refused' } },
  ],
  callbacks: [{ name: 'delivered', body: '{"id":"m-1","at":1}', receipts: [{ providerMessageId: 'm-1' }] }],
  sign: (body, sender) => ({ headers: { 'x-made-up': signatureOf(body, sender) } }),
  broken: [
    {
      name: 'a long name',
      settings: { config: { api: 'http://127.0.0.1:1', sender_name: 'Somewhat too long' } },
      path: 'config/sender_name',
    },
  ],
  well: {
    sender: senderAt('https://api.made-up.example'),
    examination: {
      call: async () => ({ status: 200, body: '{"account":{"rights":["send"]}}' }),
      ask: async () => ({ status: 200, body: '' }),
      webhookUrl: 'https://verify.example.test/webhooks/snd_1',
      expiresInSeconds: 300,
      now: new Date('2026-11-24T10:00:00Z'),
    },
  },
  facts: { made_up: { key: 'key of the simulated one' } },
}
