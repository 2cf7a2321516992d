import { type Static, Type } from 'typebox'
import type { Sender } from '#core/messaging/channel.ts'

export const configSchema = Type.Object(
  {
    phone_number_id: Type.String({
      pattern: '^[0-9]{5,30}$',
      description: 'Id of the number in the WhatsApp Manager, not the number itself.',
    }),
    waba_id: Type.String({ pattern: '^[0-9]{5,30}$', description: 'Id of the WhatsApp Business Account.' }),
    template_name: Type.String({
      pattern: '^[a-z0-9_]{1,512}$',
      description: 'An approved template of category AUTHENTICATION.',
    }),
    template_minutes: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 10 }), {
        minItems: 1,
        maxItems: 10,
        description:
          'Lifetimes the template exists for; the name then ends in _5m for five minutes. Without it one template serves every lifetime.',
      }),
    ),
    template_languages: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-z]{2,3}(_[A-Z]{2})?$' }), {
        minItems: 1,
        maxItems: 100,
        description: "Languages it is approved in, Meta's spelling. Default en_US, id, es, pt_BR.",
      }),
    ),
    version: Type.Optional(
      Type.String({ pattern: '^v[0-9]{1,3}\\.[0-9]$', description: 'Version of the Graph API. Default v24.0.' }),
    ),
    base_url: Type.Optional(
      Type.String({ pattern: '^https?://', maxLength: 200, description: 'Default https://graph.facebook.com.' }),
    ),
  },
  { additionalProperties: false },
)

export const secretsSchema = Type.Object(
  {
    access_token: Type.String({ minLength: 10, description: 'Of a system user, with whatsapp_business_messaging.' }),
    app_secret: Type.String({ minLength: 8, description: 'Signs the webhooks.' }),
    verify_token: Type.String({
      minLength: 8,
      description: 'Any random text; Meta repeats it when the webhook is set up.',
    }),
  },
  { additionalProperties: false },
)

export type CloudApiConfig = Static<typeof configSchema>
export type CloudApiSecrets = Static<typeof secretsSchema>

/**
 * The template for a code with so long to live. Its footer and its time-to-live are part of a template, so the longest
 * one that does not outlive the code is taken.
 */
export function templateNameFor(
  { template_name: name, template_minutes: minutes }: CloudApiConfig,
  expiresInSeconds: number,
): string {
  if (!minutes) return name
  const fitting = minutes.filter((one) => one * 60 <= expiresInSeconds + toleranceSeconds)
  return templateName(name, fitting.length > 0 ? Math.max(...fitting) : Math.min(...minutes))
}

export const templateName = (name: string, minutes: number): string => `${name}_${minutes}m`

/** Between the decision and the sending a few seconds pass. */
const toleranceSeconds = 15

/** Languages of a template that names none. */
export const languagesDefault: readonly string[] = ['en_US', 'id', 'es', 'pt_BR']

// Checked by these schemas when the sender was made.
export const configOf = (sender: Sender): CloudApiConfig => sender.config as CloudApiConfig
export const secretsOf = (sender: Sender): CloudApiSecrets => sender.secrets as CloudApiSecrets

/** `https://graph.facebook.com/v24.0` */
export const graphRoot = ({ base_url = 'https://graph.facebook.com', version = 'v24.0' }: CloudApiConfig): string =>
  `${base_url}/${version}`

/**
 * Of the languages a template has, the one nearest to what the person reads: the same region, the same language, then
 * English, then whatever there is.
 */
export function nearestLanguage(locale: string, languages: readonly string[]): string {
  const [language = 'en', region] = locale.split(/[-_]/)
  const wanted = [
    region === undefined ? undefined : `${language}_${region.toUpperCase()}`,
    language,
    languages.find((one) => one.startsWith(`${language}_`)),
    'en_US',
    'en',
    languages.find((one) => one.startsWith('en')),
  ]
  return wanted.find((one) => one !== undefined && languages.includes(one)) ?? languages[0] ?? 'en_US'
}
