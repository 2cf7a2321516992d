import type { CachedSenderStore } from '#messaging/store/cached-senders.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import { answerPage, pageAmong, pageOf, pageQuery, readLimit } from '#platform/http/page.ts'
import { managing } from '#platform/http/refusals.ts'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { spellId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { noticeKinds, type SenderNotice } from '#messaging/core/notice.ts'
import { type Sender, senderPurposes } from '#messaging/core/sender.ts'
import { callerOf, requireCaller } from '#platform/http/authenticate.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import { refused } from './refused.ts'
import { requireId } from '#platform/http/require-id.ts'
import { channelSchema, idempotencyHeader, idParameter, oneOf, orNull } from '#platform/http/schema-kit.ts'
import { messagingIds } from '#messaging/core/ids.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

const senderSchema = Type.Object(
  {
    id: Type.String(),
    mode: oneOf(['test', 'live'] as const),
    channel: channelSchema,
    provider: Type.String(),
    purpose: oneOf(senderPurposes),
    config: Type.Record(Type.String(), Type.Unknown()),
    webhook_url: Type.String({ description: 'Where the provider sends its receipts.' }),
    notices: Type.Array(
      Type.Object({
        kind: oneOf(noticeKinds),
        check: Type.String({ description: 'What it is about, for example one template.' }),
        state: oneOf(['ok', 'warning', 'problem'] as const),
        detail: Type.String({ description: "In the provider's words." }),
        mend: orNull(Type.String({ description: 'What to do about it.' })),
        at: Type.String({ format: 'date-time' }),
      }),
      {
        description:
          'What the provider told of it, and what its messages fail by: of each check the newest, 50 at most.',
      },
    ),
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

interface SenderRoutes extends Pick<IdempotentRequests, 'answerOnce'> {
  readonly senders: Pick<CachedSenderStore, 'create' | 'list' | 'disable'>
  /** What is wrong with a sender's fields, by its provider's rules. */
  readonly invalidFields: (
    sender: Omit<Sender, 'id'>,
  ) => Promise<readonly { readonly path: string; readonly problem: string }[]>
  readonly notices: { list(businessId: string): Promise<ReadonlyMap<string, readonly SenderNotice[]>> }
  readonly identity: { forget(businessId: string, sender: Sender, phone: string): Promise<boolean> }
  readonly publicUrl: () => string
  readonly now: () => Date
}

/** The numbers and sender ids of a business. Credentials go in and never come out. */
export const senderRoutes =
  (takes: SenderRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    await app.register(adding(takes))
    await app.register(listingAndRemoving(takes))
    await app.register(accepting(takes))
  }

/** Credentials go in and never come out. */
const adding =
  (routes: SenderRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    const tags = ['Senders']

    app.post(
      '/senders',
      {
        config: { permission: 'messaging:admin' },
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
          refusals: [...managing, platformRefusals.quota_reached],
        },
      },
      (request, reply) =>
        routes.answerOnce(request, reply, async () => {
          const { businessId, live, keyId } = callerOf(request)
          const { purpose = 'authentication', ...rest } = request.body
          const sender = { businessId, live, purpose, ...rest }
          const errors = await routes.invalidFields(sender)
          if (errors.length > 0) throw new Refusal(platformRefusals.body_invalid, { errors })
          const created = await routes.senders.create(sender, routes.now(), { keyId })
          return { status: 201, body: represent(routes, created) }
        }),
    )
  }

/** Those of the business and of the mode of the key. */
const listingAndRemoving =
  (routes: SenderRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    const tags = ['Senders']

    app.get(
      '/senders',
      {
        config: { permission: 'messaging:senders' },
        schema: {
          operationId: 'listSenders',
          summary: 'List senders',
          tags,
          querystring: pageQuery,
          response: { 200: pageOf(senderSchema, 'senders') },
          refusals: managing,
        },
        preValidation: readLimit,
      },
      async (request) => {
        const { businessId, live } = callerOf(request)
        const senders = await routes.senders.list(businessId)
        const notices = await routes.notices.list(businessId)
        const own = senders.filter((sender) => sender.live === live && sender.businessId === businessId)
        return answerPage(request.query, messagingIds.sender, pageAmong(own), (sender) =>
          represent(routes, sender, notices.get(sender.id)),
        )
      },
    )

    app.delete(
      '/senders/:id',
      {
        config: { permission: 'messaging:admin' },
        schema: {
          operationId: 'removeSender',
          summary: 'Remove a sender',
          description: 'Nothing is sent from it any more; receipts of what was sent are still read.',
          tags,
          params: idParameter,
          response: { 204: Type.Null({ description: 'It is removed.' }) },
          refusals: managing,
        },
      },
      async (request, reply) => {
        const { businessId, live, keyId } = callerOf(request)
        const id = requireId(messagingIds.sender, request.params.id)
        const owned = (await routes.senders.list(businessId)).some(
          (sender) => sender.id === id && sender.live === live && sender.businessId === businessId,
        )
        if (!owned || !(await routes.senders.disable(businessId, id, routes.now(), { keyId }))) {
          throw new Refusal(platformRefusals.resource_not_found)
        }
        return reply.status(204).send(null)
      },
    )
  }

/** Who is behind a number has changed: until the business says that it is the same person, nothing is sent to them. */
const accepting =
  (routes: SenderRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/senders/:id/accept_identity',
      {
        config: { permission: 'messaging:admin' },
        schema: {
          operationId: 'acceptIdentity',
          summary: 'Accept the account behind a number',
          description:
            'Of a sender with `identity_check`: the person has proven by another way who they are. The account that is ' +
            'behind the number at the next message is the one that is sent to from then on.',
          tags: ['Senders'],
          params: idParameter,
          headers: idempotencyHeader,
          body: Type.Object(
            { to: Type.String({ minLength: 1, maxLength: 40, description: 'Phone number in E.164 form.' }) },
            { additionalProperties: false, examples: [{ to: '+6281234567890' }] },
          ),
          response: { 200: Type.Object({ accepted: Type.Boolean() }, { description: 'False: none was known.' }) },
          refusals: [...managing, ...refused.list],
        },
      },
      (request, reply) =>
        routes.answerOnce(request, reply, async () => {
          const { businessId, live } = callerOf(request)
          const id = requireId(messagingIds.sender, request.params.id)
          const to = readRecipient(request.body.to)
          const sender = (await routes.senders.list(businessId)).find(
            // A shared one too: the people it sends to are each business's own.
            (one) => one.id === id && one.live === live,
          )
          if (!sender) throw new Refusal(platformRefusals.resource_not_found)
          return { status: 200, body: { accepted: await routes.identity.forget(businessId, sender, to) } }
        }),
    )
  }

const represent = ({ publicUrl }: SenderRoutes, sender: Sender, notices: readonly SenderNotice[] = []) => ({
  id: spellId(messagingIds.sender, sender.id),
  mode: sender.live ? ('live' as const) : ('test' as const),
  channel: sender.channel,
  provider: sender.provider,
  purpose: sender.purpose,
  config: { ...sender.config },
  webhook_url: `${publicUrl()}/webhooks/${spellId(messagingIds.sender, sender.id)}`,
  notices: notices.map(({ kind, check, state, detail, mend, at }) => ({
    kind,
    check,
    state,
    detail,
    mend: mend ?? null,
    at: at.toISOString(),
  })),
})
