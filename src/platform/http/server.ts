import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, {
  type FastifyBaseLogger,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { Authentication } from './authenticate.ts'
import { answerClientError, answerFrameworkError, newRequestId } from './client-error.ts'
import { limitConnections } from './connections.ts'
import { isDemoHost } from './host.ts'
import { acceptJson } from './json.ts'
import { answerNoPage, isForPerson } from './not-found-page.ts'
import { rememberRoutes } from './known-routes.ts'
import { createLazyValidators } from './lazy-validator.ts'
import { limitUnderWay } from './under-way.ts'
import { answerProblem, handleError } from './problem.ts'
import { textKeywords } from './text-keywords.ts'

export interface ServerOptions {
  readonly log: FastifyBaseLogger
  /** A log line for every request; off by default, because it doubles the cost of one. */
  readonly logRequests: boolean
  readonly trustedProxyHops: number
  readonly connectionsMax: number
  /** Of one address; behind proxies, of its requests under way. */
  readonly connectionsPerAddress: number
  /** A connection on which nothing moves for so long is ended: an answer that nobody reads goes with it. */
  readonly silentMs?: number
  readonly isDemo: boolean
  readonly publicUrl: () => string
  /** What stands before every path, as clients see it. */
  readonly basePath: string
  readonly authentication: Authentication
}

const bodyLimitBytes = 64 * 1024
const silentDefaultMs = 30_000
/** A stopping server gives those who are still sending so long; then their connections are cut. */
const closeWithinMs = 10_000
/** And a connection that is new so long for its first request. */
const firstRequestWithinMs = 1000

const settingsOf = (options: ServerOptions): FastifyHttpOptions<Server> => ({
  loggerInstance: options.log,
  logController: new LogController({ disableRequestLogging: !options.logRequests }),
  bodyLimit: bodyLimitBytes,
  trustProxy: (_address: string, hop: number) => hop < options.trustedProxyHops,
  genReqId: newRequestId,
  // A logger of its own for every request costs as much as the request's validation; the few lines that are written
  // name the request themselves.
  ...(!options.logRequests && { childLoggerFactory: (logger) => logger }),
  // Slow clients: headers and body have to come within these. Node looks for them every 30 seconds unless told.
  http: { headersTimeout: 10_000, connectionsCheckingInterval: 1000, requireHostHeader: false },
  requestTimeout: 15_000,
  connectionTimeout: options.silentMs ?? silentDefaultMs,
  keepAliveTimeout: 65_000,
  forceCloseConnections: 'idle',
  // What still comes in on an open connection while the server stops is served; the database is there until the end.
  return503OnClosing: false,
  clientErrorHandler: answerClientError(options.basePath),
  frameworkErrors: answerFrameworkError,
  routerOptions: { maxParamLength: 200 },
  schemaController: { compilersFactory: { buildValidator: createLazyValidators() } },
  ajv: {
    customOptions: {
      coerceTypes: false,
      removeAdditional: false,
      allErrors: false,
      useDefaults: true,
      keywords: textKeywords,
    },
  },
})

/** The HTTP server without routes: how it reads, refuses and closes. */
export function createServer(options: ServerOptions): FastifyInstance {
  const app = fastify(settingsOf(options)).withTypeProvider<TypeBoxTypeProvider>()
  const { trustedProxyHops, connectionsMax: max, connectionsPerAddress } = options
  const isBehindProxies = trustedProxyHops > 0
  const ofOneMax = isBehindProxies ? undefined : connectionsPerAddress
  endConnections(app, limitConnections(app.server, { max, ofOneMax }))
  app.decorate('authentication', options.authentication)
  app.decorate('basePath', options.basePath)
  app.decorateRequest('caller', null)
  app.decorateRequest('operator', null)
  app.decorateRequest('isFromPage', false)
  app.decorateRequest('rawBody', '')
  app.setErrorHandler(handleError)
  const notFound = rememberRoutes(app)
  app.setNotFoundHandler((request, reply) => {
    const refusal = notFound(request.method, request.url)
    const isNowhere = refusal.code === platformRefusals.route_not_found.code
    return isNowhere && isForPerson(request) ? answerNoPage(request, reply) : answerProblem(reply, refusal)
  })
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff')
    // Answered and not thrown: the simulator has an error handler of its own.
    const refused = refuseAtTheDoor(options, request)
    if (refused) answerProblem(reply, refused)
    else done()
  })
  if (isBehindProxies) limitUnderWay(app, connectionsPerAddress)
  acceptJson(app)
  return app
}

/** What a stopping server waits for: answers, and no connection that nothing is asked on. */
function endConnections(app: FastifyInstance, sockets: ReadonlySet<Socket>): void {
  const { server } = app
  app.addHook('preClose', async () => {
    // Node counts as idle only what has had an answer; browsers connect ahead, and may never ask.
    const closeUnused = (): void => {
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    }
    setTimeout(closeUnused, firstRequestWithinMs).unref()
    setTimeout(() => server.closeAllConnections(), closeWithinMs).unref()
  })
}

function refuseAtTheDoor(
  { isDemo, publicUrl }: ServerOptions,
  { headers: { host }, raw, url }: FastifyRequest,
): Refusal | undefined {
  if (host === undefined && raw.httpVersion === '1.1') return new Refusal(platformRefusals.request_unreadable)
  if (isDemo && !isDemoHost(host, publicUrl())) return new Refusal(platformRefusals.host_not_allowed)
  // No text of ours holds it, and PostgreSQL takes it in none.
  return url.includes('%00') ? new Refusal(platformRefusals.request_unreadable) : undefined
}
