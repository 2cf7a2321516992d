import type { FastifyError, FastifyInstance, FastifyPluginAsync } from 'fastify'
import { controlRoutes } from './control-api.ts'
import { graphRoutes } from './graph/routes.ts'
import { handsetRoutes } from './handsets-api.ts'
import { phonePlugin } from './phone/page.ts'
import { smsRoutes } from './sms-gateway.ts'
import { World, type WorldOptions } from './world.ts'

export interface SimulatorOptions extends WorldOptions {
  /** Where SMS receipts go when a request names no URL of its own. */
  readonly smsCallbackUrl?: string | undefined
}

export interface Simulator {
  /** All routes, without a prefix: whoever mounts it gives one. */
  readonly plugin: FastifyPluginAsync
  readonly world: World
  close(): Promise<void>
}

/** The other side of every wire: WhatsApp, an SMS gateway, and the phones of the people. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const world = new World(options)
  return {
    world,
    plugin: async (app) => {
      app.addHook('onRequest', async (_request, reply) => {
        void reply.header('x-centang-simulator', '1')
      })
      app.addHook('preClose', async () => {
        app.server.emit('centang:closing')
      })
      app.server.setMaxListeners(0)
      // Graph answers in a shape of its own, so it lives in a context of its own.
      await app.register(graphRoutes, { prefix: '/meta', world })
      await app.register(async (own) => {
        acceptJson(own)
        own.setErrorHandler((error: FastifyError, _request, reply) =>
          reply.status(error.statusCode ?? 500).send({ error: { code: 'invalid', message: error.message } }),
        )
        await own.register(controlRoutes, { world })
        await own.register(handsetRoutes, { world })
        await own.register(smsRoutes, { world, callbackUrl: options.smsCallbackUrl })
      })
      await app.register(phonePlugin)
    },
    close: () => world.webhooks.close(),
  }
}

function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : JSON.parse(body as string))
    } catch {
      done(Object.assign(new Error('The body is not JSON.'), { statusCode: 400 }))
    }
  })
}
