import type { ProviderRequest, Sender } from '#core/messaging/channel.ts'
import { configOf, graphRoot, languagesDefault, secretsOf, templateName } from './cloud-api-config.ts'

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
      error?: { message?: string; code?: unknown; error_data?: { details?: string } }
    }
    const detail = [error?.message, error?.error_data?.details].filter(Boolean).join(' ')
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
 * Creates the authentication template in every language of the sender, or updates it. It warns, tells when the code
 * ends, and is not delivered after that: a stale code must not arrive once the workflow has gone on.
 */
export async function createTemplate(sender: Sender, call: GraphCall, expiresInSeconds: number): Promise<string[]> {
  const { template_name: name, template_minutes: minutes } = configOf(sender)
  const wanted = minutes?.map((one) => ({ name: templateName(name, one), seconds: one * 60 })) ?? [
    { name, seconds: expiresInSeconds },
  ]
  const told: string[] = []
  for (const one of wanted) told.push(...(await upsert(sender, call, one.name, one.seconds)))
  return told
}

async function upsert(sender: Sender, call: GraphCall, name: string, expiresInSeconds: number): Promise<string[]> {
  const { waba_id: waba, template_languages: languages = languagesDefault } = configOf(sender)
  const answer = await call(
    graphRequest(sender, 'POST', `${waba}/upsert_message_templates`, {
      name,
      languages,
      category: 'AUTHENTICATION',
      message_send_ttl_seconds: Math.min(900, Math.max(30, expiresInSeconds)),
      components: [
        { type: 'BODY', add_security_recommendation: true },
        { type: 'FOOTER', code_expiration_minutes: Math.max(1, Math.floor(expiresInSeconds / 60)) },
        { type: 'BUTTONS', buttons: [{ type: 'OTP', otp_type: 'COPY_CODE' }] },
      ],
    }),
  )
  if (answer.status !== 200) throw new GraphRefused('The template could not be created', answer)
  const { data = [] } = readJson(answer.body) as { data?: readonly { language: string; status: string }[] }
  return data.map(({ language, status }) => `${name} ${language}: ${status}`)
}

/** Points the webhooks of the account at our URL; Meta asks it back at once. */
export async function subscribeWebhook(sender: Sender, call: GraphCall, webhookUrl: string): Promise<void> {
  const { waba_id: waba } = configOf(sender)
  const { verify_token } = secretsOf(sender)
  const body = { override_callback_uri: webhookUrl, verify_token }
  const answer = await call(graphRequest(sender, 'POST', `${waba}/subscribed_apps`, body))
  if (answer.status !== 200) throw new GraphRefused('The webhook could not be set', answer)
}
