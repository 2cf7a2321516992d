import type { FastifyRequest } from 'fastify'

/** A query holds only text: its number is read before it is judged, and anything else is left for the judge. */
export async function readLimit(request: FastifyRequest): Promise<void> {
  const query = request.query as Record<string, unknown>
  if (typeof query['limit'] === 'string' && /^\d{1,3}$/.test(query['limit'])) query['limit'] = Number(query['limit'])
}
