import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { requireCaller } from '#platform/http/authenticate.ts'
import { checkRoute } from './check.ts'
import { letPageRead, showToPage } from './client-token.ts'
import { clientTokenRoute } from './make-client-token.ts'
import { moveRoutes } from './moves.ts'
import { readRoutes } from './read.ts'
import { startRoute } from './start.ts'

type RoutesTake = Parameters<typeof startRoute>[0] &
  Parameters<typeof checkRoute>[0] &
  Parameters<typeof moveRoutes>[0] &
  Parameters<typeof clientTokenRoute>[0] &
  Parameters<typeof readRoutes>[0]

/** The calls about verifications; a page that holds a client token may make some of them, and is shown less. */
export const verificationRoutes =
  (takes: RoutesTake): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.addHook('onRequest', async (request, reply) => letPageRead(request, reply))
    requireCaller(app)
    app.addHook('preSerialization', (request, _reply, payload, done) =>
      done(null, request.isFromPage ? showToPage(payload) : payload),
    )
    await app.register(startRoute(takes))
    await app.register(checkRoute(takes))
    await app.register(moveRoutes(takes))
    await app.register(clientTokenRoute(takes))
    await app.register(readRoutes(takes))
  }
