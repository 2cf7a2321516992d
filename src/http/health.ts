import type { FastifyInstance } from 'fastify'
import { timingSafeEqual } from 'node:crypto'
import { Refusal } from '#core/errors.ts'
import type { Context } from './context.ts'

/** For whatever runs this server: is the process alive, may it get traffic, how is it doing. */
export const healthRoutes =
  (context: Context) =>
  async (app: FastifyInstance): Promise<void> => {
    app.get('/livez', { schema: { hide: true } }, async (_request, reply) => reply.type('text/plain').send('ok'))

    app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
      const { isReady, checks } = await context.readiness()
      return reply.status(isReady ? 200 : 503).send({ ready: isReady, checks })
    })

    app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
      const { token } = context.metrics
      if (token !== undefined && !isToken(request.headers.authorization, token)) {
        throw new Refusal(request.headers.authorization === undefined ? 'credentials_missing' : 'credentials_invalid')
      }
      return reply.type(context.metrics.contentType).send(await context.metrics.text())
    })
  }

function isToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
