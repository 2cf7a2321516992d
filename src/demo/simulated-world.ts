import { spellId } from '#platform/core/id.ts'
import type { Sender } from '#messaging/core/channel.ts'
import type { SmsHttpConfig } from '#messaging/providers/sms/http-config.ts'
import type { CloudApiConfig } from '#messaging/providers/whatsapp/cloud-api-config.ts'
import {
  createTemplates,
  type GraphCall,
  subscribeNumber,
  subscribeWebhook,
} from '#messaging/providers/whatsapp/template.ts'
import type { SenderStore } from '#messaging/store/senders.ts'
import { demo } from './demo.ts'
import { createDemoTemplates } from './demo-templates.ts'
import { messagingIds } from '#messaging/core/ids.ts'

/** What a simulator tells about itself: `GET …/meta`. */
export interface SimulatorFacts {
  readonly access_token: string
  readonly waba_id: string
  readonly phone_number_id: string
  /** The number for chats; the other one is for codes only. */
  readonly service_phone_number_id: string
  readonly app_secret: string
  readonly verify_token: string
  readonly version: string
  readonly sms: { readonly token: string }
}

export interface SimulatedWorld {
  readonly facts: SimulatorFacts
  /** `http://127.0.0.1:3000/simulator` */
  readonly url: string
  /** How the simulator reaches us. */
  readonly ownUrl: string
  readonly callOf: (sender: Sender) => GraphCall
}

/**
 * Makes or mends the test senders that every business of this server shares, and sets the simulated WhatsApp account up
 * the way a real one is: templates and webhooks through the Graph API. Its memory is short, so this happens at every
 * start.
 */
export async function connectSimulator(senders: SenderStore, world: SimulatedWorld, now: Date): Promise<void> {
  const { facts, url } = world
  const account = { waba_id: facts.waba_id, version: facts.version, base_url: `${url}/meta` }
  const codes: CloudApiConfig = {
    ...account,
    phone_number_id: facts.phone_number_id,
    template_name: 'login_code',
    template_apps: [{ package_name: 'id.demobank.app', signature_hash: 'K8a/AINcGX7' }],
  }
  const chats: CloudApiConfig = { ...account, phone_number_id: facts.service_phone_number_id }
  const { access_token, app_secret, verify_token } = facts
  const secrets = { access_token, app_secret, verify_token }
  const whatsapp = { channel: 'whatsapp', provider: 'whatsapp-cloud-api' } as const
  const ofCodes = await ensure(senders, { ...whatsapp, purpose: 'authentication' }, () => codes, secrets, now)
  const ofChats = await ensure(senders, { ...whatsapp, purpose: 'service' }, () => chats, secrets, now)
  const token = facts.sms.token
  await ensure(
    senders,
    { channel: 'sms', provider: 'sms-http', purpose: 'authentication' },
    (id) => smsConfig(world, id),
    { api: token, webhook: token },
    now,
  )
  await createTemplates(ofCodes, world.callOf(ofCodes))
  await createDemoTemplates(ofChats, world.callOf(ofChats))
  await subscribeWebhook(ofCodes, world.callOf(ofCodes), webhookUrlOf(world, ofCodes.id))
  await subscribeNumber(ofChats, world.callOf(ofChats), webhookUrlOf(world, ofChats.id))
}

const webhookUrlOf = ({ ownUrl }: SimulatedWorld, id: string): string =>
  `${ownUrl}/webhooks/${spellId(messagingIds.sender, id)}`

/** The gateway of the simulator in the words that any gateway is described in. */
const smsConfig = (world: SimulatedWorld, id: string): SmsHttpConfig => ({
  url: `${world.url}/sms/send`,
  from: 'Centang',
  headers: { authorization: 'Bearer {{secret.api}}' },
  body: {
    to: '{{to}}',
    from: '{{from}}',
    text: '{{text}}',
    reference: '{{reference}}',
    callback_url: webhookUrlOf(world, id),
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

async function ensure(
  senders: SenderStore,
  kind: Pick<Sender, 'channel' | 'provider' | 'purpose'>,
  configOf: (id: string) => object,
  secrets: Readonly<Record<string, string>>,
  now: Date,
): Promise<Sender> {
  const { businessId } = demo
  const found = (await senders.list(businessId)).find(
    (one) => one.shared && !one.live && one.provider === kind.provider && one.purpose === kind.purpose,
  )
  const sender =
    found ?? (await senders.create({ ...kind, businessId, live: false, shared: true, config: {}, secrets }, now))
  const config = configOf(sender.id) as Record<string, unknown>
  return (await senders.change(businessId, sender.id, { config, secrets })) ?? sender
}
