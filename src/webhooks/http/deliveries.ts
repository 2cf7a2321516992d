import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { EventSubjects } from '#platform/core/event-subject.ts'
import { readId, spellId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { requireCaller } from '#platform/http/authenticate.ts'
import { readLimit } from '#platform/http/page.ts'
import { readTime } from '#platform/http/read-time.ts'
import { managing } from '#platform/http/refusals.ts'
import { requireId } from '#platform/http/require-id.ts'
import { idParameter, oneOf } from '#platform/http/schema-kit.ts'
import { webhookStatuses } from '#webhooks/core/endpoint.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'
import type { WebhookDeliveryStore } from '#webhooks/store/webhook-deliveries.ts'
import { deliverySchema, progressSchema, representDelivery } from './delivery-schemas.ts'
import { sinceExample } from './replay.ts'
import { type EndpointFinding, invalid, requireEndpoint, type TypedApp } from './require-endpoint.ts'

interface DeliveryRoutes extends EndpointFinding {
  readonly deliveries: Pick<WebhookDeliveryStore, 'list' | 'progress'>
  readonly subjects: EventSubjects
}

/** What was sent to an endpoint, and how far sending has come. */
export const deliveryRoutes =
  (given: DeliveryRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    listRoute(app, given)
    readRoute(app, given)
    progressRoute(app, given)
  }

function listRoute(app: TypedApp, given: DeliveryRoutes): void {
  app.get(
    '/webhook_endpoints/:id/deliveries',
    {
      config: { permission: 'webhooks:read' },
      schema: {
        operationId: 'listWebhookDeliveries',
        summary: 'List what was sent to an endpoint',
        description: 'Newest first. They are kept for 30 days after they arrived or failed.',
        tags: ['Webhooks'],
        params: idParameter,
        querystring: Type.Object(
          {
            status: Type.Optional(oneOf(webhookStatuses)),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
            cursor: Type.Optional(Type.String({ maxLength: 64 })),
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object(
            { data: Type.Array(deliverySchema), next_cursor: Type.Union([Type.String(), Type.Null()]) },
            { description: 'A page of deliveries; `next_cursor` is null on the last one.' },
          ),
        },
        refusals: managing,
      },
      preValidation: readLimit,
    },
    async (request) => {
      const { status, limit = 20, cursor } = request.query
      const endpoint = await requireEndpoint(given, request)
      const before = cursor === undefined ? undefined : readCursor(cursor)
      const found = await given.deliveries.list(endpoint, endpoint.id, { status, before, limit: limit + 1 })
      const page = found.slice(0, limit)
      const last = page.at(-1)
      return {
        data: page.map((delivery) => representDelivery(given.subjects, delivery)),
        next_cursor: found.length > limit && last ? spellId(webhooksIds.webhookDelivery, last.id) : null,
      }
    },
  )
}

function readRoute(app: TypedApp, given: DeliveryRoutes): void {
  app.get(
    '/webhook_endpoints/:id/deliveries/:deliveryId',
    {
      config: { permission: 'webhooks:read' },
      schema: {
        operationId: 'getWebhookDelivery',
        summary: 'Read what was sent to an endpoint',
        tags: ['Webhooks'],
        params: Type.Object({ id: Type.String(), deliveryId: Type.String({ maxLength: 64 }) }),
        response: { 200: deliverySchema },
        refusals: managing,
      },
    },
    async (request) => {
      const endpoint = await requireEndpoint(given, request)
      const id = requireId(webhooksIds.webhookDelivery, request.params.deliveryId)
      const [found] = await given.deliveries.list(endpoint, endpoint.id, { id, limit: 1 })
      if (!found) throw new Refusal(platformRefusals.resource_not_found)
      return representDelivery(given.subjects, found)
    },
  )
}

function progressRoute(app: TypedApp, given: DeliveryRoutes): void {
  app.get(
    '/webhook_endpoints/:id/progress',
    {
      config: { permission: 'webhooks:read' },
      schema: {
        operationId: 'getWebhookProgress',
        summary: 'See how far sending to an endpoint has come',
        description: 'Counted since a time: with the `requested_at` of a replay, what has become of the replay.',
        tags: ['Webhooks'],
        params: idParameter,
        querystring: Type.Object(
          { since: Type.String({ format: 'date-time', examples: [sinceExample] }) },
          { additionalProperties: false },
        ),
        response: { 200: progressSchema },
        refusals: managing,
      },
    },
    async (request) => {
      const endpoint = await requireEndpoint(given, request)
      const since = readTime(request.query.since, 'querystring/since')
      const progress = await given.deliveries.progress(endpoint, endpoint.id, since, given.now())
      const { isCaughtUp, ...counts } = progress
      return { ...counts, caught_up: isCaughtUp }
    },
  )
}

function readCursor(cursor: string): string {
  const id = readId(webhooksIds.webhookDelivery, cursor)
  if (id === undefined) throw invalid('querystring/cursor', 'must be the next_cursor of the page before')
  return id
}
