import { type Static, Type } from 'typebox'
import { accessIds } from '#access/core/ids.ts'
import { spellId } from '#platform/core/id.ts'
import { oneOf, orNull } from '#platform/http/schema-kit.ts'
import { disabledReasons, type WebhookEndpoint } from '#webhooks/core/endpoint.ts'
import type { WebhookFormats } from '#webhooks/core/format.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'

const url = Type.String({
  minLength: 1,
  maxLength: 2000,
  description: 'https, at a public address, on port 443 or 8443.',
  examples: ['https://shop.example/hooks/centang'],
})

const eventsOf = (patterns: readonly string[]) =>
  Type.Array(oneOf(patterns), {
    minItems: 1,
    maxItems: patterns.length,
    description: 'Types of events, or groups of them.',
  })

/** Of the kinds and formats that this server has. */
export function newEndpointBody(patterns: readonly string[], formats: WebhookFormats) {
  const madeHere = [...formats.values()].filter(({ events }) => events !== 'of another API')
  return Type.Object(
    {
      url,
      events: Type.Optional(eventsOf(patterns)),
      format: Type.Optional(
        oneOf(
          madeHere.map(({ name }) => name),
          { default: 'standard', description: madeHere.map(({ about }) => about).join(' ') },
        ),
      ),
      application_id: Type.Optional(
        Type.String({ maxLength: 64, description: 'Hear of this application only. Default: of all of them.' }),
      ),
    },
    {
      additionalProperties: false,
      examples: [{ url: 'https://shop.example/hooks/centang', events: ['verification.*', 'delivery.failed'] }],
    },
  )
}
export type NewEndpointBody = Static<ReturnType<typeof newEndpointBody>>

export const endpointChanges = (patterns: readonly string[]) =>
  Type.Object(
    { url: Type.Optional(url), events: Type.Optional(eventsOf(patterns)), disabled: Type.Optional(Type.Boolean()) },
    { additionalProperties: false, minProperties: 1, examples: [{ events: ['verification.approved'] }] },
  )

export const endpointSchema = Type.Object(
  {
    id: Type.String({ examples: ['whe_019a6b0c2f4e7c3d8a51e2f60b7d9c14'] }),
    mode: oneOf(['test', 'live'] as const),
    format: Type.String({
      description:
        'Whose form and signature it gets: `standard`, or that of a vendor. Some are made by the API of their vendor only.',
      examples: ['standard'],
    }),
    application_id: orNull(Type.String({ description: 'Null: it hears of every application.' })),
    url: Type.String(),
    events: Type.Array(Type.String(), { description: 'Kinds of events, and groups of them.' }),
    disabled: Type.Boolean(),
    disabled_at: orNull(Type.String()),
    disabled_reason: orNull(
      oneOf(disabledReasons, {
        description:
          '`gone`: it answered 410. `failing`: one went through every sending, and no other arrived meanwhile.',
      }),
    ),
    previous_secret_until: orNull(Type.String({ description: 'Until then the secret before this one signs as well.' })),
    created_at: Type.String(),
  },
  { description: 'The endpoint.' },
)

export const newEndpointSchema = Type.Object(
  {
    ...endpointSchema.properties,
    secret: Type.String({ description: 'Shown this once; `whsec_…` for Standard Webhooks.' }),
  },
  { description: 'The endpoint with its secret.' },
)

const iso = (date: Date | undefined): string | null => date?.toISOString() ?? null

export const representEndpoint = (endpoint: WebhookEndpoint) => ({
  id: spellId(webhooksIds.webhookEndpoint, endpoint.id),
  mode: endpoint.live ? ('live' as const) : ('test' as const),
  format: endpoint.format,
  application_id: endpoint.applicationId === undefined ? null : spellId(accessIds.application, endpoint.applicationId),
  url: endpoint.url,
  events: [...endpoint.events],
  disabled: endpoint.disabledAt !== undefined,
  disabled_at: iso(endpoint.disabledAt),
  disabled_reason: endpoint.disabledReason ?? null,
  previous_secret_until: iso(endpoint.previousSecretUntil),
  created_at: endpoint.createdAt.toISOString(),
})
