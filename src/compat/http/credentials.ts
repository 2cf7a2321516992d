import { requireCaller } from '#platform/http/authenticate.ts'
import { managing } from '#platform/http/refusals.ts'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Refusal } from '#platform/core/refusal.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import { spellSid } from '#compat/twilio/sid.ts'
import type { Context } from '#platform/http/context.ts'
import { requireId } from '#platform/http/require-id.ts'
import { idParameter } from '#platform/http/schema-kit.ts'
import { accessIds } from '#access/core/ids.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

const credentialsSchema = Type.Object(
  {
    twilio: Type.Object({
      account_sid: Type.String(),
      api_key_sid: Type.String({ description: 'Of the key that asks; either sid may be the user name.' }),
      service_sid: Type.String(),
    }),
    vonage: Type.Object({ api_key: Type.String(), application_id: Type.String() }),
    message_central: Type.Object({ customer_id: Type.String() }),
    secret: Type.String({ description: 'What the vendor’s secret or token is here.' }),
  },
  { description: 'The names.' },
)

export const credentialRoutes =
  (context: Context): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)

    app.get(
      '/applications/:id/credentials',
      {
        schema: {
          operationId: 'getCredentials',
          summary: 'Read what a vendor’s client signs in with',
          description: 'The names under which the vendors’ APIs know this application. None of them is a secret.',
          tags: ['Applications'],
          params: idParameter,
          response: { 200: credentialsSchema },
          refusals: managing,
        },
      },
      async (request) => {
        const { businessId, keyId } = callerOf(request)
        const id = requireId(accessIds.application, request.params.id)
        if (!(await context.businesses.findApplication(businessId, id)))
          throw new Refusal(platformRefusals.resource_not_found)
        const business = businessId.replaceAll('-', '')
        return {
          twilio: {
            account_sid: spellSid('account', businessId),
            api_key_sid: spellSid('apiKey', keyId),
            service_sid: spellSid('service', id),
          },
          vonage: { api_key: business.slice(-8), application_id: id },
          message_central: { customer_id: `C-${business.toUpperCase()}` },
          secret: 'one of your API keys',
        }
      },
    )
  }
