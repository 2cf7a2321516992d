import { managing } from '#platform/http/refusals.ts'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { readId, spellId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { type WebhookEndpoint, webhookStatuses } from '#webhooks/core/endpoint.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import type { Context } from '#platform/http/context.ts'
import { requireId } from '#platform/http/require-id.ts'
import { idempotencyHeader, idParameter, oneOf } from '#platform/http/schema-kit.ts'
import { readLimit } from '#platform/http/page.ts'
import { representWebhook, webhookDeliverySchema, webhookProgressSchema } from './webhook-schemas.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'

const sinceExample = '2026-11-25T00:00:00Z'

/** What was sent to an endpoint, and sending it again. */
export const webhookDeliveryRoutes =
  (context: Context): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { webhookDeliveries } = context
    const tags = ['Webhooks']

    app.get(
      '/webhook_endpoints/:id/deliveries',
      {
        schema: {
          operationId: 'listWebhookDeliveries',
          summary: 'List what was sent to an endpoint',
          description: 'Newest first. They are kept for 30 days after they arrived or failed.',
          tags,
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
              { data: Type.Array(webhookDeliverySchema), next_cursor: Type.Union([Type.String(), Type.Null()]) },
              { description: 'A page of deliveries; `next_cursor` is null on the last one.' },
            ),
          },
          refusals: managing,
        },
        preValidation: readLimit,
      },
      async (request) => {
        const { status, limit = 20, cursor } = request.query
        const endpoint = await requireEndpoint(context, request, request.params.id)
        const found = await webhookDeliveries.list(endpoint, endpoint.id, {
          status,
          before: cursor === undefined ? undefined : readCursor(cursor),
          limit: limit + 1,
        })
        const page = found.slice(0, limit)
        const last = page.at(-1)
        return {
          data: page.map(representWebhook),
          next_cursor: found.length > limit && last ? spellId(webhooksIds.webhookDelivery, last.id) : null,
        }
      },
    )

    app.get(
      '/webhook_endpoints/:id/deliveries/:deliveryId',
      {
        schema: {
          operationId: 'getWebhookDelivery',
          summary: 'Read what was sent to an endpoint',
          tags,
          params: Type.Object({ id: Type.String(), deliveryId: Type.String({ maxLength: 64 }) }),
          response: { 200: webhookDeliverySchema },
          refusals: managing,
        },
      },
      async (request) => {
        const endpoint = await requireEndpoint(context, request, request.params.id)
        const id = requireId(webhooksIds.webhookDelivery, request.params.deliveryId)
        const [found] = await webhookDeliveries.list(endpoint, endpoint.id, { id, limit: 1 })
        if (!found) throw new Refusal(platformRefusals.resource_not_found)
        return representWebhook(found)
      },
    )

    app.get(
      '/webhook_endpoints/:id/progress',
      {
        schema: {
          operationId: 'getWebhookProgress',
          summary: 'See how far sending to an endpoint has come',
          description: 'Counted since a time: with the `requested_at` of a replay, what has become of the replay.',
          tags,
          params: idParameter,
          querystring: Type.Object(
            { since: Type.String({ format: 'date-time', examples: [sinceExample] }) },
            { additionalProperties: false },
          ),
          response: { 200: webhookProgressSchema },
          refusals: managing,
        },
      },
      async (request) => {
        const endpoint = await requireEndpoint(context, request, request.params.id)
        const since = readTime(request.query.since, 'querystring/since')
        const progress = await webhookDeliveries.progress(endpoint, endpoint.id, since, context.outside.now())
        const { isCaughtUp, ...counts } = progress
        return { ...counts, caught_up: isCaughtUp }
      },
    )

    app.post(
      '/webhook_endpoints/:id/replay',
      {
        schema: {
          operationId: 'replayWebhooks',
          summary: 'Send webhooks again',
          description:
            'One delivery, or every event from a time on, as the endpoint wants them now. They come with the ids that they had, so a receiver that has seen them knows them.',
          tags,
          params: idParameter,
          headers: idempotencyHeader,
          body: Type.Union(
            [
              Type.Object({ since: Type.String({ format: 'date-time' }) }, { additionalProperties: false }),
              Type.Object({ delivery_id: Type.String({ maxLength: 64 }) }, { additionalProperties: false }),
            ],
            { examples: [{ since: sinceExample }] },
          ),
          response: {
            202: Type.Object(
              {
                found: Type.Boolean({ description: 'False: nothing has happened since.' }),
                requested_at: Type.String({ description: 'The time to ask its progress with.' }),
              },
              { description: 'It is on its way.' },
            ),
          },
          refusals: managing,
        },
      },
      (request, reply) =>
        context.idempotent.answerOnce(request, reply, async () => {
          const endpoint = await requireEndpoint(context, request, request.params.id)
          if (endpoint.disabledAt) {
            const problem = 'the endpoint is disabled: enable it first'
            throw new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'params/id', problem }] })
          }
          const requestedAt = context.outside.now()
          const found = await replay(context, endpoint, request.body)
          return { status: 202, body: { found, requested_at: requestedAt.toISOString() } }
        }),
    )
  }

async function replay(
  { webhookDeliveries, outside }: Context,
  endpoint: WebhookEndpoint,
  wanted: { readonly since: string } | { readonly delivery_id: string },
): Promise<boolean> {
  if ('since' in wanted) {
    return webhookDeliveries.replaySince(endpoint, endpoint.id, readTime(wanted.since, 'body/since'))
  }
  const id = requireId(webhooksIds.webhookDelivery, wanted.delivery_id)
  if (!(await webhookDeliveries.replay(endpoint, endpoint.id, id, outside.now()))) {
    throw new Refusal(platformRefusals.resource_not_found)
  }
  return true
}

function readTime(spelled: string, path: string): Date {
  const time = new Date(spelled)
  // A leap second is well-formed, and still no time of ours.
  if (Number.isNaN(time.getTime()))
    throw new Refusal(platformRefusals.body_invalid, { errors: [{ path, problem: 'must be a time' }] })
  return time
}

/** The endpoint of the path, when it is the caller's: its business and its mode. */
export async function requireEndpoint(
  { webhookEndpoints, outside }: Context,
  request: FastifyRequest,
  spelled: string,
): Promise<WebhookEndpoint> {
  const id = requireId(webhooksIds.webhookEndpoint, spelled)
  const found = await webhookEndpoints.find(callerOf(request), id, outside.now())
  if (!found) throw new Refusal(platformRefusals.resource_not_found)
  return found
}

function readCursor(cursor: string): string {
  const id = readId(webhooksIds.webhookDelivery, cursor)
  if (id !== undefined) return id
  const problem = 'must be the next_cursor of the page before'
  throw new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'querystring/cursor', problem }] })
}
