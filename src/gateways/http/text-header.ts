import type { FastifyRequest } from 'fastify'

/** A header that came once. */
export function textHeader({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' && value.length <= 4000 ? value : undefined
}
