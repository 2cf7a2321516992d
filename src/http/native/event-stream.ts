import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { spellId } from '#core/access/id.ts'
import { authenticate, callerOf } from '#http/authenticate.ts'
import type { Context, EventRecord } from '#http/context.ts'

const pollEveryMs = 300
const heartbeatEveryMs = 15_000
const pageMax = 200
const cursorPattern = /^\d{1,19}-\d{1,19}$/

/** Everything that happens, live. A client that comes back with `Last-Event-ID` misses nothing. */
export const eventStreamRoutes =
  (context: Context): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.addHook('onRequest', (request) => authenticate(context, request))
    const closers = new Set<() => void>()
    app.addHook('preClose', async () => {
      for (const close of closers) close()
    })

    app.get(
      '/events/stream',
      {
        schema: {
          operationId: 'streamEvents',
          summary: 'Follow events live',
          description: 'Server-sent events. Send `Last-Event-ID` to go on where a connection broke.',
          tags: ['Events'],
          headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ maxLength: 64 })) }),
          response: {
            200: { description: 'A stream of events.', content: { 'text/event-stream': { schema: Type.String() } } },
          },
          refusals: 'read',
        },
      },
      async (request, reply) => {
        const { businessId, live } = callerOf(request)
        const given = request.headers['last-event-id']
        let cursor =
          given !== undefined && cursorPattern.test(given) ? given : await context.events.latestCursor(businessId)
        reply.hijack()
        const { raw } = reply
        raw.writeHead(200, {
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        })
        raw.write('retry: 1000\n\n')
        let isOpen = true
        const close = (): void => {
          isOpen = false
          closers.delete(close)
          raw.end()
        }
        closers.add(close)
        raw.on('close', close)
        let quietMs = 0
        while (isOpen) {
          const page = await context.events.after(businessId, live, cursor, pageMax).catch((error: unknown) => {
            request.log.error({ err: error }, 'event stream')
            return { events: [], cursor }
          })
          const { events } = page
          for (const event of events) if (isOpen) raw.write(spell(event))
          cursor = page.cursor
          quietMs = events.length > 0 ? 0 : quietMs + pollEveryMs
          if (quietMs >= heartbeatEveryMs && isOpen) {
            raw.write(': still here\n\n')
            quietMs = 0
          }
          if (events.length < pageMax) await new Promise((resolve) => setTimeout(resolve, pollEveryMs))
        }
      },
    )
  }

function spell(event: EventRecord): string {
  const { channel = null, reason = null, provider_code: providerCode = null } = event.data ?? {}
  const data = {
    type: event.kind,
    verification_id: spellId('verification', event.verificationId),
    delivery_id: event.deliveryId === undefined ? null : spellId('delivery', event.deliveryId),
    channel,
    reason,
    provider_code: providerCode,
    at: event.at.toISOString(),
  }
  return `id: ${event.cursor}\nevent: ${event.kind}\ndata: ${JSON.stringify(data)}\n\n`
}
