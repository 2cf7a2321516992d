import { Type } from 'typebox'
import { spellId } from '#core/access/id.ts'
import { disabledReasons, type WebhookDelivery, type WebhookEndpoint, webhookStatuses } from '#core/webhook/endpoint.ts'
import { type EventPattern, eventPatterns } from '#core/webhook/event-kinds.ts'
import { oneOf, orNull } from './schemas.ts'

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
  { url, events },
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
    url: Type.String(),
    events: Type.Array(oneOf(eventPatterns)),
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
  { ...endpointSchema.properties, secret: Type.String({ description: '`whsec_…`, shown this once.' }) },
  { description: 'The endpoint with its secret.' },
)

export const webhookDeliverySchema = Type.Object(
  {
    id: Type.String({ description: 'The `webhook-id` it is sent with, each time the same.' }),
    type: orNull(Type.String()),
    verification_id: Type.String(),
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

const iso = (date: Date | undefined): string | null => date?.toISOString() ?? null

export const representEndpoint = (endpoint: WebhookEndpoint) => ({
  id: spellId('webhookEndpoint', endpoint.id),
  mode: endpoint.live ? ('live' as const) : ('test' as const),
  url: endpoint.url,
  events: [...endpoint.events] as EventPattern[],
  disabled: endpoint.disabledAt !== undefined,
  disabled_at: iso(endpoint.disabledAt),
  disabled_reason: endpoint.disabledReason ?? null,
  previous_secret_until: iso(endpoint.previousSecretUntil),
  created_at: endpoint.createdAt.toISOString(),
})

export const representWebhook = (delivery: WebhookDelivery) => ({
  id: spellId('webhookDelivery', delivery.id),
  type: delivery.kind ?? null,
  verification_id: spellId('verification', delivery.verificationId),
  status: delivery.status,
  send_count: delivery.sendCount,
  response_status: delivery.responseStatus ?? null,
  problem: delivery.problem ?? null,
  created_at: delivery.createdAt.toISOString(),
  sent_at: iso(delivery.sentAt),
  next_send_at: iso(delivery.dueAt),
  settled_at: iso(delivery.settledAt),
})
