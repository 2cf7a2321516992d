import type { FastifyRequest } from 'fastify'
import { type TSchema, Type } from 'typebox'
import { readId, spellId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** A query holds only text: its number is read before it is judged, and anything else is left for the judge. */
export async function readLimit(request: FastifyRequest): Promise<void> {
  const query = request.query as Record<string, unknown>
  if (typeof query['limit'] === 'string' && /^\d{1,3}$/.test(query['limit'])) query['limit'] = Number(query['limit'])
}

const limitMax = 100

/** How much of a list is wanted: for what a business has few of, a page is as long as it may be. */
export const pageQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limitMax, default: limitMax })),
    cursor: Type.Optional(Type.String({ maxLength: 64, description: '`next_cursor` of the page before.' })),
  },
  { additionalProperties: false },
)

export const pageOf = <Item extends TSchema>(item: Item, what: string) =>
  Type.Object(
    { data: Type.Array(item), next_cursor: Type.Union([Type.String(), Type.Null()]) },
    { description: `A page of ${what}, the oldest first; \`next_cursor\` is null on the last one.` },
  )

interface PageQuery {
  readonly limit?: number
  readonly cursor?: string
}

/** Reads one more than is asked for, by which it is told whether there is another page. */
export async function answerPage<Item extends { readonly id: string }, Shown>(
  { limit = limitMax, cursor }: PageQuery,
  idPrefix: string,
  read: (page: { readonly limit: number; readonly after: string | undefined }) => Promise<readonly Item[]>,
  represent: (item: Item) => Shown,
): Promise<{ data: Shown[]; next_cursor: string | null }> {
  const after = cursor === undefined ? undefined : readId(idPrefix, cursor)
  if (cursor !== undefined && after === undefined) {
    const problem = 'must be the next_cursor of the page before'
    throw new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'querystring/cursor', problem }] })
  }
  const found = await read({ limit: limit + 1, after })
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return { data: page.map(represent), next_cursor: found.length > limit && last ? spellId(idPrefix, last.id) : null }
}

/** A page of what a business has so few of that all are read at once, in the order of their ids. */
export const pageAmong =
  <Item extends { readonly id: string }>(all: readonly Item[]) =>
  async ({ limit, after }: { readonly limit: number; readonly after: string | undefined }): Promise<readonly Item[]> =>
    all.filter(({ id }) => after === undefined || id > after).slice(0, limit)
