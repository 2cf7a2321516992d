import { refused } from './refused.ts'
import { managing } from '#platform/http/refusals.ts'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import { readId, spellId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Recipient } from '#messaging/core/message.ts'
import { type Chat, sendMessage } from '#messaging/flows/chat.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import { callerOf, requireCaller } from '#platform/http/authenticate.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import { requireId } from '#platform/http/require-id.ts'
import { invalid, messageBody, messageSchema, readContent, representMessage } from './message-schemas.ts'
import { idempotencyHeader, idParameter } from '#platform/http/schema-kit.ts'
import { readLimit } from '#platform/http/page.ts'
import { messagingIds } from '#messaging/core/ids.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

interface MessageRoutes extends IdempotentRequests {
  readonly chat: Chat
}

/** Chats with people: beside codes, from numbers of their own. */
export const messageRoutes =
  (takes: MessageRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    await app.register(sending(takes))
    await app.register(reading(takes))
    await app.register(listing(takes))
  }

/** What the business says. */
const sending =
  ({ chat, readIdempotency, answerOnce }: MessageRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    const tags = ['Messages']

    app.post(
      '/messages',
      {
        config: { permission: 'messaging:chat' },
        schema: {
          operationId: 'sendMessage',
          summary: 'Send a message',
          description:
            'By WhatsApp, from a sender of purpose `utility` or `service`; never from one for codes. It is sent while ' +
            'you wait, once: what fails is yours to send again. Free text, buttons and lists reach only people who ' +
            'wrote in the last 24 hours; a template reaches everybody.',
          tags,
          headers: idempotencyHeader,
          body: messageBody,
          response: { 201: messageSchema },
          refusals: refused.say,
        },
      },
      (request, reply) => {
        const content = readContent(request.body)
        const to = readTo(request.body)
        const { reply_to: replyTo, metadata } = request.body
        const replyToId = replyTo === undefined ? undefined : requireId(messagingIds.message, replyTo)
        const wanted = { to, content, replyTo: replyToId, metadata, idempotency: readIdempotency(request) }
        return answerOnce(request, reply, async () => {
          const sent = await sendMessage(chat, callerOf(request), wanted)
          return { status: 201, body: representMessage(sent) }
        })
      },
    )
  }

/** One, as it stands now. */
const reading =
  ({ chat }: MessageRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    const tags = ['Messages']

    app.get(
      '/messages/:id',
      {
        config: { permission: 'messaging:read' },
        schema: {
          operationId: 'getMessage',
          summary: 'Read a message',
          tags,
          params: idParameter,
          response: { 200: messageSchema },
          refusals: managing,
        },
      },
      async (request) => {
        const { businessId, live } = callerOf(request)
        const id = requireId(messagingIds.message, request.params.id)
        const found = await chat.messages.find(businessId, live, id, chat.now())
        if (!found) throw new Refusal(platformRefusals.resource_not_found)
        return representMessage(found)
      },
    )
  }

/** Chats, the newest message first. */
const listing =
  ({ chat }: MessageRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    const tags = ['Messages']

    app.get(
      '/messages',
      {
        config: { permission: 'messaging:read' },
        schema: {
          operationId: 'listMessages',
          summary: 'List messages',
          description: 'The newest first; with `contact`, the chat with one person.',
          tags,
          querystring: Type.Object(
            {
              contact: Type.Optional(
                Type.String({ maxLength: 64, description: 'Their number in any spelling, or their `con_…`.' }),
              ),
              limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
              cursor: Type.Optional(Type.String({ maxLength: 64 })),
            },
            { additionalProperties: false },
          ),
          response: {
            200: Type.Object(
              { data: Type.Array(messageSchema), next_cursor: Type.Union([Type.String(), Type.Null()]) },
              { description: 'A page of messages; `next_cursor` is null on the last one.' },
            ),
          },
          refusals: refused.list,
        },
        preValidation: readLimit,
      },
      async (request) => {
        const { businessId, live } = callerOf(request)
        const { contact, limit = 20, cursor } = request.query
        const found = await chat.messages.list({
          businessId,
          live,
          contact: contact === undefined ? undefined : readContact(contact),
          before: cursor === undefined ? undefined : readCursor(cursor),
          limit: limit + 1,
          now: chat.now(),
        })
        const last = found.slice(0, limit).at(-1)
        return {
          data: found.slice(0, limit).map(representMessage),
          next_cursor: found.length > limit && last ? spellId(messagingIds.message, last.id) : null,
        }
      },
    )
  }

/** Whom a message is for; undefined: whoever wrote what it answers. */
function readTo({ to, contact_id: contactId, reply_to: replyTo }: Static<typeof messageBody>): Recipient | undefined {
  if (to !== undefined && contactId !== undefined)
    throw invalid('body/contact_id', 'and to can not be in one message: either names the person')
  if (contactId !== undefined) return { contactId: requireId(messagingIds.contact, contactId) }
  if (to !== undefined) return { phone: readPhone(to) }
  if (replyTo === undefined) throw invalid('body/to', 'is required, unless contact_id or reply_to names the person')
  return undefined
}

function readContact(text: string): Recipient {
  const contactId = readId(messagingIds.contact, text)
  // In a query a plus may have come as a space.
  return contactId === undefined ? { phone: readPhone(text.trim()) } : { contactId }
}

function readPhone(text: string): string {
  const recipient = readRecipient(text)
  if (recipient.includes('@')) throw new Refusal(platformRefusals.recipient_invalid)
  return recipient
}

function readCursor(cursor: string): string {
  const id = readId(messagingIds.message, cursor)
  if (id !== undefined) return id
  const problem = 'must be the next_cursor of the page before'
  throw new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'querystring/cursor', problem }] })
}
