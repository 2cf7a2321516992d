import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { stepWaitDefaultSeconds } from '#access/core/policy.ts'
import { nearestLocale } from '#platform/core/locale.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import { tellQuota } from '#platform/http/problem.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import { idempotencyHeader } from '#platform/http/schema-kit.ts'
import { sendQuota } from '#verification/core/verification.ts'
import type { Flows } from '#verification/flows/flows.ts'
import { readClient } from './read-client.ts'
import { refused } from './refused.ts'
import { representVerification } from './represent.ts'
import { startBody, verificationSchema } from './schemas.ts'

interface StartRoute extends Pick<Flows, 'start'>, Pick<IdempotentRequests, 'readIdempotency'> {
  readonly now: () => Date
}

export const startRoute =
  ({ start, now, readIdempotency }: StartRoute): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/verifications',
      {
        config: { permission: 'verification:write' },
        schema: {
          operationId: 'startVerification',
          summary: 'Start a verification',
          description:
            'Sends a code. Every start is a verification of its own, and what its check answers is the proof. Pending ones of the same application, recipient, purpose and length share a code, so that any message the person holds is right; a start that shares one sends it again when `resend_after` is over. The check with the right code ends the others as `canceled`.',
          tags: ['Verifications'],
          headers: idempotencyHeader,
          body: startBody,
          response: { 201: verificationSchema },
          refusals: refused.start,
        },
      },
      async (request, reply) => {
        const { body } = request
        const { verification } = await start(callerOf(request), {
          recipient: readRecipient(body.to),
          channel: body.channel,
          workflow: body.workflow?.map(({ channel, wait_seconds = stepWaitDefaultSeconds }) => ({
            channel,
            waitSeconds: wait_seconds,
          })),
          // Of a language that we do not have the application's own is sent, as everywhere.
          locale: body.locale === undefined ? undefined : nearestLocale(body.locale),
          purpose: body.purpose ?? 'verification',
          codeLength: body.code_length,
          expiresInSeconds: body.expires_in_seconds,
          code: body.code,
          transaction: body.transaction,
          client: body.client && readClient(body.client),
          metadata: body.metadata,
          idempotency: readIdempotency(request),
        })
        const answer = representVerification(verification, now())
        tellQuota(reply, sendQuota(verification.policy, verification.sentRecently, now()))
        return reply
          .status(201)
          .header('location', `${reply.server.basePath}/v1/verifications/${answer.id}`)
          .send(answer)
      },
    )
  }
