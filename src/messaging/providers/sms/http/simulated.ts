import type { SimulatedSender, SimulatedWorld } from '#messaging/core/simulated.ts'
import type { SmsHttpConfig } from './config.ts'
import { wordAt } from './json-path.ts'

/** The gateway of the simulator, in the words that any gateway is described in. */
export function simulated({ facts, url }: SimulatedWorld): SimulatedSender[] {
  const token = wordAt(facts, 'sms.token')
  if (token === '') return []
  const configFor = (webhookUrl: string): SmsHttpConfig => ({
    url: `${url}/sms/send`,
    from: 'Centang',
    headers: { authorization: 'Bearer {{secret.api}}' },
    body: {
      to: '{{to}}',
      from: '{{from}}',
      text: '{{text}}',
      reference: '{{reference}}',
      callback_url: webhookUrl,
    },
    id_path: 'id',
    error_path: 'error.code',
    errors: {
      invalid_to: { reason: 'recipient_invalid' },
      unreachable: { reason: 'not_reachable_on_channel' },
      unauthorized: { reason: 'sender_misconfigured', alert: true },
    },
    receipts: {
      id_path: 'id',
      status_path: 'status',
      statuses: { sent: 'sent', delivered: 'delivered', failed: 'failed', expired: 'failed' },
      error_path: 'error_code',
      reference_path: 'reference',
      at_path: 'timestamp',
      signature: { header: 'x-signature', prefix: 'sha256=' },
    },
  })
  return [{ purpose: 'authentication', configFor, secrets: { api: token, webhook: token } }]
}
