import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { accessIds } from '#access/core/ids.ts'
import type { BusinessStore } from '#access/store/businesses.ts'
import { spellId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { requireOperator } from '#platform/http/authenticate.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import { answerPage, pageOf, pageQuery, readLimit } from '#platform/http/page.ts'
import { posting } from '#platform/http/refusals.ts'
import { idempotencyHeader, localeSchema, nameSchema, oneOf } from '#platform/http/schema-kit.ts'
import { requireLocale } from './require-locale.ts'

interface OperatorRoutes extends Pick<IdempotentRequests, 'answerOnce'> {
  readonly businesses: Pick<BusinessStore, 'create' | 'createKey' | 'list'>
  readonly now: () => Date
}

/** For the operator: the businesses of the server. */
export const operatorRoutes =
  (takes: OperatorRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireOperator(app)
    await app.register(listing(takes))
    await app.register(making(takes))
  }

const tags = ['Operator']

const listing =
  ({ businesses }: Pick<OperatorRoutes, 'businesses'>): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/businesses',
      {
        config: { permission: 'operator' },
        schema: {
          operationId: 'listBusinesses',
          summary: 'List businesses',
          description: 'For the operator: every business of this server.',
          tags,
          querystring: pageQuery,
          response: { 200: pageOf(Type.Object({ id: Type.String(), name: Type.String() }), 'businesses') },
          refusals: [],
        },
        preValidation: readLimit,
      },
      (request) =>
        answerPage(
          request.query,
          accessIds.business,
          (page) => businesses.list(page),
          ({ id, name }) => ({
            id: spellId(accessIds.business, id),
            name,
          }),
        ),
    )
  }

/** Each with an application and its first key. */
const making =
  ({ businesses, answerOnce, now }: OperatorRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/businesses',
      {
        config: { permission: 'operator' },
        schema: {
          operationId: 'createBusiness',
          summary: 'Create a business',
          description:
            'For the operator. The answer holds a key of the business, of scope `admin`; it is shown this once. The key of the demo makes test businesses only.',
          tags,
          headers: idempotencyHeader,
          body: Type.Object(
            {
              name: nameSchema,
              brand: Type.Optional(nameSchema),
              locale: Type.Optional(localeSchema),
              mode: Type.Optional(oneOf(['test', 'live'] as const)),
            },
            { additionalProperties: false, examples: [{ name: 'Toko Budi', locale: 'id', mode: 'test' }] },
          ),
          response: {
            201: Type.Object(
              {
                id: Type.String(),
                name: Type.String(),
                application_id: Type.String(),
                api_key: Type.String(),
              },
              { description: 'The business, with its key.' },
            ),
          },
          refusals: posting,
        },
      },
      async (request, reply) => {
        const { name, brand, mode = 'test' } = request.body
        const locale = request.body.locale === undefined ? undefined : requireLocale(request.body.locale)
        // Whoever can open the demo's page can read its key.
        if (mode === 'live' && request.operator !== 'operator') throw new Refusal(platformRefusals.operator_required)
        return answerOnce(request, reply, async () => {
          const at = now()
          const business = await businesses.create({ name, brand, locale }, at)
          const owner = { businessId: business.id, applicationId: business.applicationId, live: mode === 'live' }
          const { key } = await businesses.createKey(owner, at, { scopes: ['admin'] })
          const body = {
            id: spellId(accessIds.business, business.id),
            name: business.name,
            application_id: spellId(accessIds.application, business.applicationId),
            api_key: key,
          }
          return { status: 201, body }
        })
      },
    )
  }
