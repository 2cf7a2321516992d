import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { accessIds } from '#access/core/ids.ts'
import { allowedAddressesMax, grantFor, GrantRefused, type KeyGrant, scopesDefault } from '#access/core/key-grant.ts'
import { accessRefusals } from '#access/core/refusals.ts'
import type { ApiKey } from '#access/store/api-keys.ts'
import type { BusinessStore } from '#access/store/businesses.ts'
import { spellId } from '#platform/core/id.ts'
import { type Scope, scopes } from '#platform/core/permission.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import { answerPage, pageOf, pageQuery, readLimit } from '#platform/http/page.ts'
import { managing } from '#platform/http/refusals.ts'
import { requireId } from '#platform/http/require-id.ts'
import { idempotencyHeader, idParameter, oneOf, orNull, time } from '#platform/http/schema-kit.ts'
import { refused } from './refused.ts'

interface KeyRoutes extends Pick<IdempotentRequests, 'answerOnce'> {
  readonly businesses: Pick<BusinessStore, 'createKey' | 'listKeys' | 'findKeys' | 'revokeKey' | 'findApplication'>
  readonly now: () => Date
  readonly permissionsOf: (scopes: readonly Scope[]) => ReadonlySet<string>
}

const scopeSchema = oneOf(scopes)

const keySchema = Type.Object({
  id: Type.String(),
  application_id: Type.String(),
  mode: oneOf(['test', 'live'] as const),
  hint: Type.String({ description: 'The last four characters.' }),
  scopes: Type.Array(scopeSchema),
  allowed_addresses: orNull(Type.Array(Type.String())),
  made_by: orNull(Type.String({ description: 'The key that made it; null: the operator did.' })),
  created_at: Type.String(),
  expires_at: orNull(Type.String()),
  last_used_at: orNull(Type.String({ description: 'Within a minute or so.' })),
  revoked_at: orNull(Type.String()),
})

const newKeySchema = Type.Object(
  { ...keySchema.properties, key: Type.String({ description: 'Shown this once.' }) },
  { description: 'The key.' },
)

const newKeyBody = Type.Object(
  {
    scopes: Type.Optional(
      Type.Array(scopeSchema, {
        minItems: 1,
        maxItems: scopes.length,
        description:
          `What it may do. \`verify\`: start, check and read verifications. \`chat\`: send and read messages. ` +
          `\`read\`: read everything. \`admin\`: everything. Default: \`${scopesDefault.join()}\`.`,
      }),
    ),
    application_id: Type.Optional(
      Type.String({
        maxLength: 64,
        description: 'Another application of the business than that of the key that asks.',
      }),
    ),
    expires_at: Type.Optional({ ...time, description: 'It counts no longer than this. Default: as the maker’s.' }),
    allowed_addresses: Type.Optional(
      Type.Array(Type.String({ maxLength: 50 }), {
        minItems: 1,
        maxItems: allowedAddressesMax,
        description: 'Addresses and ranges (`10.0.0.0/8`) that it may be used from. Default: as the maker’s.',
      }),
    ),
  },
  { additionalProperties: false, examples: [{ scopes: ['verify'], expires_at: '2027-01-31T00:00:00Z' }] },
)

/** Keys, which are shown whole only once. */
export const apiKeyRoutes =
  (takes: KeyRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(making(takes))
    await app.register(listingAndRevoking(takes))
  }

const making =
  ({ businesses, answerOnce, now, permissionsOf }: KeyRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/api_keys',
      {
        config: { permission: 'access:admin' },
        schema: {
          operationId: 'createApiKey',
          summary: 'Create an API key',
          description:
            'In the mode of the key that asks, and for its application unless another is named. The new key never has ' +
            'more than the one that makes it, nor lives longer. It is shown this once.',
          tags: ['API keys'],
          headers: idempotencyHeader,
          body: Type.Optional(Type.Union([newKeyBody, Type.Null()])),
          response: { 201: newKeySchema },
          refusals: [...managing, platformRefusals.quota_reached],
        },
      },
      (request, reply) =>
        answerOnce(
          request,
          reply,
          async () => {
            const { businessId, applicationId, live, keyId } = callerOf(request)
            const { application_id: named, ...asked } = request.body ?? {}
            const application = named === undefined ? applicationId : requireId(accessIds.application, named)
            if (named !== undefined && !(await businesses.findApplication(businessId, application)))
              throw new Refusal(platformRefusals.resource_not_found)
            const [maker] = await businesses.findKeys(businessId, [keyId])
            if (!maker) throw new Refusal(platformRefusals.credentials_invalid)
            const grant = granted(maker, asked, permissionsOf, now())
            const owner = { businessId, applicationId: application, live }
            const created = await businesses.createKey(owner, now(), { ...grant, madeByKeyId: keyId })
            return { status: 201, body: { ...representKey(created), key: created.key } }
          },
          // Whoever lives shorter, or is bound to addresses, gets no key that another made.
          { isForAsker: true },
        ),
    )
  }

interface AskedBody {
  readonly scopes?: Scope[]
  readonly expires_at?: string
  readonly allowed_addresses?: string[]
}

function granted(maker: KeyGrant, asked: AskedBody, permissionsOf: KeyRoutes['permissionsOf'], now: Date): KeyGrant {
  const { scopes: wanted, expires_at: expiresAt, allowed_addresses: allowedAddresses } = asked
  try {
    return grantFor(
      maker,
      { scopes: wanted, allowedAddresses, expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt) },
      permissionsOf,
      now,
    )
  } catch (error) {
    if (!(error instanceof GrantRefused)) throw error
    const errors = [{ path: `body/${error.member}`, problem: error.problem }]
    throw new Refusal(platformRefusals.body_invalid, { errors })
  }
}

/** A test key sees those of its own mode only. */
const listingAndRevoking =
  ({ businesses, now }: KeyRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/api_keys',
      {
        config: { permission: 'access:keys' },
        schema: {
          operationId: 'listApiKeys',
          summary: 'List API keys',
          description: 'Without their secret parts. A test key sees test keys only.',
          tags: ['API keys'],
          querystring: pageQuery,
          response: { 200: pageOf(keySchema, 'keys') },
          refusals: managing,
        },
        preValidation: readLimit,
      },
      async (request) => {
        const { businessId, live } = callerOf(request)
        const seen = live ? {} : { live }
        const read = (page: { limit: number; after: string | undefined }) =>
          businesses.listKeys(businessId, { ...page, ...seen })
        return answerPage(request.query, accessIds.apiKey, read, representKey)
      },
    )

    app.delete(
      '/api_keys/:id',
      {
        config: { permission: 'access:admin' },
        schema: {
          operationId: 'revokeApiKey',
          summary: 'Revoke an API key',
          description:
            'It stops within five seconds on every server. A test key revokes no live key. What was made with ' +
            'it goes on, also what is a credential of its own (keys, gateways, public keys), unless ' +
            '`children=true` takes along whatever it made, and whatever that made. A key that was revoked before ' +
            'may still be revoked with its children.',
          tags: ['API keys'],
          params: idParameter,
          querystring: Type.Object(
            { children: Type.Optional(oneOf(['true', 'false'] as const)) },
            { additionalProperties: false },
          ),
          response: { 204: Type.Null({ description: 'It is revoked.' }) },
          refusals: refused.change,
        },
      },
      async (request, reply) => {
        const id = requireId(accessIds.apiKey, request.params.id)
        const { businessId, live } = callerOf(request)
        const [key] = await businesses.findKeys(businessId, [id])
        if (key?.live && !live) throw new Refusal(accessRefusals.live_key_required)
        const withChildren = request.query.children === 'true'
        if (!key || (await businesses.revokeKey(businessId, id, now(), withChildren)) === 0)
          throw new Refusal(platformRefusals.resource_not_found)
        return reply.status(204).send(null)
      },
    )
  }

const representKey = (key: ApiKey) => ({
  id: spellId(accessIds.apiKey, key.id),
  application_id: spellId(accessIds.application, key.applicationId),
  mode: key.live ? ('live' as const) : ('test' as const),
  hint: key.hint,
  scopes: [...key.scopes],
  allowed_addresses: key.allowedAddresses ? [...key.allowedAddresses] : null,
  made_by: key.madeByKeyId === undefined ? null : spellId(accessIds.apiKey, key.madeByKeyId),
  created_at: key.createdAt.toISOString(),
  expires_at: key.expiresAt?.toISOString() ?? null,
  last_used_at: key.lastUsedAt?.toISOString() ?? null,
  revoked_at: key.revokedAt?.toISOString() ?? null,
})
