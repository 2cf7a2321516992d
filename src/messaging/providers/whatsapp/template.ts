import type { ProviderRequest, Sender } from '#messaging/core/channel.ts'
import {
  configOf,
  graphRoot,
  languagesDefault,
  type LifetimeTemplate,
  secretsOf,
  templatesOf,
} from './cloud-api-config.ts'

export interface Exchanged {
  readonly status: number
  readonly body: string
}

/** One call to the Graph API on behalf of a sender. */
export type GraphCall = (wanted: ProviderRequest) => Promise<Exchanged>

class GraphRefused extends Error {
  readonly code: unknown

  constructor(what: string, { status, body }: Exchanged) {
    const { error } = readJson(body) as {
      error?: { message?: string; code?: unknown; error_user_msg?: string; error_data?: { details?: string } }
    }
    // Of a template Meta says only "Invalid parameter" here, and what is wrong to the user.
    const detail = [error?.message, error?.error_user_msg, error?.error_data?.details].filter(Boolean).join(' ')
    super(`${what}: ${detail === '' ? `HTTP ${status}` : detail}`)
    this.name = 'GraphRefused'
    this.code = error?.code
  }
}

export const readJson = (body: string): unknown => {
  try {
    return JSON.parse(body) ?? {}
  } catch {
    return {}
  }
}

export function graphRequest(sender: Sender, method: 'GET' | 'POST', path: string, body?: object): ProviderRequest {
  return {
    method,
    url: `${graphRoot(configOf(sender))}/${path}`,
    headers: {
      authorization: `Bearer ${secretsOf(sender).access_token}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }
}

/**
 * Creates the authentication templates in every language of the sender, or updates them. Each warns, tells when the
 * code ends, and is not delivered after that: a stale code must not arrive once the workflow has gone on.
 */
export async function createTemplates(sender: Sender, call: GraphCall): Promise<string[]> {
  const told: string[] = []
  for (const one of templatesOf(configOf(sender))) told.push(...(await upsert(sender, call, one)))
  return told
}

async function upsert(sender: Sender, call: GraphCall, template: LifetimeTemplate): Promise<string[]> {
  const { waba_id: waba, template_languages: languages = languagesDefault, template_apps: apps } = configOf(sender)
  const { name, minutes, ttlSeconds } = template
  // The labels are Meta's own: an upsert takes no others, for it makes every language at once.
  const button = apps ? { otp_type: 'ONE_TAP', supported_apps: apps } : { otp_type: 'COPY_CODE' }
  const answer = await call(
    graphRequest(sender, 'POST', `${waba}/upsert_message_templates`, {
      name,
      languages,
      category: 'AUTHENTICATION',
      message_send_ttl_seconds: ttlSeconds,
      components: [
        { type: 'BODY', add_security_recommendation: true },
        { type: 'FOOTER', code_expiration_minutes: minutes },
        { type: 'BUTTONS', buttons: [{ type: 'OTP', ...button }] },
      ],
    }),
  )
  if (answer.status !== 200) throw new GraphRefused('The template could not be created', answer)
  const { data = [] } = readJson(answer.body) as { data?: readonly { language: string; status: string }[] }
  return data.map(({ language, status }) => `${name} ${language}: ${status}`)
}

export interface ListedTemplate {
  readonly name: string
  readonly language: string
  readonly category: string
  readonly status: string
}

/** The templates of the sender's account, all of them: an account has few, and Meta gives 250 of them at once. */
export async function listTemplates(sender: Sender, call: GraphCall): Promise<readonly ListedTemplate[]> {
  const { waba_id: waba } = configOf(sender)
  const path = `${waba}/message_templates?fields=name,language,category,status&limit=250`
  const answer = await call(graphRequest(sender, 'GET', path))
  if (answer.status !== 200) throw new GraphRefused('The templates could not be read', answer)
  const { data = [] } = readJson(answer.body) as { data?: readonly ListedTemplate[] }
  return data.map(({ name, language, category, status }) => ({ name, language, category, status }))
}

/** Points the webhooks of the account at our URL; Meta asks it back at once. */
export async function subscribeWebhook(sender: Sender, call: GraphCall, webhookUrl: string): Promise<void> {
  const { waba_id: waba } = configOf(sender)
  const { verify_token } = secretsOf(sender)
  const body = { override_callback_uri: webhookUrl, verify_token }
  const answer = await call(graphRequest(sender, 'POST', `${waba}/subscribed_apps`, body))
  if (answer.status !== 200) throw new GraphRefused('The webhook could not be set', answer)
}

/** Points the webhooks of one number at our URL, whatever the account's others do. */
export async function subscribeNumber(sender: Sender, call: GraphCall, webhookUrl: string): Promise<void> {
  const { phone_number_id: number } = configOf(sender)
  const { verify_token } = secretsOf(sender)
  const body = { webhook_configuration: { override_callback_uri: webhookUrl, verify_token } }
  const answer = await call(graphRequest(sender, 'POST', number, body))
  if (answer.status !== 200) throw new GraphRefused('The webhook could not be set', answer)
}

export interface TextTemplate {
  readonly name: string
  readonly category: 'UTILITY' | 'MARKETING'
  /** By Meta's spelling of the language. */
  readonly texts: Readonly<Record<string, { readonly body: string; readonly quickReplies: readonly string[] }>>
}

/** Creates a template in the languages in which it is not there yet. */
export async function createTextTemplate(sender: Sender, call: GraphCall, template: TextTemplate): Promise<void> {
  const { name, category, texts } = template
  const there = new Set(
    (await listTemplates(sender, call)).filter((one) => one.name === name).map((one) => one.language),
  )
  for (const [language, { body, quickReplies }] of Object.entries(texts)) {
    if (there.has(language)) continue
    const answer = await call(
      graphRequest(sender, 'POST', `${configOf(sender).waba_id}/message_templates`, {
        name,
        language,
        category,
        components: [
          { type: 'BODY', text: body },
          { type: 'BUTTONS', buttons: quickReplies.map((text) => ({ type: 'QUICK_REPLY', text })) },
        ],
      }),
    )
    if (answer.status !== 200) throw new GraphRefused('The template could not be created', answer)
  }
}
