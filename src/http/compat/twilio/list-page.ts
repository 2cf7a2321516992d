import type { FastifyRequest } from 'fastify'
import { queryOf } from './form.ts'

export interface PageWanted {
  readonly page: number
  readonly pageSize: number
  /** One more than the page holds tells whether there is another one. */
  readonly limit: number
  readonly offset: number
}

export function readPage(request: FastifyRequest): PageWanted {
  const query = queryOf(request)
  const pageSize = query.integer('PageSize', { min: 1, max: 1000 }) ?? 50
  const page = query.integer('Page', { min: 0, max: 100_000 }) ?? 0
  return { page, pageSize, limit: pageSize + 1, offset: page * pageSize }
}

/** @param found up to one more than the page holds */
export function representPage(
  request: FastifyRequest,
  publicUrl: string,
  key: string,
  { page, pageSize }: PageWanted,
  found: readonly object[],
) {
  const path = request.url.split('?')[0] as string
  // Absolute: clients ask for exactly this.
  const urlOf = (wanted: number): string => {
    const query = new URLSearchParams(request.url.split('?')[1] ?? '')
    query.set('PageSize', String(pageSize))
    query.set('Page', String(wanted))
    if (wanted > 0) query.set('PageToken', `PT${wanted}`)
    else query.delete('PageToken')
    return `${publicUrl}${path}?${query.toString()}`
  }
  return {
    [key]: found.slice(0, pageSize),
    meta: {
      page,
      page_size: pageSize,
      first_page_url: urlOf(0),
      previous_page_url: page > 0 ? urlOf(page - 1) : null,
      url: urlOf(page),
      next_page_url: found.length > pageSize ? urlOf(page + 1) : null,
      key,
    },
  }
}
