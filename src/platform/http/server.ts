import fastifySwagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, {
  type FastifyBaseLogger,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify'
import type { Server } from 'node:http'
import { Refusal } from '#platform/core/refusal.ts'
import { answerClientError, answerFrameworkError, newRequestId } from './client-error.ts'
import type { Context } from './context.ts'
import { messageCentralRoutes } from '#compat/message-central/routes.ts'
import { vonageRoutes } from '#compat/vonage/routes.ts'
import { errorsPage } from './errors-page.ts'
import { gatewayRoutes } from '#gateways/http/routes.ts'
import { healthRoutes } from './health.ts'
import { isDemoHost } from './host.ts'
import { twilioRoutes } from '#compat/twilio/routes.ts'
import { acceptJson } from './json.ts'
import { createLazyValidators } from './lazy-validator.ts'
import { businessRoutes } from '#access/http/businesses.ts'
import { preflights } from '#verification/http/client-token.ts'
import { credentialRoutes } from '#compat/http/credentials.ts'
import { eventStreamRoutes } from '#platform/events/event-stream.ts'
import { gatewayResourceRoutes } from '#gateways/http/gateways.ts'
import { hostedPageRoutes } from '#verification/http/hosted-page.ts'
import { messageRoutes } from '#messaging/http/messages.ts'
import { operatorRoutes } from '#access/http/operator.ts'
import { publicKeyRoutes } from '#compat/vonage/public-key.ts'
import { preSendHookRoutes } from '#verification/http/pre-send-hook.ts'
import { documentRefusals, refusalCodeSchema } from './refusals.ts'
import { senderRoutes } from '#messaging/http/senders.ts'
import { verificationRoutes } from '#verification/http/verifications.ts'
import { documentedWebhooks, webhookEventSchema } from '#webhooks/http/webhook-events.ts'
import { webhookEndpointRoutes } from '#webhooks/http/webhook-endpoints.ts'
import { referencePages } from './reference/routes.ts'
import { verifyPages } from '#verification/http/page/routes.ts'
import { answerProblem, handleError } from './problem.ts'
import { webhookRoutes } from '#messaging/http/receive.ts'

export interface ServerOptions {
  readonly log: FastifyBaseLogger
  /** A log line for every request; off by default, because it doubles the cost of one. */
  readonly logRequests: boolean
  readonly trustedProxyHops: number
}

const bodyLimitBytes = 64 * 1024
const connectionsMax = 2000
/** A stopping server gives those who are still sending so long; then their connections are cut. */
const closeWithinMs = 10_000

/** The HTTP server with everything but the pages. */
export async function createServer(context: Context, options: ServerOptions): Promise<FastifyInstance> {
  const settings: FastifyHttpOptions<Server> = {
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
    connectionTimeout: 0,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    // What still comes in on an open connection while the server stops is served; the database is there until the end.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: answerFrameworkError,
    routerOptions: { maxParamLength: 200 },
    schemaController: { compilersFactory: { buildValidator: createLazyValidators() } },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false, useDefaults: true } },
  }
  const app = fastify(settings).withTypeProvider<TypeBoxTypeProvider>()
  app.server.maxConnections = connectionsMax
  app.addHook('preClose', async () => {
    setTimeout(() => app.server.closeAllConnections(), closeWithinMs).unref()
  })
  app.decorateRequest('caller', null)
  app.decorateRequest('operator', null)
  app.decorateRequest('isFromPage', false)
  app.decorateRequest('rawBody', '')
  app.setErrorHandler(handleError)
  const notFound = rememberRoutes(app)
  app.setNotFoundHandler((request, reply) => answerProblem(reply, notFound(request.method, request.url)))
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff')
    // Answered and not thrown: the simulator has an error handler of its own.
    const refused = refuseAtTheDoor(context, request)
    if (refused) answerProblem(reply, refused)
    else done()
  })
  acceptJson(app)

  await app.register(fastifySwagger, {
    // Only what is part of the API has a tag.
    hideUntagged: true,
    transform: ({ schema, url }) => ({ schema: documentRefusals(schema), url }),
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Centang',
        version: context.version,
        description: 'Proves that a phone is yours, over WhatsApp first and every other channel after it.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: context.publicUrl }],
      components: {
        schemas: { RefusalCode: refusalCodeSchema, WebhookEvent: webhookEventSchema as object },
        securitySchemes: { key: { type: 'http', scheme: 'bearer', description: '`ck_test_…` or `ck_live_…`' } },
      },
      security: [{ key: [] }],
      webhooks: documentedWebhooks(),
    },
  })
  for (const routes of [
    verificationRoutes,
    businessRoutes,
    operatorRoutes,
    senderRoutes,
    messageRoutes,
    webhookEndpointRoutes,
    preSendHookRoutes,
    eventStreamRoutes,
  ]) {
    await app.register(routes(context), { prefix: '/v1' })
  }
  await app.register(preflights, { prefix: '/v1' })
  await app.register(hostedPageRoutes(context), { prefix: '/v1' })
  await app.register(credentialRoutes(context), { prefix: '/v1' })
  await app.register(twilioRoutes(context), { prefix: '/v2' })
  await app.register(gatewayResourceRoutes(context), { prefix: '/v1' })
  await app.register(gatewayRoutes(context), { prefix: '/v1/gateway' })
  await app.register(verifyPages(context))
  await app.register(publicKeyRoutes(context), { prefix: '/v1' })
  await app.register(vonageRoutes(context), { prefix: '/v2/verify' })
  await app.register(messageCentralRoutes(context))
  await app.register(webhookRoutes(context))
  await app.register(healthRoutes(context))
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  await app.register(errorsPage)
  await app.register((pages) => referencePages(pages, context.demoKey))
  return app
}

function refuseAtTheDoor(context: Context, { headers: { host }, raw, url }: FastifyRequest): Refusal | undefined {
  if (host === undefined && raw.httpVersion === '1.1') return new Refusal('request_unreadable')
  if (context.isDemo && !isDemoHost(host, context.publicUrl)) return new Refusal('host_not_allowed')
  // No text of ours holds it, and PostgreSQL takes it in none.
  return url.includes('%00') ? new Refusal('request_unreadable') : undefined
}

/** Remembers the routes, so that a path that exists with another method says so. */
function rememberRoutes(app: FastifyInstance): (method: string, url: string) => Refusal {
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
      ? new Refusal('method_not_allowed', { allow: [...allowed].join(', ') })
      : new Refusal('route_not_found')
  }
}
