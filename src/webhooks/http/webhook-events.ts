import { Type } from 'typebox'
import { type EventKind, eventKinds } from '#webhooks/core/event-kinds.ts'
import { channelSchema, oneOf, orNull } from '#platform/http/schema-kit.ts'

const dataSchema = Type.Object(
  {
    verification_id: Type.String({ examples: ['ver_019a6b0c2f4e7c3d8a51e2f60b7d9c14'] }),
    delivery_id: orNull(Type.String({ description: 'The message that it is about, if it is about one.' })),
    application_id: Type.String(),
    to: Type.String(),
    purpose: Type.String(),
    test: Type.Boolean({ description: 'It happened in the simulated world.' }),
    channel: orNull(channelSchema),
    reason: orNull(Type.String({ description: 'Why, where there is a why.' })),
    provider_code: orNull(Type.String({ description: "The provider's own code." })),
  },
  {
    description: 'A hint to look: how things stand now is what `GET /v1/verifications/{id}` answers. No code is in it.',
  },
)

const eventSchemaOf = <const Kinds extends readonly EventKind[]>(kinds: Kinds, description: string) =>
  Type.Object(
    {
      type: oneOf(kinds),
      timestamp: Type.String({ format: 'date-time', description: 'When it happened.' }),
      data: dataSchema,
    },
    { description },
  )

/** What comes to an endpoint of the standard format; clients that are made of the OpenAPI file have its type by name. */
export const webhookEventSchema = eventSchemaOf(eventKinds, 'What happened to a verification or one of its messages.')

const descriptions: Record<EventKind, string> = {
  'verification.started': 'A verification was started.',
  'verification.moved_on': 'Its workflow went on to another message.',
  'verification.check_failed': 'A wrong code was given.',
  'verification.approved': 'The right code was given.',
  'verification.canceled': 'It was canceled.',
  'verification.expired': 'Nobody gave the code in time.',
  'verification.blocked': 'There were too many wrong codes, or somebody said that they did not ask for it.',
  'verification.undeliverable': 'No channel could deliver a code.',
  'delivery.sent': 'A provider accepted a message.',
  'delivery.delivered': 'A message arrived.',
  'delivery.read': 'A message was read.',
  'delivery.failed': 'A message did not arrive.',
  'delivery.unknown': 'Nobody knows what became of a message.',
  'delivery.deferred': 'A message is sent again later.',
}

/** The `webhooks` of the OpenAPI file: one a kind. */
export const documentedWebhooks = () =>
  Object.fromEntries(
    eventKinds.map((kind) => [
      kind,
      {
        post: {
          operationId: `on_${kind.replace('.', '_')}`,
          summary: descriptions[kind],
          description:
            'Signed by Standard Webhooks: check `webhook-signature` over the bytes as they came, and do nothing the second time for the same `webhook-id`.',
          tags: ['Webhooks'],
          security: [],
          parameters: ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => ({
            name,
            in: 'header' as const,
            required: true,
            schema: { type: 'string' as const },
          })),
          requestBody: {
            required: true,
            content: { 'application/json': { schema: eventSchemaOf([kind], descriptions[kind]) } },
          },
          responses: {
            '2XX': { description: 'It has arrived. Anything else is sent again; 410 disables the endpoint.' },
          },
        },
      },
    ]),
  )
