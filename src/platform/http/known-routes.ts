import type { FastifyInstance } from 'fastify'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** Remembers the routes, so that a path that exists with another method says so. */
export function rememberRoutes(app: FastifyInstance): (method: string, url: string) => Refusal {
  const routes: { readonly method: string; readonly pattern: RegExp }[] = []
  app.addHook('onRoute', ({ method, url }) => {
    const pattern = new RegExp(`^${url.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/:[A-Za-z_]+/g, '[^/]+')}$`)
    for (const one of [method].flat()) routes.push({ method: one, pattern })
  })
  return (method, url) => {
    const path = url.split('?')[0] as string
    const allowed = new Set(routes.filter(({ pattern }) => pattern.test(path)).map((route) => route.method))
    allowed.delete(method)
    return allowed.size > 0
      ? new Refusal(platformRefusals.method_not_allowed, { allow: [...allowed].join(', ') })
      : new Refusal(platformRefusals.route_not_found)
  }
}
