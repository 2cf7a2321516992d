import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '#platform/core/refusal.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import { tellQuota } from '#platform/http/problem.ts'
import { idempotencyHeader, idParameter } from '#platform/http/schema-kit.ts'
import type { MoveEvent } from '#verification/core/move.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'
import { sendQuota, type Verification } from '#verification/core/verification.ts'
import type { Flows } from '#verification/flows/flows.ts'
import { ownVerification } from './own-verification.ts'
import { refused } from './refused.ts'
import { representVerification } from './represent.ts'
import { channelBody, verificationSchema } from './schemas.ts'

interface MoveRoutes extends Pick<Flows, 'move' | 'stepTo' | 'load'>, Pick<IdempotentRequests, 'answerOnce'> {
  readonly now: () => Date
}

const texts = {
  resend: {
    operationId: 'resendCode',
    summary: 'Send the code again',
    description: 'The same code, on the same channel or the one named. Waits between sends grow.',
    refusals: refused.move,
  },
  next: {
    operationId: 'nextChannel',
    summary: 'Go on to the next channel',
    description: 'The same code on the next channel of the workflow, or on the one named.',
    refusals: refused.next,
  },
} as const

/** The three things that a person may ask of a pending verification. */
export const moveRoutes =
  (routes: MoveRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    const tags = ['Verifications']
    for (const kind of ['resend', 'next'] as const) {
      app.post(
        `/verifications/:id/${kind}`,
        {
          config: { permission: 'verification:write', takesClientToken: true },
          schema: {
            ...texts[kind],
            tags,
            params: idParameter,
            headers: idempotencyHeader,
            body: channelBody,
            response: { 200: verificationSchema },
          },
        },
        async (request, reply) => {
          const verification = await ownVerification(routes, request, request.params.id)
          const channel = request.body?.channel
          // What a page may ask for the business has decided: the workflow.
          if (channel && request.isFromPage && !verification.workflow.some((step) => step.channel === channel)) {
            throw new Refusal(verificationRefusals.channel_not_offered)
          }
          const step = channel && (await routes.stepTo(verification, channel))
          return answerMove(routes, request, reply, verification, { kind, ...(step && { step }) })
        },
      )
    }

    app.post(
      '/verifications/:id/cancel',
      {
        config: { permission: 'verification:write' },
        schema: {
          operationId: 'cancelVerification',
          summary: 'Cancel a verification',
          description:
            'Ends this verification. Others that share its code go on; with the last of them the code ends. What was sent still counts against the send limits.',
          tags,
          params: idParameter,
          headers: idempotencyHeader,
          body: Type.Optional(Type.Union([Type.Object({}, { additionalProperties: false }), Type.Null()])),
          response: { 200: verificationSchema },
          refusals: refused.cancel,
        },
      },
      async (request, reply) => {
        const verification = await ownVerification(routes, request, request.params.id)
        return answerMove(routes, request, reply, verification, { kind: 'cancel' })
      },
    )
  }

function answerMove(
  { move, now, answerOnce }: MoveRoutes,
  request: FastifyRequest,
  reply: FastifyReply,
  { businessId, id }: Verification,
  event: MoveEvent,
): Promise<void> {
  return answerOnce(request, reply, async () => {
    const { verification, refusal } = await move({ businessId, id }, event)
    if (refusal) throw refusal
    if (!verification) throw new Refusal(verificationRefusals.verification_not_found)
    tellQuota(reply, sendQuota(verification.policy, verification.sentRecently, now()))
    return { status: 200, body: representVerification(verification, now()) }
  })
}
