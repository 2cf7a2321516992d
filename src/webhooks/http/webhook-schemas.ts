import { Type } from 'typebox'
import { spellId } from '#platform/core/id.ts'
import {
  disabledReasons,
  type WebhookDelivery,
  type WebhookEndpoint,
  webhookStatuses,
} from '#webhooks/core/endpoint.ts'
import { type EventPattern, eventPatterns, type FactorPattern, factorPatterns } from '#webhooks/core/event-kinds.ts'
import { webhookFormats } from '#webhooks/core/format.ts'
import { oneOf, orNull } from '#platform/http/schema-kit.ts'
import { accessIds } from '#access/core/ids.ts'
import { verificationIds } from '#verification/core/ids.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'

const url = Type.String({
  minLength: 1,
  maxLength: 2000,
  description: 'https, at a public address, on port 443 or 8443.',
  examples: ['https://shop.example/hooks/centang'],
})

const events = Type.Array(oneOf(eventPatterns), {
  minItems: 1,
  maxItems: eventPatterns.length,
  description: 'Kinds of events, or groups of them.',
})

export const newEndpointBody = Type.Object(
  {
    url,
    events: Type.Optional(events),
    format: Type.Optional(
      oneOf(['standard', 'vonage'] as const, {
        default: 'standard',
        description:
          '`standard` is Standard Webhooks, and needs `events`. `vonage` is the event and summary webhooks of Vonage Verify v2 and needs `application_id`; which events there are is fixed.',
      }),
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

export const webhookEndpointChanges = Type.Object(
  { url: Type.Optional(url), events: Type.Optional(events), disabled: Type.Optional(Type.Boolean()) },
  { additionalProperties: false, minProperties: 1, examples: [{ events: ['verification.approved'] }] },
)

export const endpointSchema = Type.Object(
  {
    id: Type.String({ examples: ['whe_019a6b0c2f4e7c3d8a51e2f60b7d9c14'] }),
    mode: oneOf(['test', 'live'] as const),
    format: oneOf(webhookFormats, {
      description: 'Whose form and signature it gets. `twilio` is made by the webhooks of a Twilio Verify service.',
    }),
    application_id: orNull(Type.String({ description: 'Null: it hears of every application.' })),
    url: Type.String(),
    events: Type.Array(oneOf([...eventPatterns, ...factorPatterns])),
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

export const webhookDeliverySchema = Type.Object(
  {
    id: Type.String({ description: 'The `webhook-id` it is sent with, each time the same.' }),
    type: orNull(Type.String()),
    part: oneOf(['event', 'summary'] as const, {
      description: 'Vonage’s format tells of the end of a verification twice: of the step, and of the whole.',
    }),
    verification_id: orNull(Type.String({ description: 'Null for authenticator apps.' })),
    status: oneOf(webhookStatuses),
    send_count: Type.Integer(),
    response_status: orNull(Type.Integer({ description: 'What the endpoint answered last.' })),
    problem: orNull(
      Type.String({
        description:
          '`answered_with_error`, `redirected`, `timed_out`, `no_connection`, `address_forbidden`, `secret_unreadable`, `event_forgotten`, `endpoint_disabled`',
      }),
    ),
    created_at: Type.String(),
    sent_at: orNull(Type.String()),
    next_send_at: orNull(Type.String()),
    settled_at: orNull(Type.String()),
  },
  { description: 'One event on its way to one endpoint.' },
)

export const webhookProgressSchema = Type.Object(
  {
    waiting: Type.Integer({ description: 'Due, and not sent since then.' }),
    delivered: Type.Integer(),
    retrying: Type.Integer({ description: 'Sent and not taken; they are sent again later.' }),
    failed: Type.Integer(),
    caught_up: Type.Boolean({ description: 'False: there are events that have not become deliveries yet.' }),
  },
  { description: 'How far sending has come.' },
)

const iso = (date: Date | undefined): string | null => date?.toISOString() ?? null

export const representEndpoint = (endpoint: WebhookEndpoint) => ({
  id: spellId(webhooksIds.webhookEndpoint, endpoint.id),
  mode: endpoint.live ? ('live' as const) : ('test' as const),
  format: endpoint.format,
  application_id: endpoint.applicationId === undefined ? null : spellId(accessIds.application, endpoint.applicationId),
  url: endpoint.url,
  events: [...endpoint.events] as (EventPattern | FactorPattern)[],
  disabled: endpoint.disabledAt !== undefined,
  disabled_at: iso(endpoint.disabledAt),
  disabled_reason: endpoint.disabledReason ?? null,
  previous_secret_until: iso(endpoint.previousSecretUntil),
  created_at: endpoint.createdAt.toISOString(),
})

export const representWebhook = (delivery: WebhookDelivery) => ({
  id: spellId(webhooksIds.webhookDelivery, delivery.id),
  type: delivery.kind ?? null,
  part: delivery.part,
  verification_id:
    delivery.verificationId === undefined ? null : spellId(verificationIds.verification, delivery.verificationId),
  status: delivery.status,
  send_count: delivery.sendCount,
  response_status: delivery.responseStatus ?? null,
  problem: delivery.problem ?? null,
  created_at: delivery.createdAt.toISOString(),
  sent_at: iso(delivery.sentAt),
  next_send_at: iso(delivery.dueAt),
  settled_at: iso(delivery.settledAt),
})
