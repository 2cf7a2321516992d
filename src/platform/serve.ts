import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { mergeSubjects } from './core/event-subject.ts'
import { mergePermissions, scopesWith } from './core/permission.ts'
import { eventStreamRoutes } from './events/event-stream.ts'
import { errorsPage } from './http/errors-page.ts'
import { fontRoute } from './http/font.ts'
import { createGuesses } from './http/guesses.ts'
import { healthRoutes } from './http/health.ts'
import { describeApi } from './http/open-api.ts'
import { referencePages } from './http/reference/routes.ts'
import { holdToPermissions } from './http/permissions.ts'
import { createServer } from './http/server.ts'
import type { Module, ModuleFacts } from './module.ts'
import { localUrl } from './net/addresses.ts'
import type { Platform } from './open-platform.ts'
import { recipientRoutes } from './recipients/routes.ts'
import { keepData, makePartitions } from './retention/keep-data.ts'
import type { Repeating } from './work/repeat.ts'

export interface ServeOptions {
  readonly version: string
  /** Of every module, for the catalogues. */
  readonly facts: readonly ModuleFacts[]
  /** A test key that pages may show, because it opens nothing but the simulator. */
  readonly demoKey: string | undefined
}

/** Connections that wait to be accepted; Node's 511 are soon full when many come in one moment, and the rest is dropped. */
const backlog = 4096

/** Whoever mistypes the key has enough of these; whoever tries them out needs more years than there are. */
const operatorGuessing = { max: 20, windowMs: 10 * 60_000, addressesMax: 10_000 }

type State = 'starting' | 'ready' | 'draining'

/** Serves the modules, in the order of who stands on whom, until `stop`; a start that fails stops what it began. */
export async function serve(platform: Platform, modules: readonly Module[], options: ServeOptions) {
  const { config, addresses } = platform
  const permissions = mergePermissions(options.facts)
  let state: State = 'starting'
  const server = createServer({
    log: platform.log,
    logRequests: config.logRequests,
    trustedProxyHops: config.trustedProxyHops,
    connectionsMax: config.connectionsMax,
    connectionsPerAddress: config.connectionsPerAddress,
    isDemo: platform.isDemo,
    publicUrl: addresses.public,
    basePath: addresses.basePath,
    authentication: {
      credentials: modules.flatMap(({ credentials = [] }) => credentials),
      findOperator: (key) => modules.map((module) => module.findOperator?.(key)).find((kind) => kind !== undefined),
      operatorGuesses: createGuesses({ ...operatorGuessing, now: () => performance.now() }),
      scopesWith: (permission) => scopesWith(permissions, permission),
    },
  })
  holdToPermissions(server, permissions)
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown'
    platform.metrics.onRequest(request.method, route, reply.statusCode, reply.elapsedTime / 1000)
    done()
  })

  const keeping = {
    database: platform.database,
    now: platform.now,
    keeps: [...platform.keeps, ...modules.flatMap(({ keeps = [] }) => keeps)],
    onForgotten: platform.metrics.onForgotten,
    onPartition: (what: 'made' | 'dropped', partition: string) => platform.log.info({ partition }, `partition ${what}`),
    onError: (data: string, error: unknown) => platform.log.error({ err: error, data }, 'keeping data'),
  }
  let forgetting: Repeating | undefined
  const stop = async (drainMs = 0): Promise<void> => {
    state = 'draining'
    // A load balancer needs a moment to see "not ready"; until then requests are still served.
    await sleep(drainMs)
    await server.close()
    await forgetting?.stop()
    for (const module of modules.toReversed()) await module.stop?.()
    await platform.close()
  }

  try {
    await registerRoutes(platform, server, modules, options, () => readiness(platform, state))
    await makePartitions(keeping)
    for (const module of modules) await module.prepare?.()
    await server.listen({ host: config.host, port: config.port, backlog })
    addresses.listensAt(localUrl(config.host, (server.server.address() as AddressInfo).port))
    for (const module of modules) await module.start?.()
    forgetting = keepData(keeping)
    state = 'ready'
    return { url: addresses.own() as string, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function registerRoutes(
  platform: Platform,
  server: FastifyInstance,
  modules: readonly Module[],
  { version, facts, demoKey }: ServeOptions,
  ready: () => ReturnType<typeof readiness>,
): Promise<void> {
  const { config, events, metrics, addresses } = platform
  const refusals = facts.flatMap((one) => Object.values(one.refusals ?? {}))
  await describeApi(server, { version, publicUrl: addresses.public, refusals, modules })
  for (const { routes } of modules) if (routes) await server.register(routes)
  await server.register(eventStreamRoutes({ events, subjects: mergeSubjects(facts) }), { prefix: '/v1' })
  await server.register(
    healthRoutes({
      readiness: ready,
      metrics: metrics.registry,
      metricsToken: config.metricsToken,
      isDemo: platform.isDemo,
    }),
  )
  const { database, keyring, now, people, idempotent } = platform
  const personal = facts.flatMap((one) => one.personal ?? [])
  const recipients = { personal, people, takes: { database, keyring, now }, answerOnce: idempotent.answerOnce }
  await server.register(recipientRoutes(recipients), { prefix: '/v1' })
  await server.register(fontRoute)
  await server.register((pages) => errorsPage(pages, refusals))
  const prefixes = facts.map(({ ids = {} }) => ids)
  if (config.docs)
    await server.register((pages) => referencePages(pages, { prefixes, demoKey, publicUrl: addresses.public }))
}

async function readiness({ missingMigration }: Platform, state: State) {
  const checks: Record<string, string> = { server: state }
  try {
    const missing = await missingMigration()
    checks['database'] = 'ok'
    checks['schema'] = missing === undefined ? 'ok' : `lacks ${missing}`
  } catch {
    checks['database'] = 'does not answer'
  }
  return { isReady: state === 'ready' && checks['database'] === 'ok' && checks['schema'] === 'ok', checks }
}
