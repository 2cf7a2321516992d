import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ServerResponse } from 'node:http'
import { Type } from 'typebox'
import { type EventSubject, type EventSubjects, spellSubject, tellData } from '#platform/core/event-subject.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { bearerKey, callerOf, requireCaller } from '#platform/http/authenticate.ts'
import { readCursor } from './cursor.ts'
import { type EventFeed, EventFeeds } from './event-feed.ts'
import type { EventStore, StoredEvent } from './event-store.ts'

const heartbeatEveryMs = 15_000
/** A reader that takes nothing for so long is gone, or means harm. */
const stalledMs = 30_000
/** Streams of one business and mode on one server; they are many connections of a browser's tabs at most. */
const streamsMax = 50

interface EventStream {
  readonly events: Pick<EventStore, 'after' | 'latestCursor' | 'judgeCursor'>
  /** Events of anything else are not told. */
  readonly subjects: EventSubjects
}

/** Everything that happens, live. A client that comes back with `Last-Event-ID` misses nothing. */
export const eventStreamRoutes =
  ({ events, subjects }: EventStream): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    const feeds = new EventFeeds(events, streamsMax)
    const closers = new Set<() => void>()
    let isClosing = false
    app.addHook('preClose', async () => {
      isClosing = true
      for (const close of closers) close()
    })

    app.get(
      '/events/stream',
      {
        config: { permission: 'events:read' },
        schema: {
          operationId: 'streamEvents',
          summary: 'Follow events live',
          description:
            'Server-sent events, of what the key may read. Send `Last-Event-ID` to go on where a connection broke.',
          tags: ['Events'],
          headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ maxLength: 64 })) }),
          response: {
            200: { description: 'A stream of events.', content: { 'text/event-stream': { schema: Type.String() } } },
          },
          refusals: [
            platformRefusals.stream_limit_reached,
            platformRefusals.cursor_ahead,
            platformRefusals.cursor_expired,
          ],
        },
      },
      async (request, reply) => {
        // It would hold up the end of a server that stops.
        if (isClosing) throw new Refusal(platformRefusals.busy, { retryAfterSeconds: 1 })
        const resumeAfter = readLastEventId(request)
        const following = feeds.follow(callerOf(request), request.log)
        if (!following) throw new Refusal(platformRefusals.stream_limit_reached)
        const { feed, leave } = following
        let latest: string
        try {
          latest = await feed.latest()
          await requireUsable(events, callerOf(request).businessId, resumeAfter)
        } catch (error) {
          leave()
          throw error
        }
        const isStillKnown = keyWatch(app, request)
        const { permissions } = callerOf(request)
        const mayHear = ({ permission }: EventSubject): boolean => permissions.has(permission)
        const spell = (event: StoredEvent) => spellEvent(subjects, mayHear, event)
        await stream({ reply, feed, leave, from: resumeAfter ?? latest, closers, isStillKnown, spell })
      },
    )
  }

interface Streaming {
  readonly reply: FastifyReply
  readonly feed: EventFeed
  readonly leave: () => void
  /** The cursor to begin after. */
  readonly from: string
  /** What ends the streams of this server when it stops. */
  readonly closers: Set<() => void>
  readonly isStillKnown: () => Promise<boolean>
  readonly spell: (event: StoredEvent) => readonly string[]
}

/** Until the client goes, the server stops or the key is revoked. */
async function stream({ reply, feed, leave, from, closers, isStillKnown, spell }: Streaming): Promise<void> {
  reply.hijack()
  const { raw } = reply
  let isOpen = true
  const close = (): void => {
    if (!isOpen) return
    isOpen = false
    closers.delete(close)
    leave()
    raw.end()
  }
  closers.add(close)
  raw.on('close', close)
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  // Where it begins: a client that loses the connection before the first event still knows what to go on after.
  raw.write(`retry: 1000\nid: ${from}\n\n`)
  let cursor = from
  let heardAt = performance.now()
  while (isOpen) {
    const page = await feed.after(cursor)
    // A key that was revoked since opens nothing any more. Without a database there is nothing to hear either.
    if (!(await isStillKnown())) close()
    const isSilent = page.events.length === 0 && performance.now() - heardAt >= heartbeatEveryMs
    const lines = isSilent ? [': still here\n\n'] : page.events.flatMap(spell)
    for (const line of lines) if (isOpen) await write(raw, line)
    if (lines.length > 0) heardAt = performance.now()
    cursor = page.cursor
  }
}

/** Asks anew for what the key stands for; without a database nothing is known to have changed. */
function keyWatch({ authentication }: FastifyInstance, request: FastifyRequest): () => Promise<boolean> {
  const key = bearerKey(request)
  const credential = authentication.credentials.find(({ isOne }) => isOne(key))
  return async () => {
    try {
      return (await credential?.find(key, request)) !== undefined
    } catch {
      return true
    }
  }
}

async function requireUsable(
  events: Pick<EventStore, 'judgeCursor'>,
  businessId: string,
  cursor: string | undefined,
): Promise<void> {
  const problem = cursor === undefined ? undefined : await events.judgeCursor(businessId, cursor)
  if (problem === 'ahead') throw new Refusal(platformRefusals.cursor_ahead)
  if (problem === 'expired') throw new Refusal(platformRefusals.cursor_expired)
}

function readLastEventId(request: FastifyRequest): string | undefined {
  const given = request.headers['last-event-id']
  if (given === undefined || given === '') return undefined
  if (typeof given === 'string' && readCursor(given)) return given
  const problem = 'must be the id of an event'
  throw new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'headers/last-event-id', problem }] })
}

/** No more is read from the database than the client takes. */
async function write(raw: ServerResponse, text: string): Promise<void> {
  if (raw.write(text) || raw.destroyed) return
  await new Promise<void>((resolve) => {
    const stalled = setTimeout(() => raw.destroy(), stalledMs)
    const go = (): void => {
      clearTimeout(stalled)
      raw.off('drain', go).off('close', go)
      resolve()
    }
    raw.on('drain', go).on('close', go)
  })
}

function spellEvent(
  subjects: EventSubjects,
  mayHear: (subject: EventSubject) => boolean,
  event: StoredEvent,
): readonly string[] {
  const subject = subjects[event.subjectKind]
  if (!subject || !mayHear(subject)) return []
  const data = {
    type: event.kind,
    ...spellSubject(event.subjectKind, subject, event),
    ...tellData(subject, event.data),
    at: event.at.toISOString(),
  }
  return [`id: ${event.cursor}\nevent: ${event.kind}\ndata: ${JSON.stringify(data)}\n\n`]
}
