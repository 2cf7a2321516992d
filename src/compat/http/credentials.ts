import { requireCaller } from '#platform/http/authenticate.ts'
import { managing } from '#platform/http/refusals.ts'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Refusal } from '#platform/core/refusal.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import { requireId } from '#platform/http/require-id.ts'
import { idParameter } from '#platform/http/schema-kit.ts'
import { accessIds } from '#access/core/ids.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { AccessPort } from '#access/port.ts'
import type { Caller } from '#platform/core/caller.ts'

interface CredentialRoute {
  readonly businesses: Pick<AccessPort['businesses'], 'findApplication'>
  /** By vendor: the names that its clients have for a caller and an application. */
  readonly credentials: {
    readonly twilio: (
      caller: Caller,
      applicationId: string,
    ) => { account_sid: string; api_key_sid: string; service_sid: string }
    readonly vonage: (caller: Caller, applicationId: string) => { api_key: string; application_id: string }
    readonly message_central: (caller: Caller) => { customer_id: string }
  }
}

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
    secret_without_punctuation: Type.String({
      description:
        'How the same secret is spelled for a client that takes letters and digits only, as Twilio’s for Go.',
    }),
  },
  { description: 'The names.' },
)

export const credentialRoutes =
  ({ businesses, credentials }: CredentialRoute): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)

    app.get(
      '/applications/:id/credentials',
      {
        config: { permission: 'access:read' },
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
        const caller = callerOf(request)
        const id = requireId(accessIds.application, request.params.id)
        if (!(await businesses.findApplication(caller.businessId, id)))
          throw new Refusal(platformRefusals.resource_not_found)
        return {
          twilio: credentials.twilio(caller, id),
          vonage: credentials.vonage(caller, id),
          message_central: credentials.message_central(caller),
          secret: 'one of your API keys',
          secret_without_punctuation: 'the same API key without its _ and -: cktest… or cklive…',
        }
      },
    )
  }
