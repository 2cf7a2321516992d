import { createHmac } from 'node:crypto'
import type { Sender } from '#messaging/core/sender.ts'
import { told } from '#messaging/providers/contract/told.ts'
import { provider } from './provider.ts'

export const chatSender: Sender = {
  id: '0190a000-0000-7000-8000-000000000003',
  businessId: '0190a000-0000-7000-8000-000000000001',
  live: false,
  channel: 'whatsapp',
  provider: 'whatsapp-cloud-api',
  purpose: 'service',
  config: { phone_number_id: '106540352242933', waba_id: '102290129340398', base_url: 'http://127.0.0.1:1' },
  ownNumber: '+15550783882',
  secrets: { access_token: 'EAAtoken-of-the-test', app_secret: 'app secret', verify_token: 'verify token' },
}

/** What a signed POST tells this sender. */
function heardOf(body: unknown, sender: Sender = chatSender) {
  const bytes = Buffer.from(JSON.stringify(body))
  const signature = createHmac('sha256', sender.secrets['app_secret'] ?? '')
    .update(bytes)
    .digest('hex')
  const headers = { 'x-hub-signature-256': `sha256=${signature}` }
  return told(provider.readNews({ method: 'POST', receivedAt: new Date(0), headers, query: {}, body: bytes }, sender))
}

/** One change of field `messages`, for the number of the sender unless it says otherwise. */
export const heardOfMessages = (value: object, sender: Sender = chatSender) =>
  heardOf(
    {
      object: 'whatsapp_business_account',
      entry: [
        {
          id: '102290129340398',
          changes: [
            {
              field: 'messages',
              value: {
                messaging_product: 'whatsapp',
                metadata: {
                  display_phone_number: '15550783882',
                  phone_number_id: sender.config['phone_number_id'],
                },
                ...value,
              },
            },
          ],
        },
      ],
    },
    sender,
  )

/** Of account, number or templates. */
export const heardOfField = (field: string, value: object, sender: Sender = chatSender) =>
  heardOf(
    { object: 'whatsapp_business_account', entry: [{ id: '1', time: 1_795_300_000, changes: [{ field, value }] }] },
    sender,
  )
