import { managing } from '#platform/http/refusals.ts'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { readId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { NewWebhookEndpoint } from '#webhooks/core/endpoint.ts'
import { callerOf, requireCaller } from '#platform/http/authenticate.ts'
import type { Context } from '#platform/http/context.ts'
import { requireId } from '#platform/http/require-id.ts'
import { idempotencyHeader, idParameter } from '#platform/http/schema-kit.ts'
import { requireEndpoint, webhookDeliveryRoutes } from './webhook-deliveries.ts'
import {
  endpointSchema,
  newEndpointBody,
  newEndpointSchema,
  representEndpoint,
  webhookEndpointChanges,
} from './webhook-schemas.ts'
import { accessIds } from '#access/core/ids.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'

/** Each costs every event a sending. */
export const endpointsMax = 20

/** Of these the format tells what Vonage tells (core/webhook/format.ts). */
const vonageEvents = ['verification.*', 'delivery.failed']

/** Where a business hears of its events; test and live are two worlds here as well. */
export const webhookEndpointRoutes =
  (context: Context): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    await app.register(webhookDeliveryRoutes(context))
    const { webhookEndpoints, outside } = context
    const tags = ['Webhooks']

    app.post(
      '/webhook_endpoints',
      {
        schema: {
          operationId: 'createWebhookEndpoint',
          summary: 'Add a webhook endpoint',
          description:
            'For the mode of the key that asks. From now on every event that it wants is sent there, signed by Standard Webhooks, or as Vonage signs, with the secret that is shown this once.',
          tags,
          headers: idempotencyHeader,
          body: newEndpointBody,
          response: { 201: newEndpointSchema },
          refusals: managing,
        },
      },
      (request, reply) =>
        context.idempotent.answerOnce(request, reply, async () => {
          const owner = callerOf(request)
          const wanted = await readNewEndpoint(context, request)
          if ((await webhookEndpoints.list(owner, outside.now())).length >= endpointsMax) {
            const problem = `there are ${endpointsMax} endpoints already; remove one first`
            throw new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'body', problem }] })
          }
          const made = await webhookEndpoints.create(owner, wanted, outside.now())
          return { status: 201, body: { ...representEndpoint(made), secret: made.secret } }
        }),
    )

    app.get(
      '/webhook_endpoints',
      {
        schema: {
          operationId: 'listWebhookEndpoints',
          summary: 'List webhook endpoints',
          tags,
          response: { 200: Type.Object({ data: Type.Array(endpointSchema) }, { description: 'The endpoints.' }) },
          refusals: managing,
        },
      },
      async (request) => ({
        data: (await webhookEndpoints.list(callerOf(request), outside.now())).map(representEndpoint),
      }),
    )

    app.get(
      '/webhook_endpoints/:id',
      {
        schema: {
          operationId: 'getWebhookEndpoint',
          summary: 'Read a webhook endpoint',
          tags,
          params: idParameter,
          response: { 200: endpointSchema },
          refusals: managing,
        },
      },
      async (request) => representEndpoint(await requireEndpoint(context, request, request.params.id)),
    )

    app.patch(
      '/webhook_endpoints/:id',
      {
        schema: {
          operationId: 'changeWebhookEndpoint',
          summary: 'Change a webhook endpoint',
          description:
            'What waits for an endpoint that is disabled is not sent. One that is enabled again begins with the present; replay what it missed.',
          tags,
          params: idParameter,
          body: webhookEndpointChanges,
          response: { 200: endpointSchema },
          refusals: managing,
        },
      },
      async (request) => {
        const { url, events, disabled } = request.body
        if (url !== undefined) requireUrl(context, url)
        const { id, format } = await requireEndpoint(context, request, request.params.id)
        if (events && format !== 'standard') {
          throw bodyInvalid('events', 'are not chosen here in the format of this endpoint')
        }
        const changes = { url, events: events && [...new Set(events)], disabled }
        const changed = await webhookEndpoints.change(callerOf(request), id, changes, outside.now())
        if (!changed) throw new Refusal(platformRefusals.resource_not_found)
        return representEndpoint(changed)
      },
    )

    app.post(
      '/webhook_endpoints/:id/secret',
      {
        schema: {
          operationId: 'rotateWebhookSecret',
          summary: 'Rotate the secret of a webhook endpoint',
          description:
            'The new secret is shown this once. The one before it signs as well for another 24 hours, where the format has room for two signatures: a vendor’s has not, and changes at once.',
          tags,
          params: idParameter,
          headers: idempotencyHeader,
          body: Type.Optional(Type.Union([Type.Object({}, { additionalProperties: false }), Type.Null()])),
          response: { 200: newEndpointSchema },
          refusals: managing,
        },
      },
      (request, reply) =>
        context.idempotent.answerOnce(request, reply, async () => {
          const id = requireId(webhooksIds.webhookEndpoint, request.params.id)
          const rotated = await webhookEndpoints.rotateSecret(callerOf(request), id, outside.now())
          if (!rotated) throw new Refusal(platformRefusals.resource_not_found)
          return { status: 200, body: { ...representEndpoint(rotated), secret: rotated.secret } }
        }),
    )

    app.delete(
      '/webhook_endpoints/:id',
      {
        schema: {
          operationId: 'removeWebhookEndpoint',
          summary: 'Remove a webhook endpoint',
          description: 'With its deliveries and its secret.',
          tags,
          params: idParameter,
          response: { 204: Type.Null({ description: 'It is removed.' }) },
          refusals: managing,
        },
      },
      async (request, reply) => {
        const id = requireId(webhooksIds.webhookEndpoint, request.params.id)
        if (!(await webhookEndpoints.remove(callerOf(request), id, outside.now()))) {
          throw new Refusal(platformRefusals.resource_not_found)
        }
        return reply.status(204).send(null)
      },
    )
  }

async function readNewEndpoint(
  { businesses, webhookEndpoints }: Context,
  request: FastifyRequest<{ Body: Static<typeof newEndpointBody> }>,
): Promise<NewWebhookEndpoint> {
  const { url, events, format = 'standard', application_id: application } = request.body
  requireUrl({ webhookEndpoints }, url)
  const applicationId = application === undefined ? undefined : readId(accessIds.application, application)
  const isKnown =
    applicationId !== undefined && (await businesses.findApplication(callerOf(request).businessId, applicationId))
  if (application !== undefined && !isKnown) throw bodyInvalid('application_id', 'is no application of this business')
  const scope = applicationId === undefined ? {} : { applicationId }
  if (format === 'standard') {
    if (!events) throw bodyInvalid('events', 'must be there')
    return { format, ...scope, url, events: [...new Set(events)] }
  }
  if (events) throw bodyInvalid('events', 'are not chosen in this format')
  if (applicationId === undefined) throw bodyInvalid('application_id', 'must be there in this format')
  return { format, ...scope, url, events: vonageEvents }
}

const bodyInvalid = (field: string, problem: string): Refusal =>
  new Refusal(platformRefusals.body_invalid, { errors: [{ path: `body/${field}`, problem }] })

export function requireUrl({ webhookEndpoints }: Pick<Context, 'webhookEndpoints'>, url: string): void {
  const problem = webhookEndpoints.judgeUrl(url)
  if (problem !== undefined) throw bodyInvalid('url', problem)
}
