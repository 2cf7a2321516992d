import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { controlRoutes } from './control/control-api.ts'
import { ControlError } from './control/control-body.ts'
import { faultRoutes } from './faults/faults-api.ts'
import { handsetRoutes } from './handsets/handsets-api.ts'
import { accountRoutes } from './meta/account-api.ts'
import { graphRoutes } from './meta/graph/routes.ts'
import { phonePlugin } from './phone/page.ts'
import { smsRoutes } from './sms/sms-api.ts'
import { World, type WorldOptions } from './world/world.ts'

export interface SimulatorOptions extends WorldOptions {
  /** Where SMS receipts go when a request names no URL of its own. */
  readonly smsCallbackUrl?: string | undefined
  /** Asked before anything is told or steered; the wires that providers' clients speak have tokens of their own. */
  readonly guard?: ((request: FastifyRequest, reply: FastifyReply) => Promise<void>) | undefined
}

export interface Simulator {
  /** All routes, without a prefix: whoever mounts it gives one. */
  readonly plugin: FastifyPluginAsync
  readonly world: World
  close(): Promise<void>
}

/** The other side of every wire: WhatsApp, an SMS provider, and the phones of the people. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const world = new World(options)
  return {
    world,
    plugin: async (app) => {
      app.addHook('onRequest', async (request, reply) => {
        // Until then nobody knows what the server listens at.
        world.ownAddress ??= request.socket.localAddress
        void reply.header('x-centang-simulator', '1')
      })
      // Graph answers in a shape of its own, so it lives in a context of its own.
      await app.register(graphRoutes, { prefix: '/meta', world })
      await app.register(async (own) => {
        acceptJson(own)
        refuseForeignPages(own)
        own.setErrorHandler((error: FastifyError, _request, reply) =>
          reply.status(error.statusCode ?? 500).send({
            error: { code: error instanceof ControlError ? error.reason : 'invalid', message: error.message },
          }),
        )
        await own.register(async (told) => {
          guardedBy(told, options.guard)
          await told.register(controlRoutes, { world })
          await told.register(accountRoutes, { world })
          await told.register(faultRoutes, { world })
          await told.register(handsetRoutes, { world })
        })
        await own.register(smsRoutes, { world, callbackUrl: options.smsCallbackUrl })
      })
      await app.register(async (page) => {
        guardedBy(page, options.guard)
        await page.register(phonePlugin)
      })
    },
    close: () => world.news.close(),
  }
}

function guardedBy(app: FastifyInstance, guard: SimulatorOptions['guard']): void {
  if (guard) app.addHook('onRequest', guard)
}

/** JSON and nothing else: other types a page of anybody's may send without asking. */
function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : JSON.parse(body as string))
    } catch {
      done(new ControlError(400, 'The body is not JSON.'))
    }
  })
}

/** A page that the developer happens to visit must not steer the world on their machine. */
function refuseForeignPages(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    const { origin, 'sec-fetch-site': site } = request.headers
    const isOwn =
      origin === undefined ||
      // Says the browser itself; over plain HTTP it does not, and a proxy may have changed the host.
      site === 'same-origin' ||
      (URL.canParse(origin) && new URL(origin).host === request.host)
    if (!isOwn) throw new ControlError(403, `Pages of ${origin} may not steer the simulator.`, 'foreign_origin')
  })
}
