import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { spellId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { authenticateOperator } from './authenticate.ts'
import type { Context } from '#platform/http/context.ts'
import { answerOnce } from '#platform/http/idempotency.ts'
import { readRecipient } from '#messaging/http/recipient.ts'
import { requireId } from './businesses.ts'
import { idempotencyHeader, idParameter, localeSchema, nameSchema, oneOf } from '#verification/http/schemas.ts'

/** For the operator: businesses are made here, each with an application and its first key. */
export const operatorRoutes =
  (context: Context): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.addHook('onRequest', (request) => authenticateOperator(context, request))
    const tags = ['Operator']

    app.post(
      '/businesses',
      {
        schema: {
          operationId: 'createBusiness',
          summary: 'Create a business',
          description:
            'For the operator. The answer holds a key of the business; it is shown this once. The key of the demo makes test businesses only.',
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
          refusals: 'operate',
        },
      },
      async (request, reply) => {
        const { name, brand, locale, mode = 'test' } = request.body
        // Whoever can open the demo's page can read its key.
        if (mode === 'live' && request.operator !== 'operator') throw new Refusal('operator_required')
        return answerOnce(context, request, reply, async () => {
          const now = context.world.now()
          const business = await context.businesses.create({ name, brand, locale }, now)
          const owner = { businessId: business.id, applicationId: business.applicationId, live: mode === 'live' }
          const { key } = await context.businesses.createKey(owner, now)
          const body = {
            id: spellId('business', business.id),
            name: business.name,
            application_id: spellId('application', business.applicationId),
            api_key: key,
          }
          return { status: 201, body }
        })
      },
    )

    app.post(
      '/businesses/:id/budgets/reset',
      {
        schema: {
          operationId: 'resetBudget',
          summary: "Reset a recipient's failure budget",
          description: 'For the operator, after the person was confirmed by another factor.',
          tags,
          params: idParameter,
          headers: idempotencyHeader,
          body: Type.Object(
            { recipient: Type.String({ minLength: 3, maxLength: 254 }) },
            { additionalProperties: false, examples: [{ recipient: '+6281234567890' }] },
          ),
          response: {
            200: Type.Object({ reset: Type.Boolean() }, { description: 'Whether there was a budget to reset.' }),
          },
          refusals: 'reset',
        },
      },
      (request, reply) => {
        const id = requireId('business', request.params.id)
        const recipient = readRecipient(request.body.recipient)
        return answerOnce(context, request, reply, async () => ({
          status: 200,
          body: { reset: await context.businesses.resetBudget(id, recipient) },
        }))
      },
    )
  }
