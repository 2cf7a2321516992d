import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { personOf } from '#platform/core/person.ts'
import type { Person } from '#platform/core/personal-data.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import { callerOf, requireCaller } from '#platform/http/authenticate.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import { needs } from '#platform/http/permissions.ts'
import { managing } from '#platform/http/refusals.ts'
import { idempotencyHeader, time } from '#platform/http/schema-kit.ts'
import type { People } from '#platform/keys/people.ts'
import type { ErasingTakes, PersonalData } from '#platform/module.ts'
import { eraseFrom, noteErasure } from './erase.ts'
import { exportFrom } from './export.ts'

export interface RecipientRoutes extends Pick<IdempotentRequests, 'answerOnce'> {
  readonly personal: readonly PersonalData[]
  readonly takes: ErasingTakes
  readonly people: People
}

const to = Type.String({
  minLength: 3,
  maxLength: 254,
  description: 'A phone number (E.164) or e-mail address; every spelling of one is the same person.',
})
const example = { examples: [{ to: '+6281234567890' }], additionalProperties: false }
const tags = ['Recipients']
const refusals = [...managing, platformRefusals.recipient_invalid, platformRefusals.recipient_not_allowed]

/** What the law lets people ask for. No number stands in a URL: those are written down on the way. */
export const recipientRoutes =
  (given: RecipientRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    await app.register(exporting(given))
    await app.register(erasing(given))
  }

const exporting =
  ({ personal, takes, people }: RecipientRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/recipients/export',
      {
        ...needs('recipients:export'),
        schema: {
          operationId: 'exportRecipient',
          summary: 'Hand over what is kept of a person',
          description:
            'Page by page, in the order of the kinds. A live key covers test data too. Budgets are kept under a MAC and say of nobody who it is: they are not among it.',
          tags,
          body: Type.Object(
            {
              to,
              cursor: Type.Optional(Type.String({ maxLength: 100 })),
              limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
            },
            example,
          ),
          response: {
            200: Type.Object(
              {
                data: Type.Array(
                  Type.Object(
                    { kind: Type.String({ description: '`verifications`, `messages`, …' }) },
                    {
                      additionalProperties: true,
                    },
                  ),
                ),
                next_cursor: Type.Union([Type.String(), Type.Null()]),
              },
              { description: 'A page; `next_cursor` is null on the last one.' },
            ),
          },
          refusals,
        },
      },
      async (request) => {
        const { cursor, limit = 100 } = request.body
        const person = personFor(request, people, takes.now(), request.body.to)
        const page = await exportFrom(personal, takes.database, person, cursor, limit)
        if (!page) {
          const problem = 'must be the next_cursor of the page before'
          throw new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'body/cursor', problem }] })
        }
        return { data: [...page.data], next_cursor: page.nextCursor }
      },
    )
  }

const erasing =
  ({ personal, takes, people, answerOnce }: RecipientRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/recipients/erase',
      {
        ...needs('recipients:erase'),
        schema: {
          operationId: 'eraseRecipient',
          summary: 'Erase a person',
          description:
            'Number, metadata, transaction, texts and what providers wrote are overwritten everywhere; rows stay with status, channel and times, so that counts stay. What is pending ends as canceled. Wrong codes and sends of the person stay counted, under a MAC: erasing gives nobody another guess. A live key erases test data too. Backups that exist still have the person: restore them with `--erasures`.',
          tags,
          headers: idempotencyHeader,
          body: Type.Object({ to }, example),
          response: {
            200: Type.Object(
              {
                erased_at: time,
                erased: Type.Record(Type.String(), Type.Integer(), {
                  description: 'How many rows of each kind were overwritten; 0 when there was nothing.',
                }),
              },
              { description: 'Done.' },
            ),
          },
          refusals,
        },
      },
      (request, reply) =>
        answerOnce(request, reply, async () => {
          const erasedAt = takes.now()
          const person = personFor(request, people, erasedAt, request.body.to)
          const { businessId, live, keyId } = callerOf(request)
          const id = uuidv7(erasedAt.getTime())
          await noteErasure(takes.database, { businessId, id, live, personKey: person.key, erasedAt, keyId })
          const erased = await eraseFrom(personal, takes, person)
          return { status: 200, body: { erased_at: erasedAt.toISOString(), erased } }
        }),
    )
  }

function personFor(request: FastifyRequest, people: People, now: Date, given: string): Person {
  const { businessId, live } = callerOf(request)
  const recipient = readRecipient(given)
  return {
    businessId,
    modes: live ? [true, false] : [false],
    spelled: personOf(recipient),
    key: people.keyOf(businessId, recipient),
    before: now,
  }
}
