import type { FastifyInstance } from 'fastify'
import { needs } from './permissions.ts'
import type { Registry } from 'prom-client'
import { isSameSecret } from '#platform/net/same-secret.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

export interface Health {
  readonly readiness: () => Promise<{ readonly isReady: boolean; readonly checks: Readonly<Record<string, string>> }>
  readonly metrics: Pick<Registry, 'metrics' | 'contentType'>
  /** The token that the metrics ask for. */
  readonly metricsToken: string | undefined
  /** Without a token only the demo tells them. */
  readonly isDemo: boolean
}

/** For whatever runs this server: is the process alive, may it get traffic, how is it doing. */
export const healthRoutes =
  ({ readiness, metrics, metricsToken, isDemo }: Health) =>
  async (app: FastifyInstance): Promise<void> => {
    app.get('/livez', { schema: { hide: true }, ...needs('anyone') }, async (_request, reply) =>
      reply.type('text/plain').send('ok'),
    )

    app.get('/readyz', { schema: { hide: true }, ...needs('anyone') }, async (_request, reply) => {
      const { isReady, checks } = await readiness()
      return reply.status(isReady ? 200 : 503).send({ ready: isReady, checks })
    })

    app.get('/metrics', { schema: { hide: true }, ...needs('anyone') }, async (request, reply) => {
      const { authorization } = request.headers
      if (metricsToken === undefined && !isDemo) throw new Refusal(platformRefusals.metrics_token_missing)
      if (metricsToken !== undefined && !isSameSecret(authorization ?? '', `Bearer ${metricsToken}`)) {
        throw new Refusal(
          authorization === undefined ? platformRefusals.credentials_missing : platformRefusals.credentials_invalid,
        )
      }
      return reply.type(metrics.contentType).send(await metrics.metrics())
    })
  }
