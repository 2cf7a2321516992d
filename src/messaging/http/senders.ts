import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { spellId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { type Sender, senderPurposes } from '#messaging/core/channel.ts'
import { authenticate, callerOf } from '#access/http/authenticate.ts'
import type { Context } from '#platform/http/context.ts'
import { answerOnce } from '#platform/http/idempotency.ts'
import { requireId } from '#access/http/businesses.ts'
import { channelSchema, idempotencyHeader, idParameter, oneOf } from '#verification/http/schemas.ts'

const senderSchema = Type.Object(
  {
    id: Type.String(),
    mode: oneOf(['test', 'live'] as const),
    channel: channelSchema,
    provider: Type.String(),
    purpose: oneOf(senderPurposes),
    config: Type.Record(Type.String(), Type.Unknown()),
    webhook_url: Type.String({ description: 'Where the provider sends its receipts.' }),
  },
  { description: 'The sender.' },
)

const smsSender = {
  channel: 'sms',
  provider: 'sms-http',
  config: {
    url: 'https://api.gateway.example/v2/messages',
    headers: { authorization: 'Bearer {{secret.api}}' },
    body: { to: '{{to}}', text: '{{text}}' },
  },
  secrets: { api: 'the key that the gateway gave you' },
}

/** The numbers and sender ids of a business. Credentials go in and never come out. */
export const senderRoutes =
  (context: Context): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.addHook('onRequest', (request) => authenticate(context, request))
    const tags = ['Senders']

    app.post(
      '/senders',
      {
        schema: {
          operationId: 'createSender',
          summary: 'Add a sender',
          description: 'For the mode of the key that asks: a sender made with a live key sends for real.',
          tags,
          headers: idempotencyHeader,
          body: Type.Object(
            {
              channel: channelSchema,
              provider: Type.String({ maxLength: 60 }),
              purpose: Type.Optional(oneOf(senderPurposes)),
              config: Type.Record(Type.String({ maxLength: 60 }), Type.Unknown()),
              secrets: Type.Record(Type.String({ maxLength: 60 }), Type.String({ maxLength: 4000 })),
            },
            { additionalProperties: false, examples: [smsSender] },
          ),
          response: { 201: senderSchema },
          refusals: 'manage',
        },
      },
      (request, reply) =>
        answerOnce(context, request, reply, async () => {
          const { businessId, live } = callerOf(request)
          const { purpose = 'authentication', ...rest } = request.body
          const sender = { businessId, live, purpose, ...rest }
          const errors = await context.senders.validate(sender)
          if (errors.length > 0) throw new Refusal('body_invalid', { errors })
          const created = await context.senders.create(sender, context.world.now())
          return { status: 201, body: represent(context, created) }
        }),
    )

    app.get(
      '/senders',
      {
        schema: {
          operationId: 'listSenders',
          summary: 'List senders',
          tags,
          response: { 200: Type.Object({ data: Type.Array(senderSchema) }, { description: 'The senders.' }) },
          refusals: 'manage',
        },
      },
      async (request) => {
        const { businessId, live } = callerOf(request)
        const senders = await context.senders.list(businessId)
        return {
          data: senders
            .filter((sender) => sender.live === live && sender.businessId === businessId)
            .map((sender) => represent(context, sender)),
        }
      },
    )

    app.delete(
      '/senders/:id',
      {
        schema: {
          operationId: 'removeSender',
          summary: 'Remove a sender',
          description: 'Nothing is sent from it any more; receipts of what was sent are still read.',
          tags,
          params: idParameter,
          response: { 204: Type.Null({ description: 'It is removed.' }) },
          refusals: 'manage',
        },
      },
      async (request, reply) => {
        const { businessId, live } = callerOf(request)
        const id = requireId('sender', request.params.id)
        const owned = (await context.senders.list(businessId)).some(
          (sender) => sender.id === id && sender.live === live && sender.businessId === businessId,
        )
        if (!owned || !(await context.senders.disable(businessId, id, context.world.now()))) {
          throw new Refusal('resource_not_found')
        }
        return reply.status(204).send(null)
      },
    )
  }

const represent = (context: Context, sender: Sender) => ({
  id: spellId('sender', sender.id),
  mode: sender.live ? ('live' as const) : ('test' as const),
  channel: sender.channel,
  provider: sender.provider,
  purpose: sender.purpose,
  config: { ...sender.config },
  webhook_url: `${context.publicUrl}/webhooks/${spellId('sender', sender.id)}`,
})
