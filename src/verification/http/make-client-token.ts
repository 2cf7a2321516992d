import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Refusal } from '#platform/core/refusal.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import { idParameter } from '#platform/http/schema-kit.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'
import { statusAt } from '#verification/core/verification.ts'
import type { Flows } from '#verification/flows/flows.ts'
import { type ClientTokenKeys, makeClientToken } from './client-token.ts'
import { ownVerification } from './own-verification.ts'
import { refused } from './refused.ts'
import { clientTokenSchema } from './schemas.ts'

interface ClientTokenRoute extends Pick<Flows, 'load'> {
  readonly keys: ClientTokenKeys
  readonly now: () => Date
}

export const clientTokenRoute =
  ({ load, keys, now }: ClientTokenRoute): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/verifications/:id/client_token',
      {
        config: { permission: 'verification:write' },
        schema: {
          operationId: 'createClientToken',
          summary: 'Let a page check its own verification',
          description:
            'A token for a browser: it reads, checks and sends again this verification, until it expires, and opens nothing else.',
          tags: ['Verifications'],
          params: idParameter,
          body: Type.Optional(Type.Union([Type.Object({}, { additionalProperties: false }), Type.Null()])),
          response: { 200: clientTokenSchema },
          refusals: refused.token,
        },
      },
      async (request) => {
        const verification = await ownVerification({ load }, request, request.params.id)
        const { verification_expired, verification_closed } = verificationRefusals
        const status = statusAt(verification, now())
        if (status !== 'pending') throw new Refusal(status === 'expired' ? verification_expired : verification_closed)
        const { id, expiresAt, applicationId } = verification
        return {
          token: makeClientToken(keys, { ...callerOf(request), applicationId, verificationId: id, expiresAt }),
          expires_at: expiresAt.toISOString(),
        }
      },
    )
  }
