import type { ListedTemplate, ProviderTemplates } from '#messaging/core/provider-account.ts'
import type { Call, ProviderAnswer } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { configOf, languagesDefault, type LifetimeTemplate, templateFor, templatesOf } from './config.ts'
import { type Fields, listOf, wordOf } from './fields.ts'
import { graphRequest, GraphRefused, readJson } from './graph.ts'

export const templates: ProviderTemplates = {
  create,
  list,
  usedFor: (sender, expiresInSeconds) => templateFor(configOf(sender), expiresInSeconds)?.name,
}

/**
 * Creates the authentication templates in every language of the sender, or updates them. Each warns, tells when the
 * code ends, and is not delivered after that: a stale code must not arrive once the workflow has gone on.
 */
async function create(sender: Sender, call: Call): Promise<string[]> {
  const told: string[] = []
  for (const one of templatesOf(configOf(sender))) told.push(...(await upsert(sender, call, one)))
  return told
}

async function upsert(sender: Sender, call: Call, template: LifetimeTemplate): Promise<string[]> {
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
  return listFrom(answer, 'The template could not be created').map(
    ({ language, status }) => `${name} ${wordOf(language)}: ${wordOf(status)}`,
  )
}

/** The templates of the sender's account, all of them: an account has few, and Meta gives 250 of them at once. */
async function list(sender: Sender, call: Call): Promise<readonly ListedTemplate[]> {
  const { waba_id: waba } = configOf(sender)
  const path = `${waba}/message_templates?fields=name,language,category,status&limit=250`
  const answer = await call(graphRequest(sender, 'GET', path))
  return listFrom(answer, 'The templates could not be read').map(({ name, language, category, status }) => ({
    name: wordOf(name),
    language: wordOf(language),
    category: wordOf(category),
    status: wordOf(status),
  }))
}

/** An answer without a list is none: a proxy on the way answers 200 too. */
function listFrom(answer: ProviderAnswer, otherwise: string): readonly Fields[] {
  const { data } = readJson(answer.body)
  if (answer.status !== 200 || !Array.isArray(data)) throw new GraphRefused(otherwise, answer)
  return listOf(data)
}

export interface TextTemplate {
  readonly name: string
  readonly category: 'UTILITY' | 'MARKETING'
  /** By Meta's spelling of the language. */
  readonly texts: Readonly<Record<string, { readonly body: string; readonly quickReplies: readonly string[] }>>
}

/** Creates a template in the languages in which it is not there yet. */
export async function createTextTemplate(sender: Sender, call: Call, template: TextTemplate): Promise<void> {
  const { name, category, texts } = template
  const languages = async () =>
    new Set((await list(sender, call)).filter((one) => one.name === name).map((one) => one.language))
  const there = await languages()
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
    // Another server may have been faster.
    if (answer.status !== 200 && !(await languages()).has(language))
      throw new GraphRefused('The template could not be created', answer)
  }
}
