import { type Static, Type } from 'typebox'
import { form } from '#platform/core/field-problem.ts'
import type { Sender } from '#messaging/core/sender.ts'

export const configSchema = Type.Object(
  {
    phone_number_id: Type.String({
      ...form('^[0-9]{5,30}$', 'digits only'),
      description: 'Id of the number in the WhatsApp Manager, not the number itself.',
    }),
    waba_id: Type.String({
      ...form('^[0-9]{5,30}$', 'digits only'),
      description: 'Id of the WhatsApp Business Account.',
    }),
    template_name: Type.Optional(
      Type.String({
        ...form('^[a-z0-9_]{1,512}$', 'a-z, 0-9 and _, as Meta names templates'),
        description:
          'Template of category AUTHENTICATION, without the ending that tells its minutes. Default login_code.',
      }),
    ),
    template_minutes: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 10 }), {
        minItems: 1,
        maxItems: 10,
        description:
          'Lifetimes the template exists for; the name of each ends in _5m for five minutes. Default 1, 2, 3, 5, 10.',
      }),
    ),
    template_apps: Type.Optional(
      Type.Array(
        Type.Object(
          {
            package_name: Type.String({
              ...form('^[A-Za-z][A-Za-z0-9_]*(\\.[A-Za-z][A-Za-z0-9_]*)+$', 'a name like com.example.shop'),
              maxLength: 224,
              description: 'Application id of the Android app.',
            }),
            signature_hash: Type.String({
              ...form('^[A-Za-z0-9+/=]{11}$', '11 characters of base64'),
              description: 'The 11 characters that SMS Retriever uses too.',
            }),
          },
          { additionalProperties: false },
        ),
        {
          minItems: 1,
          maxItems: 5,
          description: 'Android apps that take the code with one tap. Without it the button copies the code.',
        },
      ),
    ),
    template_languages: Type.Optional(
      Type.Array(Type.String(form('^[a-z]{2,3}(_[A-Z]{2})?$', "a language in Meta's spelling, like pt_BR")), {
        minItems: 1,
        maxItems: 100,
        description: "Languages it is approved in, Meta's spelling. Default en_US, id, es, pt_BR.",
      }),
    ),
    identity_check: Type.Optional(
      Type.Boolean({
        description:
          'Send only to the WhatsApp account that was behind a number before: not to one that has taken it over. Of a sender that is shared each business knows its own. Default false.',
      }),
    ),
    version: Type.Optional(
      Type.String({
        ...form('^v[0-9]{1,3}\\.[0-9]$', 'a version like v26.0'),
        description: 'Version of the Graph API. Default v26.0.',
      }),
    ),
    base_url: Type.Optional(
      Type.String({
        ...form('^https?://', 'a URL that begins with https:// or http://'),
        maxLength: 200,
        description: 'Default https://graph.facebook.com.',
      }),
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

/** Of codes that live from one minute to ten, none waits for a template much shorter than itself. */
const minutesDefault: readonly number[] = [1, 2, 3, 5, 10]

/** Between the decision and the sending a few seconds pass: a code of five minutes still takes that template. */
const toleranceSeconds = 15

/** A template of one lifetime; both its footer and its time to live are part of it. */
export interface LifetimeTemplate {
  readonly name: string
  readonly minutes: number
  /** Shorter than the footer by what a code may have lost already: no message arrives after its code has died. */
  readonly ttlSeconds: number
}

/** The templates of a sender, the shortest first. */
export const templatesOf = ({
  template_name: name = 'login_code',
  template_minutes: minutes,
}: CloudApiConfig): LifetimeTemplate[] =>
  [...new Set(minutes ?? minutesDefault)]
    .toSorted((a, b) => a - b)
    .map((one) => ({ name: `${name}_${one}m`, minutes: one, ttlSeconds: one * 60 - toleranceSeconds }))

/** The longest template that does not outlive a code with so long to live; undefined when every one does. */
export const templateFor = (config: CloudApiConfig, expiresInSeconds: number): LifetimeTemplate | undefined =>
  templatesOf(config).findLast(({ ttlSeconds }) => ttlSeconds <= expiresInSeconds)

/** Languages of a template that names none. */
export const languagesDefault: readonly string[] = ['en_US', 'id', 'es', 'pt_BR']

// Checked by these schemas when the sender was made.
export const configOf = (sender: Sender): CloudApiConfig => sender.config as CloudApiConfig
export const secretsOf = (sender: Sender): CloudApiSecrets => sender.secrets as CloudApiSecrets

/** `https://graph.facebook.com/v26.0` */
export const graphRoot = ({ base_url = 'https://graph.facebook.com', version = 'v26.0' }: CloudApiConfig): string =>
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
