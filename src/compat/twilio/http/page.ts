import type { FastifyRequest } from 'fastify'
import { invalidParameter } from './errors.ts'
import { queryOf, refuseUnknownFilters } from './form.ts'

export interface PageWanted {
  readonly size: number
  readonly number: number
  /** The id of the last one of the page before. */
  readonly after?: string
  /** How many lie before the page when no token says where it begins. */
  readonly skip: number
}

/** Pages without a token are counted from the first item, each time anew: not for walking far. */
const skipMax = 10_000

export function readPage(request: FastifyRequest): PageWanted {
  const query = queryOf(request)
  const token = query.text('PageToken')
  const after = token === undefined ? undefined : /^PA([0-9a-f-]{36})$/.exec(token)?.[1]
  if (token !== undefined && after === undefined) throw invalidParameter('PageToken')
  const size = query.integer('PageSize', { min: 1, max: 1000 }) ?? 50
  const number = query.integer('Page', { min: 0, max: 999_999 }) ?? 0
  if (after !== undefined) return { size, number, after, skip: 0 }
  if (number * size > skipMax) throw invalidParameter('Page', 'is too far without a PageToken')
  return { size, number, skip: number * size }
}

/**
 * Twilio's envelope. Its clients follow `next_page_url` and `previous_page_url` as they stand.
 * @param found with what is to be skipped, and one more than fits when there is a page after this one
 */
export function representPage<Item extends { readonly id: string }>(
  request: FastifyRequest,
  publicUrl: string,
  page: PageWanted,
  found: readonly Item[],
  {
    key,
    represent,
    goesOnAfter,
  }: {
    readonly key: string
    readonly represent: (item: Item) => object
    /** Where a page that is not full begins its next one. */
    readonly goesOnAfter?: string | undefined
  },
): object {
  refuseUnknownFilters(request)
  const items = found.slice(page.skip, page.skip + page.size)
  const next = found.length > page.skip + page.size ? items.at(-1)?.id : goesOnAfter
  const hasPrevious = page.number > 0 && (page.number - 1) * page.size <= skipMax
  const urlOf = (number: number, token?: string): string => {
    const [path, text] = request.url.split('?') as [string, string?]
    const query = new URLSearchParams(text)
    for (const name of ['Page', 'PageToken']) query.delete(name)
    query.set('PageSize', String(page.size))
    query.set('Page', String(number))
    if (token !== undefined) query.set('PageToken', `PA${token}`)
    return `${publicUrl}${path.replace(/\/$/, '')}?${query.toString()}`
  }
  return {
    [key]: items.map(represent),
    meta: {
      page: page.number,
      page_size: page.size,
      first_page_url: urlOf(0),
      previous_page_url: hasPrevious ? urlOf(page.number - 1) : null,
      url: urlOf(page.number, page.after),
      next_page_url: next === undefined ? null : urlOf(page.number + 1, next),
      key,
    },
  }
}
