import type { SimulatedSender, SimulatedWorld } from '#messaging/core/simulated.ts'
import type { CloudApiConfig, CloudApiSecrets } from './config.ts'
import { subscribeNumber, subscribeWebhook } from './subscription.ts'
import { createTextTemplate, templates, type TextTemplate } from './templates.ts'

/** The simulated WhatsApp account as it tells about itself, at the root of the facts. */
interface AccountFacts extends CloudApiSecrets {
  readonly waba_id: string
  readonly version: string
  readonly phone_number_id: string
  /** The number for chats; the other one is for codes only. */
  readonly service_phone_number_id: string
}

const members = [
  'access_token',
  'app_secret',
  'verify_token',
  'waba_id',
  'version',
  'phone_number_id',
  'service_phone_number_id',
] as const satisfies (keyof AccountFacts)[]

const isAccount = (facts: object): facts is AccountFacts =>
  members.every((name) => typeof (facts as Partial<AccountFacts>)[name] === 'string')

/** A number for codes and one for chats, set up the way real ones are: templates and webhooks through the Graph API. */
export function simulated({ facts, url }: SimulatedWorld): SimulatedSender[] {
  if (!isAccount(facts)) return []
  const { access_token, app_secret, verify_token, waba_id, version } = facts
  const secrets = { access_token, app_secret, verify_token }
  const account = { waba_id, version, base_url: `${url}/meta` }
  const codes: CloudApiConfig = {
    ...account,
    phone_number_id: facts.phone_number_id,
    template_name: 'login_code',
    template_apps: [{ package_name: 'id.demobank.app', signature_hash: 'K8a/AINcGX7' }],
  }
  const chats: CloudApiConfig = { ...account, phone_number_id: facts.service_phone_number_id }
  return [
    {
      purpose: 'authentication',
      configFor: () => codes,
      secrets,
      async setUp(sender, call, webhookUrl) {
        await templates.create(sender, call)
        await subscribeWebhook(sender, call, webhookUrl)
      },
    },
    {
      purpose: 'service',
      configFor: () => chats,
      secrets,
      async setUp(sender, call, webhookUrl) {
        await createTextTemplate(sender, call, appointment)
        await subscribeNumber(sender, call, webhookUrl)
      },
    },
  ]
}

/** What the simulated business has had approved besides its codes; `examples/appointment` sends it. */
const appointment: TextTemplate = {
  name: 'appointment',
  category: 'UTILITY',
  texts: {
    en_US: {
      body: 'Hello {{1}}, your appointment is on {{2}}. Can you come?',
      quickReplies: ['Confirm', 'Another time'],
    },
    id: {
      body: 'Halo {{1}}, janji temu Anda {{2}}. Apakah Anda bisa datang?',
      quickReplies: ['Konfirmasi', 'Waktu lain'],
    },
    es: {
      body: 'Hola, {{1}}: tu cita es el {{2}}. ¿Puedes venir?',
      quickReplies: ['Confirmar', 'Otra hora'],
    },
    pt_BR: {
      body: 'Olá, {{1}}! Seu horário é {{2}}. Você pode vir?',
      quickReplies: ['Confirmar', 'Outro horário'],
    },
  },
}
