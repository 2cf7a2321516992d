import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import { requireId } from '#platform/http/require-id.ts'
import type { WebhookEndpoint } from '#webhooks/core/endpoint.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'
import type { WebhookEndpointStore } from '#webhooks/store/webhook-endpoints.ts'

/** With the types of the schemas of its routes. */
export type TypedApp = Parameters<FastifyPluginAsyncTypebox>[0]

export interface EndpointFinding {
  readonly endpoints: Pick<WebhookEndpointStore, 'find'>
  readonly now: () => Date
}

/** The endpoint of the path, when it is the caller's: its business and its mode. */
export async function requireEndpoint(
  { endpoints, now }: EndpointFinding,
  request: FastifyRequest<{ Params: { id: string } }>,
): Promise<WebhookEndpoint> {
  const id = requireId(webhooksIds.webhookEndpoint, request.params.id)
  const found = await endpoints.find(callerOf(request), id, now())
  if (!found) throw new Refusal(platformRefusals.resource_not_found)
  return found
}

export const invalid = (path: string, problem: string): Refusal =>
  new Refusal(platformRefusals.body_invalid, { errors: [{ path, problem }] })
