import type { EventSubject, EventSubjects } from '#platform/core/event-subject.ts'
import { listKinds } from '#webhooks/core/event-kinds.ts'

const text = (description?: string) => ({ type: 'string', ...(description !== undefined && { description }) })

/** What `standardBody` writes for a subject. */
function dataSchema(name: string, { part, isOfApplication, description, told, facts = {} }: EventSubject): object {
  const properties = {
    [`${name}_id`]: text(),
    ...(part && { [`${part.name}_id`]: { ...text(part.description), type: ['string', 'null'] } }),
    ...(isOfApplication && { application_id: text() }),
    ...facts,
    test: { type: 'boolean', description: 'It happened in the simulated world.' },
    ...told,
  }
  return { type: 'object', required: Object.keys(properties), properties, description }
}

const eventSchema = (name: string, subject: EventSubject, kinds: readonly string[], description: string) => ({
  type: 'object',
  required: ['type', 'timestamp', 'data'],
  properties: {
    type: { type: 'string', enum: kinds },
    timestamp: { ...text('When it happened.'), format: 'date-time' },
    data: dataSchema(name, subject),
  },
  description,
})

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** What comes to an endpoint of the standard format, by names for clients that are made of the OpenAPI file. */
export function webhookSchemas(subjects: EventSubjects): Readonly<Record<string, object>> {
  const one = Object.entries(subjects).map(([name, subject]): readonly [string, object] => [
    `${capitalised(name)}Event`,
    eventSchema(name, subject, Object.keys(subject.kinds), `What comes by webhook about a ${name}.`),
  ])
  return {
    ...Object.fromEntries(one),
    WebhookEvent: {
      anyOf: one.map(([, schema]) => schema),
      description: 'What comes by webhook. Newer servers may send a `type` that is not in here.',
    },
  }
}

/** The `webhooks` of the OpenAPI file: one a kind. */
export const documentedWebhooks = (subjects: EventSubjects): Readonly<Record<string, object>> =>
  Object.fromEntries(
    listKinds(subjects).map(({ kind, subject, description }) => [
      kind,
      {
        post: {
          operationId: `on_${kind.replace('.', '_')}`,
          summary: description,
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
            content: {
              'application/json': {
                schema: eventSchema(subject, subjects[subject] as EventSubject, [kind], description),
              },
            },
          },
          responses: {
            '2XX': { description: 'It has arrived. Anything else is sent again; 410 disables the endpoint.' },
          },
        },
      },
    ]),
  )
