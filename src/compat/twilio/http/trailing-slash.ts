import type { FastifyInstance } from 'fastify'

/** Twilio takes a slash at the end of every path. For the routes after it in this plugin only: elsewhere it is another path. */
export function acceptTrailingSlashes(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const { routePath } = route
    // HEAD comes by itself with each GET, also with the ones made here; a wildcard takes the slash as it is.
    if (route.method === 'HEAD' || routePath === '' || /[/*]$/.test(routePath)) return
    app.route({ ...route, url: `${routePath}/` })
  })
}
