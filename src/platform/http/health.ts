import type { FastifyInstance } from 'fastify'
import { Refusal } from '#platform/core/refusal.ts'
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
      const { authorization } = request.headers
      if (!context.metrics.isAllowed(authorization)) {
        throw new Refusal(authorization === undefined ? 'credentials_missing' : 'credentials_invalid')
      }
      return reply.type(context.metrics.contentType).send(await context.metrics.text())
    })
  }
