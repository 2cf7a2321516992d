import { spellId } from '#core/access/id.ts'
import type { Channel, Sender } from '#core/messaging/channel.ts'
import type { SmsHttpConfig } from '#channels/sms/http-config.ts'
import type { CloudApiConfig } from '#channels/whatsapp/cloud-api-config.ts'
import { createTemplates, type GraphCall, subscribeWebhook } from '#channels/whatsapp/template.ts'
import type { SenderStore } from '#store/senders.ts'
import { demo } from './demo.ts'

/** What a simulator tells about itself: `GET …/meta`. */
export interface SimulatorFacts {
  readonly access_token: string
  readonly waba_id: string
  readonly phone_number_id: string
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
 * Makes or mends the two test senders that every business of this server shares, and sets the simulated WhatsApp
 * account up the way a real one is: templates and webhook through the Graph API. Its memory is short, so this happens
 * at every start.
 */
export async function connectSimulator(senders: SenderStore, world: SimulatedWorld, now: Date): Promise<void> {
  const { facts, url } = world
  const config: CloudApiConfig = {
    phone_number_id: facts.phone_number_id,
    waba_id: facts.waba_id,
    template_name: 'login_code',
    template_apps: [{ package_name: 'id.demobank.app', signature_hash: 'K8a/AINcGX7' }],
    version: facts.version,
    base_url: `${url}/meta`,
  }
  const { access_token, app_secret, verify_token } = facts
  const whatsapp = await ensure(
    senders,
    'whatsapp',
    'whatsapp-cloud-api',
    () => config,
    { access_token, app_secret, verify_token },
    now,
  )
  await ensure(
    senders,
    'sms',
    'sms-http',
    (id) => smsConfig(world, id),
    { api: facts.sms.token, webhook: facts.sms.token },
    now,
  )
  const call = world.callOf(whatsapp)
  await createTemplates(whatsapp, call)
  await subscribeWebhook(whatsapp, call, webhookUrlOf(world, whatsapp.id))
}

const webhookUrlOf = ({ ownUrl }: SimulatedWorld, id: string): string => `${ownUrl}/webhooks/${spellId('sender', id)}`

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
  channel: Channel,
  provider: string,
  configOf: (id: string) => object,
  secrets: Readonly<Record<string, string>>,
  now: Date,
): Promise<Sender> {
  const { businessId } = demo
  const found = (await senders.list(businessId)).find((one) => one.shared && !one.live && one.provider === provider)
  const sender =
    found ??
    (await senders.create(
      { businessId, live: false, channel, provider, purpose: 'authentication', shared: true, config: {}, secrets },
      now,
    ))
  const config = configOf(sender.id) as Record<string, unknown>
  return (await senders.change(businessId, sender.id, { config, secrets })) ?? sender
}
