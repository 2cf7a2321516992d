import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { readId, spellId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { EventStore } from '#platform/events/event-store.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import { readLimit } from '#platform/http/page.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import { idParameter, oneOf } from '#platform/http/schema-kit.ts'
import { verificationIds } from '#verification/core/ids.ts'
import { type Verification, verificationStatuses } from '#verification/core/verification.ts'
import type { Flows } from '#verification/flows/flows.ts'
import type { VerificationStore } from '#verification/store/verifications.ts'
import { ownVerification } from './own-verification.ts'
import { refused } from './refused.ts'
import { representTimeline, representVerification } from './represent.ts'
import { verificationSchema, verificationWithTimelineSchema } from './schemas.ts'

interface ReadRoutes extends Pick<Flows, 'load'> {
  readonly verifications: Pick<VerificationStore, 'list'>
  readonly events: Pick<EventStore, 'timeline'>
  readonly now: () => Date
}

export const readRoutes =
  (takes: ReadRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    await app.register(oneVerification(takes))
    await app.register(listOfVerifications(takes))
  }

/** With everything that happened to it. */
const oneVerification =
  ({ load, events, now }: ReadRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    const tags = ['Verifications']

    app.get(
      '/verifications/:id',
      {
        config: { permission: 'verification:read', takesClientToken: true },
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
        const verification = await ownVerification({ load }, request, request.params.id)
        const timeline = await timelineOf(events, verification)
        return { ...representVerification(verification, now()), timeline: representTimeline(timeline) }
      },
    )
  }

/**
 * Its own events, and what became of the messages of the code that it shares, as they happened: a receipt may come
 * after what came later.
 */
async function timelineOf(events: ReadRoutes['events'], { businessId, id, codeId }: Verification) {
  const own = await events.timeline(businessId, id)
  const ofCode = codeId === id ? [] : (await events.timeline(businessId, codeId)).filter(isOfCode)
  return [...own, ...ofCode].toSorted((a, b) => a.at.getTime() - b.at.getTime())
}

const isOfCode = ({ kind }: { readonly kind: string }): boolean =>
  kind.startsWith('delivery.') || kind === 'verification.moved_on'

/** Page by page. */
const listOfVerifications =
  ({ verifications, now }: ReadRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    const tags = ['Verifications']

    app.get(
      '/verifications',
      {
        config: { permission: 'verification:read' },
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
        const at = now()
        const found = await verifications.list({
          businessId,
          live,
          // In a query a plus may have come as a space.
          recipient: to === undefined ? undefined : readRecipient(to.trim()),
          status,
          purpose,
          before: cursor === undefined ? undefined : readCursor(cursor),
          limit: limit + 1,
          now: at,
        })
        const page = found.slice(0, limit)
        const last = page.at(-1)
        return {
          data: page.map((verification) => representVerification(verification, at)),
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
