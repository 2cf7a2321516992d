import { createHmac } from 'node:crypto'
import assert from 'node:assert/strict'
import type { Server } from '../kit/api.ts'

export const phoneNumberId = '106540352242933'

/** A WhatsApp number for chats of the file's own business, whose news the test tells as Meta does. */
export interface ToldSender {
  readonly id: string
  readonly webhookUrl: string
  /** Posts changes as they stand; a text is sent byte by byte. */
  post(changes: readonly object[] | string): Promise<{ status: number; body: any }>
}

export async function toldSender(
  server: Server,
  {
    purpose = 'service',
    config = {},
    headers = {},
  }: { purpose?: string; config?: object; headers?: Record<string, string> } = {},
): Promise<ToldSender> {
  const facts = (await server.simulate('GET', '/meta')).body
  const { access_token, app_secret, verify_token, waba_id } = facts
  const made = await server.call(
    'POST',
    '/v1/senders',
    {
      channel: 'whatsapp',
      provider: 'whatsapp-cloud-api',
      purpose,
      config: { phone_number_id: phoneNumberId, waba_id, base_url: `${server.url}/simulator/meta`, ...config },
      secrets: { access_token, app_secret, verify_token },
    },
    headers,
  )
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const { id, webhook_url: webhookUrl } = made.body
  return {
    id,
    webhookUrl,
    async post(changes) {
      const body = Buffer.from(typeof changes === 'string' ? changes : bodyOf(changes))
      const signature = createHmac('sha256', app_secret).update(body).digest('hex')
      const answer = await fetch(webhookUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
        body,
      })
      const text = await answer.text()
      return { status: answer.status, body: answer.status === 200 ? text : JSON.parse(text) }
    },
  }
}

export const bodyOf = (changes: readonly object[]): string =>
  JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '102290129340398', time: 1_795_300_000, changes }],
  })

export const ofMessages = (value: object): object => ({
  field: 'messages',
  value: {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '15550783882', phone_number_id: phoneNumberId },
    ...value,
  },
})

export const textFrom = (from: string, id: string, body: unknown, more: object = {}) => ({
  from: from.replace('+', ''),
  id,
  timestamp: String(Math.floor(Date.now() / 1000)),
  type: 'text',
  text: { body },
  ...more,
})
