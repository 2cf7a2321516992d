import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { accessIds } from '#access/core/ids.ts'
import type { AccessPort } from '#access/port.ts'
import { readId } from '#platform/core/id.ts'
import { callerOf, requireCaller } from '#platform/http/authenticate.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import { answerPage, pageAmong, pageOf, pageQuery, readLimit } from '#platform/http/page.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'
import { managing } from '#platform/http/refusals.ts'
import { requireBusinessUrl } from '#platform/http/business-url.ts'
import { idempotencyHeader, idParameter } from '#platform/http/schema-kit.ts'
import type { NewWebhookEndpoint } from '#webhooks/core/endpoint.ts'
import type { WebhookFormats } from '#webhooks/core/format.ts'
import type { WebhookEndpointStore } from '#webhooks/store/webhook-endpoints.ts'
import {
  endpointSchema,
  newEndpointBody,
  type NewEndpointBody,
  newEndpointSchema,
  representEndpoint,
} from './endpoint-schemas.ts'
import { invalid, requireEndpoint, type TypedApp } from './require-endpoint.ts'

interface EndpointRoutes extends Pick<IdempotentRequests, 'answerOnce'> {
  readonly endpoints: Pick<WebhookEndpointStore, 'create' | 'list' | 'find'>
  readonly findApplication: AccessPort['findApplication']
  readonly formats: WebhookFormats
  /** What an endpoint may ask for. */
  readonly patterns: readonly string[]
  readonly judgeUrl: (url: string) => string | undefined
  readonly now: () => Date
}

/** Where a business hears of its events. Endpoints, too, belong to one mode, test or live. */
export const endpointRoutes =
  (given: EndpointRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    createRoute(app, given)
    readRoutes(app, given)
  }

function createRoute(app: TypedApp, given: EndpointRoutes): void {
  const { endpoints, answerOnce, patterns, formats, now } = given
  app.post(
    '/webhook_endpoints',
    {
      config: { permission: 'webhooks:admin' },
      schema: {
        operationId: 'createWebhookEndpoint',
        summary: 'Add a webhook endpoint',
        description:
          'For the mode of the key that asks. From now on every event that it wants is sent there, signed by Standard ' +
          'Webhooks or as its vendor signs, with the secret that is shown this once.',
        tags: ['Webhooks'],
        headers: idempotencyHeader,
        body: newEndpointBody(patterns, formats),
        response: { 201: newEndpointSchema },
        refusals: [...managing, platformRefusals.quota_reached],
      },
    },
    (request, reply) =>
      answerOnce(request, reply, async () => {
        const owner = callerOf(request)
        const wanted = await readNewEndpoint(given, request, request.body)
        const made = await endpoints.create(owner, wanted, now())
        return { status: 201, body: { ...representEndpoint(made), secret: made.secret } }
      }),
  )
}

function readRoutes(app: TypedApp, { endpoints, now }: EndpointRoutes): void {
  app.get(
    '/webhook_endpoints',
    {
      config: { permission: 'webhooks:read' },
      schema: {
        operationId: 'listWebhookEndpoints',
        summary: 'List webhook endpoints',
        tags: ['Webhooks'],
        querystring: pageQuery,
        response: { 200: pageOf(endpointSchema, 'endpoints') },
        refusals: managing,
      },
      preValidation: readLimit,
    },
    async (request) => {
      const all = await endpoints.list(callerOf(request), now())
      return answerPage(request.query, webhooksIds.webhookEndpoint, pageAmong(all), (one) => representEndpoint(one))
    },
  )

  app.get(
    '/webhook_endpoints/:id',
    {
      config: { permission: 'webhooks:read' },
      schema: {
        operationId: 'getWebhookEndpoint',
        summary: 'Read a webhook endpoint',
        tags: ['Webhooks'],
        params: idParameter,
        response: { 200: endpointSchema },
        refusals: managing,
      },
    },
    async (request) => representEndpoint(await requireEndpoint({ endpoints, now }, request)),
  )
}

async function readNewEndpoint(
  { findApplication, formats, judgeUrl }: EndpointRoutes,
  request: FastifyRequest,
  { url, events, format: name = 'standard', application_id: application }: NewEndpointBody,
): Promise<NewWebhookEndpoint> {
  requireBusinessUrl(judgeUrl, url)
  const applicationId = application === undefined ? undefined : readId(accessIds.application, application)
  const isKnown = applicationId !== undefined && (await findApplication(callerOf(request).businessId, applicationId))
  if (application !== undefined && !isKnown) throw invalid('body/application_id', 'is no application of this business')
  const scope = applicationId === undefined ? {} : { applicationId }
  const offered = formats.get(name)?.events
  if (offered === 'chosen') {
    if (!events) throw invalid('body/events', 'must be there')
    return { format: name, ...scope, url, events: [...new Set(events)] }
  }
  if (offered === undefined || typeof offered === 'string')
    throw invalid('body/format', 'is made by the API of its vendor')
  if (events) throw invalid('body/events', 'are not chosen in this format')
  if (applicationId === undefined) throw invalid('body/application_id', 'must be there in this format')
  return { format: name, ...scope, url, events: offered }
}
