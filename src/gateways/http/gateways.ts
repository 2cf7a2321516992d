import { answerPage, pageAmong, pageOf, pageQuery, readLimit } from '#platform/http/page.ts'
import { managing } from '#platform/http/refusals.ts'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { type GatewayRecord, type SigningSystem, signingSystems } from '#gateways/core/gateway.ts'
import { spellId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { callerOf, requireCaller } from '#platform/http/authenticate.ts'
import { readWebhookKeys } from './signature.ts'
import { requireId } from '#platform/http/require-id.ts'
import { idempotencyHeader, idParameter, oneOf } from '#platform/http/schema-kit.ts'
import { accessIds } from '#access/core/ids.ts'
import { gatewaysIds } from '#gateways/core/ids.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { GatewayTakes } from './takes.ts'

type Takes = Pick<GatewayTakes, 'access' | 'answerOnce' | 'gateways' | 'now' | 'publicUrl'>

const gatewaySchema = Type.Object(
  {
    id: Type.String(),
    mode: oneOf(['test', 'live'] as const),
    application_id: Type.String(),
    system: oneOf(signingSystems),
    url: Type.String({ description: 'What the auth server calls.' }),
    created_at: Type.String(),
    made_by: Type.Object(
      {
        api_key_id: Type.String(),
        revoked_at: Type.Union([Type.String(), Type.Null()], {
          description: 'When that key was revoked, which does not end the gateway.',
        }),
      },
      { description: 'The key that made it.' },
    ),
  },
  { description: 'The gateway.' },
)

/** ZITADEL's keys have more; a shorter one is a slip of the hand, and whoever guesses it sends codes in its name. */
const secretLengthMin = 16

/** Gateways of auth servers that sign. The secret goes in and never comes out. */
export const gatewayResourceRoutes =
  (takes: Takes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    await app.register(making(takes))
    await app.register(listingAndRemoving(takes))
  }

/** The one time that the secret is named. */
const making =
  (takes: Takes): FastifyPluginAsyncTypebox =>
  async (app) => {
    const tags = ['Gateways']

    app.post(
      '/gateways',
      {
        config: { permission: 'gateways:admin' },
        schema: {
          operationId: 'createGateway',
          summary: 'Make a gateway for an auth server that signs',
          description:
            'Its URL delivers the codes that the auth server made, for the application and in the mode of the key that ' +
            'asks. It is a credential of its own: it goes on when that key is revoked, until it is removed. Auth servers that can send an API key (Logto, ' +
            'Ory Kratos, Auth0, Keycloak) need none.',
          tags,
          headers: idempotencyHeader,
          body: Type.Object(
            {
              system: oneOf(signingSystems, { description: 'Whose calls come in.' }),
              secret: Type.String({
                minLength: secretLengthMin,
                maxLength: 1000,
                description:
                  'What it signs with: `v1,whsec_…` of Supabase, `whsec_…` of Clerk, the signing key of ZITADEL.',
              }),
            },
            {
              additionalProperties: false,
              examples: [{ system: 'supabase', secret: 'v1,whsec_what-Supabase-shows-beside-the-hook' }],
            },
          ),
          response: { 201: gatewaySchema },
          refusals: [...managing, platformRefusals.quota_reached],
        },
      },
      (request, reply) => {
        const { system } = request.body
        const secret = request.body.secret.trim()
        const problem = problemOf(system, secret)
        if (problem !== undefined)
          throw new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'body/secret', problem }] })
        return takes.answerOnce(request, reply, async () => {
          const { businessId, applicationId, live, keyId } = callerOf(request)
          const gateway = { businessId, applicationId, live, system, secret, madeByKeyId: keyId }
          const created = await takes.gateways.create(gateway, takes.now())
          return { status: 201, body: represent(takes, created) }
        })
      },
    )
  }

/** Those of the mode of the key. */
const listingAndRemoving =
  (takes: Takes): FastifyPluginAsyncTypebox =>
  async (app) => {
    const tags = ['Gateways']

    app.get(
      '/gateways',
      {
        config: { permission: 'gateways:read' },
        schema: {
          operationId: 'listGateways',
          summary: 'List gateways',
          description: 'Those of every application of the business, in the mode of the key that asks.',
          tags,
          querystring: pageQuery,
          response: { 200: pageOf(gatewaySchema, 'gateways') },
          refusals: managing,
        },
        preValidation: readLimit,
      },
      async (request) => {
        const { businessId, live } = callerOf(request)
        const found = await takes.gateways.list(businessId, live)
        const makers = [...new Set(found.map(({ madeByKeyId }) => madeByKeyId))]
        const keys = await takes.access.businesses.findKeys(businessId, makers)
        const revokedAt = new Map(keys.map((key) => [key.id, key.revokedAt]))
        return answerPage(request.query, gatewaysIds.gateway, pageAmong(found), (one) =>
          represent(takes, one, revokedAt.get(one.madeByKeyId)),
        )
      },
    )

    app.delete(
      '/gateways/:id',
      {
        config: { permission: 'gateways:admin' },
        schema: {
          operationId: 'removeGateway',
          summary: 'Remove a gateway',
          description: 'Its URL answers 404 from then on, on every other server within five seconds.',
          tags,
          params: idParameter,
          response: { 204: Type.Null({ description: 'It is removed.' }) },
          refusals: managing,
        },
      },
      async (request, reply) => {
        const { businessId, live } = callerOf(request)
        const id = requireId(gatewaysIds.gateway, request.params.id)
        if (!(await takes.gateways.remove(businessId, live, id))) throw new Refusal(platformRefusals.resource_not_found)
        return reply.status(204).send(null)
      },
    )
  }

function problemOf(system: SigningSystem, secret: string): string | undefined {
  if (secret.length < secretLengthMin) return `must have at least ${secretLengthMin} characters besides spaces`
  if (system === 'zitadel') return undefined
  return readWebhookKeys(secret) === undefined ? 'must be whsec_ and base64, as the auth server shows it' : undefined
}

const represent = (takes: Takes, gateway: GatewayRecord, revokedAt?: Date) => ({
  id: spellId(gatewaysIds.gateway, gateway.id),
  mode: gateway.live ? ('live' as const) : ('test' as const),
  application_id: spellId(accessIds.application, gateway.applicationId),
  system: gateway.system,
  url: `${takes.publicUrl()}/v1/gateway/${gateway.system}/${spellId(gatewaysIds.gateway, gateway.id)}`,
  created_at: gateway.createdAt.toISOString(),
  made_by: {
    api_key_id: spellId(accessIds.apiKey, gateway.madeByKeyId),
    revoked_at: revokedAt?.toISOString() ?? null,
  },
})
