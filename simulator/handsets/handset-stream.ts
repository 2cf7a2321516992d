import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ControlError } from '../control/control-body.ts'
import type { World, WorldEvent } from '../world/world.ts'
import type { PhoneMessage } from './handset.ts'

const heartbeatEveryMs = 15_000
const streamsMax = 200
/** Who reads more slowly than it is written comes back with Last-Event-ID. */
const unreadBytesMax = 1024 * 1024

export interface Streams {
  /** @param digits the phone to follow; undefined: all of them */
  open(request: FastifyRequest, reply: FastifyReply, digits: string | undefined): void
}

/** Server-sent events; a page that comes back with Last-Event-ID gets what it missed. */
export function createStreams(
  app: FastifyInstance,
  world: World,
  representMessage: (message: PhoneMessage) => object,
): Streams {
  const ends = new Set<() => void>()
  /** Also those that have ended and are not read to their end. */
  let open = 0
  // A server that closes waits for its answers, and these never end by themselves.
  app.addHook('preClose', async () => {
    for (const end of ends) end()
  })
  const spell = ({ id, kind, to, data }: WorldEvent): string => {
    const e164 = `+${to}`
    const shown: { to?: unknown } = kind === 'message' ? representMessage(data as PhoneMessage) : (data as object)
    // What the person wrote has a recipient of its own: the number of the business.
    return `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify({ ...shown, e164, to: shown.to ?? e164 })}\n\n`
  }
  return {
    open(request, reply, digits) {
      if (open >= streamsMax) throw new ControlError(429, `There are ${streamsMax} streams already.`, 'too_many')
      open++
      reply.hijack()
      const { raw } = reply
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-centang-simulator': '1',
      })
      raw.write('retry: 1000\n\n')
      const write = (event: WorldEvent): void => {
        if (raw.writableEnded || !(digits === undefined || event.to === digits)) return
        raw.write(spell(event))
        if (raw.writableLength > unreadBytesMax) end()
      }
      const stop = world.listen(write)
      const heartbeat = setInterval(() => raw.write(': still here\n\n'), heartbeatEveryMs)
      heartbeat.unref()
      const end = (): void => {
        ends.delete(end)
        clearInterval(heartbeat)
        stop()
        raw.end()
      }
      ends.add(end)
      raw.on('close', () => {
        open--
        end()
      })
      const lastId = request.headers['last-event-id']
      if (typeof lastId === 'string' && /^\d+$/.test(lastId))
        for (const event of world.eventsAfter(Number(lastId))) write(event)
    },
  }
}
