import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { requireCaller } from '#platform/http/authenticate.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import { readTime } from '#platform/http/read-time.ts'
import { managing } from '#platform/http/refusals.ts'
import { requireId } from '#platform/http/require-id.ts'
import { idempotencyHeader, idParameter } from '#platform/http/schema-kit.ts'
import type { WebhookEndpoint } from '#webhooks/core/endpoint.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'
import type { WebhookDeliveryStore } from '#webhooks/store/webhook-deliveries.ts'
import { type EndpointFinding, invalid, requireEndpoint } from './require-endpoint.ts'

interface ReplayRoutes extends EndpointFinding, Pick<IdempotentRequests, 'answerOnce'> {
  readonly deliveries: Pick<WebhookDeliveryStore, 'replay' | 'replaySince'>
}

export const sinceExample = '2026-11-25T00:00:00Z'

const replayBody = Type.Union(
  [
    Type.Object({ since: Type.String({ format: 'date-time' }) }, { additionalProperties: false }),
    Type.Object({ delivery_id: Type.String({ maxLength: 64 }) }, { additionalProperties: false }),
  ],
  { examples: [{ since: sinceExample }] },
)

/** Sending again, for a receiver that was away or has lost what it took. */
export const replayRoutes =
  (given: ReplayRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    app.post(
      '/webhook_endpoints/:id/replay',
      {
        config: { permission: 'webhooks:admin' },
        schema: {
          operationId: 'replayWebhooks',
          summary: 'Send webhooks again',
          description:
            'One delivery, or every event from a time on, as the endpoint wants them now. They come with the ids that they had, so a receiver that has seen them knows them.',
          tags: ['Webhooks'],
          params: idParameter,
          headers: idempotencyHeader,
          body: replayBody,
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
        given.answerOnce(request, reply, async () => {
          const endpoint = await requireEndpoint(given, request)
          if (endpoint.disabledAt) throw invalid('params/id', 'the endpoint is disabled: enable it first')
          const requestedAt = given.now()
          const found = await replay(given, endpoint, request.body)
          return { status: 202, body: { found, requested_at: requestedAt.toISOString() } }
        }),
    )
  }

async function replay(
  { deliveries, now }: ReplayRoutes,
  endpoint: WebhookEndpoint,
  wanted: { readonly since: string } | { readonly delivery_id: string },
): Promise<boolean> {
  if ('since' in wanted) return deliveries.replaySince(endpoint, endpoint.id, readTime(wanted.since, 'body/since'))
  const id = requireId(webhooksIds.webhookDelivery, wanted.delivery_id)
  if (!(await deliveries.replay(endpoint, endpoint.id, id, now())))
    throw new Refusal(platformRefusals.resource_not_found)
  return true
}
