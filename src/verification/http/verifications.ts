import { refused } from '#verification/http/refused.ts'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { readId, spellId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { normaliseCode } from '#verification/core/code.ts'
import type { MoveEvent } from '#verification/core/move.ts'
import { stepWaitDefaultSeconds } from '#access/core/policy.ts'
import { sendQuota, statusAt, verificationStatuses } from '#verification/core/verification.ts'
import { checkCode } from '#verification/flows/check-code.ts'
import { chooseWorkflow } from '#verification/flows/choose-workflow.ts'
import { moveOn } from '#verification/flows/move-on.ts'
import { startVerification } from '#verification/flows/start-verification.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Channel } from '#platform/core/channel.ts'
import { callerOf, requireCaller } from '#platform/http/authenticate.ts'
import { readLimit } from '#platform/http/page.ts'
import type { Context } from '#platform/http/context.ts'
import { tellQuota } from '#platform/http/problem.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import { letPageRead, makeClientToken, showToPage } from './client-token.ts'
import { representTimeline, representVerification } from './represent.ts'
import { idempotencyHeader, idParameter, oneOf } from '#platform/http/schema-kit.ts'
import {
  channelBody,
  checkBody,
  checkSchema,
  clientTokenSchema,
  startBody,
  verificationSchema,
  verificationWithTimelineSchema,
} from './schemas.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { verificationIds } from '#verification/core/ids.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'

export const verificationRoutes =
  (context: Context): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { outside } = context
    app.addHook('onRequest', async (request, reply) => letPageRead(request, reply))
    requireCaller(app)
    app.addHook('preSerialization', (request, _reply, payload, done) =>
      done(null, request.isFromPage ? showToPage(payload) : payload),
    )
    const tags = ['Verifications']

    app.post(
      '/verifications',
      {
        schema: {
          operationId: 'startVerification',
          summary: 'Start a verification',
          description:
            'Sends a code. Starting again for the same recipient and purpose sends the pending one again, with the same code.',
          tags,
          headers: idempotencyHeader,
          body: startBody,
          response: { 200: verificationSchema, 201: verificationSchema },
          refusals: refused.start,
        },
      },
      async (request, reply) => {
        const { body } = request
        const { verification, isNew } = await startVerification(outside, callerOf(request), {
          recipient: readRecipient(body.to),
          channel: body.channel,
          workflow: body.workflow?.map(({ channel, wait_seconds = stepWaitDefaultSeconds }) => ({
            channel,
            waitSeconds: wait_seconds,
          })),
          locale: body.locale,
          purpose: body.purpose ?? 'verification',
          codeLength: body.code_length,
          expiresInSeconds: body.expires_in_seconds,
          code: body.code,
          transaction: body.transaction,
          metadata: body.metadata,
          idempotency: context.idempotent.readIdempotency(request),
        })
        const answer = representVerification(verification, outside.now())
        tellQuota(reply, sendQuota(verification.policy, verification.sentRecently, outside.now()))
        return reply
          .status(isNew ? 201 : 200)
          .header('location', `/v1/verifications/${answer.id}`)
          .send(answer)
      },
    )

    app.post(
      '/verifications/:id/check',
      {
        config: { takesClientToken: true },
        schema: {
          operationId: 'checkCode',
          summary: 'Check a code',
          description: 'A wrong code is an answer (`valid: false`), not an error.',
          tags,
          params: idParameter,
          headers: idempotencyHeader,
          body: checkBody,
          response: { 200: checkSchema },
          refusals: refused.check,
        },
      },
      async (request) => {
        const code = normaliseCode(request.body.code)
        if (code === undefined) {
          throw new Refusal(platformRefusals.body_invalid, {
            errors: [{ path: 'body/code', problem: 'must consist of digits' }],
          })
        }
        const checked = await checkCode(outside, callerOf(request), {
          id: verificationId(request.params.id),
          code,
          transaction: request.body.transaction,
          idempotency: context.idempotent.readIdempotency(request),
        })
        return {
          id: request.params.id,
          status: checked.status,
          valid: checked.isValid,
          checks_remaining: checked.status === 'pending' ? checked.checksRemaining : 0,
        }
      },
    )

    /** The three things a person may ask of a pending verification. */
    const move = async (request: FastifyRequest, reply: FastifyReply, id: string, event: MoveEvent): Promise<void> => {
      const caller = callerOf(request)
      const key = { businessId: caller.businessId, id: await ownVerificationId(context, request, id) }
      return context.idempotent.answerOnce(request, reply, async () => {
        const { verification, refusal } = await moveOn(outside, key, event)
        if (refusal) throw refusal
        if (!verification) throw new Refusal(verificationRefusals.verification_not_found)
        const body = representVerification(verification, outside.now())
        tellQuota(reply, sendQuota(verification.policy, verification.sentRecently, outside.now()))
        return { status: 200, body }
      })
    }

    /** The step for a channel that was named: it must suit the recipient and have a sender. */
    const stepFor = async (request: FastifyRequest, id: string, channel: Channel | undefined) => {
      if (channel === undefined) return {}
      const caller = callerOf(request)
      const verification = await outside.engine.load({ businessId: caller.businessId, id: verificationId(id) })
      if (!verification) throw new Refusal(verificationRefusals.verification_not_found)
      const senders = await outside.listSenders(caller.businessId)
      const [step] = chooseWorkflow(senders, caller.live, undefined, { recipient: verification.recipient, channel })
      return { step }
    }

    for (const kind of ['resend', 'next'] as const) {
      app.post(
        `/verifications/:id/${kind}`,
        {
          config: { takesClientToken: true },
          schema: {
            operationId: kind === 'resend' ? 'resendCode' : 'nextChannel',
            summary: kind === 'resend' ? 'Send the code again' : 'Go on to the next channel',
            description:
              kind === 'resend'
                ? 'The same code, on the same channel or the one named. Waits between sends grow.'
                : 'The same code on the next channel of the workflow, or on the one named.',
            tags,
            params: idParameter,
            headers: idempotencyHeader,
            body: channelBody,
            response: { 200: verificationSchema },
            refusals: kind === 'next' ? refused.next : refused.move,
          },
        },
        async (request, reply) => {
          const { id } = request.params
          return move(request, reply, id, { kind, ...(await stepFor(request, id, request.body?.channel)) })
        },
      )
    }

    app.post(
      '/verifications/:id/cancel',
      {
        schema: {
          operationId: 'cancelVerification',
          summary: 'Cancel a verification',
          description:
            'Frees the recipient for a new verification at once; what was sent still counts against the send limits.',
          tags,
          params: idParameter,
          headers: idempotencyHeader,
          body: Type.Optional(Type.Union([Type.Object({}, { additionalProperties: false }), Type.Null()])),
          response: { 200: verificationSchema },
          refusals: refused.move,
        },
      },
      (request, reply) => move(request, reply, request.params.id, { kind: 'cancel' }),
    )

    app.post(
      '/verifications/:id/client_token',
      {
        schema: {
          operationId: 'createClientToken',
          summary: 'Let a page check its own verification',
          description:
            'A token for a browser: it reads, checks and sends again this verification, until it expires, and opens nothing else.',
          tags,
          params: idParameter,
          body: Type.Optional(Type.Union([Type.Object({}, { additionalProperties: false }), Type.Null()])),
          response: { 200: clientTokenSchema },
          refusals: refused.token,
        },
      },
      async (request) => {
        const caller = callerOf(request)
        const id = verificationId(request.params.id)
        const verification = await outside.engine.load({ businessId: caller.businessId, id })
        if (!verification || verification.live !== caller.live)
          throw new Refusal(verificationRefusals.verification_not_found)
        const status = statusAt(verification, outside.now())
        if (status !== 'pending')
          throw new Refusal(
            status === 'expired' ? verificationRefusals.verification_expired : verificationRefusals.verification_closed,
          )
        const { expiresAt, applicationId } = verification
        return {
          token: makeClientToken(outside.keys, { ...caller, applicationId, verificationId: id, expiresAt }),
          expires_at: expiresAt.toISOString(),
        }
      },
    )

    app.get(
      '/verifications/:id',
      {
        config: { takesClientToken: true },
        schema: {
          operationId: 'getVerification',
          summary: 'Read a verification and its timeline',
          tags,
          params: idParameter,
          response: { 200: verificationWithTimelineSchema },
          refusals: refused.read,
        },
      },
      async (request) => {
        const { businessId, live } = callerOf(request)
        const id = verificationId(request.params.id)
        const verification = await outside.engine.load({ businessId, id })
        if (!verification || verification.live !== live) throw new Refusal(verificationRefusals.verification_not_found)
        const timeline = await context.events.timeline(businessId, id)
        return { ...representVerification(verification, outside.now()), timeline: representTimeline(timeline) }
      },
    )

    app.get(
      '/verifications',
      {
        schema: {
          operationId: 'listVerifications',
          summary: 'List verifications, newest first',
          tags,
          querystring: Type.Object(
            {
              to: Type.Optional(Type.String({ maxLength: 254 })),
              status: Type.Optional(oneOf(verificationStatuses)),
              purpose: Type.Optional(Type.String({ maxLength: 40 })),
              limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
              cursor: Type.Optional(Type.String({ maxLength: 64 })),
            },
            { additionalProperties: false },
          ),
          response: {
            200: Type.Object(
              {
                data: Type.Array(verificationSchema),
                next_cursor: Type.Union([Type.String(), Type.Null()]),
              },
              { description: 'A page of verifications; `next_cursor` is null on the last one.' },
            ),
          },
          refusals: refused.list,
        },
        preValidation: readLimit,
      },
      async (request) => {
        const { businessId, live } = callerOf(request)
        const { to, status, purpose, limit = 20, cursor } = request.query
        const now = outside.now()
        const found = await context.verifications.list({
          businessId,
          live,
          // In a query a plus may have come as a space.
          recipient: to === undefined ? undefined : readRecipient(to.trim()),
          status,
          purpose,
          before: cursor === undefined ? undefined : readCursor(cursor),
          limit: limit + 1,
          now,
        })
        const page = found.slice(0, limit)
        const last = page.at(-1)
        return {
          data: page.map((verification) => representVerification(verification, now)),
          next_cursor: found.length > limit && last ? spellId(verificationIds.verification, last.id) : null,
        }
      },
    )
  }

function readCursor(cursor: string): string {
  const id = readId(verificationIds.verification, cursor)
  if (id !== undefined) return id
  const problem = 'must be the next_cursor of the page before'
  throw new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'querystring/cursor', problem }] })
}

function verificationId(spelled: string): string {
  const id = readId(verificationIds.verification, spelled)
  if (id === undefined) throw new Refusal(verificationRefusals.verification_not_found)
  return id
}

/** A test key does not move a live verification, nor the other way round. */
async function ownVerificationId(context: Context, request: FastifyRequest, spelled: string): Promise<string> {
  const { businessId, live } = callerOf(request)
  const id = verificationId(spelled)
  const verification = await context.outside.engine.load({ businessId, id })
  if (!verification || verification.live !== live) throw new Refusal(verificationRefusals.verification_not_found)
  return id
}
