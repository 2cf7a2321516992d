import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { callerOf, requireCaller } from '#platform/http/authenticate.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import { managing } from '#platform/http/refusals.ts'
import { requireId } from '#platform/http/require-id.ts'
import { requireBusinessUrl } from '#platform/http/business-url.ts'
import { idempotencyHeader, idParameter } from '#platform/http/schema-kit.ts'
import type { WebhookFormats } from '#webhooks/core/format.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'
import type { WebhookEndpointStore } from '#webhooks/store/webhook-endpoints.ts'
import { endpointChanges, endpointSchema, newEndpointSchema, representEndpoint } from './endpoint-schemas.ts'
import { invalid, requireEndpoint, type TypedApp } from './require-endpoint.ts'

interface EndpointChangeRoutes extends Pick<IdempotentRequests, 'answerOnce'> {
  readonly endpoints: Pick<WebhookEndpointStore, 'find' | 'change' | 'rotateSecret' | 'remove'>
  readonly formats: WebhookFormats
  readonly patterns: readonly string[]
  readonly judgeUrl: (url: string) => string | undefined
  readonly now: () => Date
}

/** An endpoint as it is changed, given another secret, and removed. */
export const endpointChangeRoutes =
  (given: EndpointChangeRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    changeRoute(app, given)
    secretRoute(app, given)
    removeRoute(app, given)
  }

function changeRoute(app: TypedApp, { endpoints, formats, patterns, judgeUrl, now }: EndpointChangeRoutes): void {
  app.patch(
    '/webhook_endpoints/:id',
    {
      config: { permission: 'webhooks:admin' },
      schema: {
        operationId: 'changeWebhookEndpoint',
        summary: 'Change a webhook endpoint',
        description:
          'What waits for an endpoint that is disabled is not sent. One that is enabled again begins with the present; replay what it missed.',
        tags: ['Webhooks'],
        params: idParameter,
        body: endpointChanges(patterns),
        response: { 200: endpointSchema },
        refusals: managing,
      },
    },
    async (request) => {
      const { url, events, disabled } = request.body
      if (url !== undefined) requireBusinessUrl(judgeUrl, url)
      const { id, format } = await requireEndpoint({ endpoints, now }, request)
      if (events && formats.get(format)?.events !== 'chosen')
        throw invalid('body/events', 'are not chosen here in the format of this endpoint')
      const changes = { url, events: events && [...new Set(events)], disabled }
      const changed = await endpoints.change(callerOf(request), id, changes, now())
      if (!changed) throw new Refusal(platformRefusals.resource_not_found)
      return representEndpoint(changed)
    },
  )
}

function secretRoute(app: TypedApp, { endpoints, answerOnce, now }: EndpointChangeRoutes): void {
  app.post(
    '/webhook_endpoints/:id/secret',
    {
      config: { permission: 'webhooks:admin' },
      schema: {
        operationId: 'rotateWebhookSecret',
        summary: 'Rotate the secret of a webhook endpoint',
        description:
          'The new secret is shown this once. The one before it signs as well for another 24 hours, where the format has room for two signatures: a vendor’s has not, and changes at once.',
        tags: ['Webhooks'],
        params: idParameter,
        headers: idempotencyHeader,
        body: Type.Optional(Type.Union([Type.Object({}, { additionalProperties: false }), Type.Null()])),
        response: { 200: newEndpointSchema },
        refusals: managing,
      },
    },
    (request, reply) =>
      answerOnce(request, reply, async () => {
        const id = requireId(webhooksIds.webhookEndpoint, request.params.id)
        const rotated = await endpoints.rotateSecret(callerOf(request), id, now())
        if (!rotated) throw new Refusal(platformRefusals.resource_not_found)
        return { status: 200, body: { ...representEndpoint(rotated), secret: rotated.secret } }
      }),
  )
}

function removeRoute(app: TypedApp, { endpoints, now }: EndpointChangeRoutes): void {
  app.delete(
    '/webhook_endpoints/:id',
    {
      config: { permission: 'webhooks:admin' },
      schema: {
        operationId: 'removeWebhookEndpoint',
        summary: 'Remove a webhook endpoint',
        description: 'With its deliveries and its secret.',
        tags: ['Webhooks'],
        params: idParameter,
        response: { 204: Type.Null({ description: 'It is removed.' }) },
        refusals: managing,
      },
    },
    async (request, reply) => {
      const id = requireId(webhooksIds.webhookEndpoint, request.params.id)
      if (!(await endpoints.remove(callerOf(request), id, now())))
        throw new Refusal(platformRefusals.resource_not_found)
      return reply.status(204).send(null)
    },
  )
}
