import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import { isKeyless, type Permissions } from '#platform/core/permission.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The module's own word for what a key must be allowed, or who calls without one (`keyless`). Every route has it. */
    permission?: string
  }
}

/** Options of a route that has no others. */
export const needs = (permission: string): { readonly config: FastifyContextConfig } => ({ config: { permission } })

/**
 * For the routes that are registered after it: one without a permission, or with a word that no module declares, keeps
 * the server from starting, and one that is asked without anybody having been let in does not answer.
 */
export function holdToPermissions(app: FastifyInstance, declared: Permissions): void {
  const routes: { readonly method: unknown; readonly url: string; readonly config?: FastifyContextConfig }[] = []
  app.addHook('onRoute', (route) => void routes.push(route))
  app.addHook('onReady', async () => {
    const wrong = routes.filter(({ config }) => {
      const permission = config?.permission
      return permission === undefined || !(isKeyless(permission) || Object.hasOwn(declared, permission))
    })
    if (wrong.length === 0) return
    const list = wrong.map(({ method, url, config }) => `${String(method)} ${url} (${config?.permission ?? 'none'})`)
    throw new Error(`Routes without a permission that a module declares: ${list.join(', ')}`)
  })
  app.addHook('preHandler', (request, _reply, done) => {
    const { permission } = request.routeOptions.config
    const isMet =
      request.is404 ||
      request.caller !== null ||
      (permission === 'operator' ? request.operator !== null : permission !== undefined && isKeyless(permission))
    done(
      isMet ? undefined : new Refusal(platformRefusals.internal, { detail: `nobody was let in, and ${permission} is` }),
    )
  })
}
