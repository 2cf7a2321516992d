import type { FastifyBaseLogger } from 'fastify'
import { isBefore } from './cursor.ts'
import type { EventPage, EventStore } from './event-store.ts'

type Events = Pick<EventStore, 'after' | 'latestCursor'>

const pollEveryMs = 300
const pollAfterErrorMs = 2000
const pageMax = 200

/** The events of one business and mode, read once for everybody who follows them. */
export interface EventFeed {
  /** Where a reader who asks for nothing older begins. */
  latest(): Promise<string>
  /** What comes after a cursor; for a reader who is up to date, the next look at the database, which may show nothing. */
  after(cursor: string): Promise<EventPage>
  close(): void
}

interface Look extends EventPage {
  /** The cursor it was read after. */
  readonly from: string
}

/**
 * One reader of the database, however many follow. It holds no queue: who is slower than the events, or comes back
 * with an older cursor, reads pages of its own until it has caught up.
 */
export function createEventFeed(
  events: Events,
  { businessId, live }: { readonly businessId: string; readonly live: boolean },
  log: FastifyBaseLogger,
): EventFeed {
  let isClosed = false
  // No event stands between the two: who is at either of them is up to date.
  let emptyFrom = ''
  let head = ''
  let hasMore = false
  let look: Promise<Look> | undefined
  const starting = events.latestCursor(businessId).then((cursor) => {
    emptyFrom = head = cursor
  })

  const read = async (): Promise<Look> => {
    if (!hasMore) await sleep(pollEveryMs)
    const from = head
    const page = await events.after(businessId, live, from, pageMax)
    hasMore = page.events.length === pageMax
    if (page.events.length > 0) emptyFrom = page.cursor
    head = page.cursor
    return { ...page, from }
  }

  const nothing = async (cursor: string, error: unknown): Promise<Look> => {
    if (!isClosed) log.error({ err: error }, 'event stream')
    await sleep(pollAfterErrorMs)
    return { from: cursor, events: [], cursor }
  }

  /** The look that everybody who is up to date waits for together. */
  const nextLook = (): Promise<Look> => {
    look ??= read()
      .catch((error: unknown) => nothing(head, error))
      .finally(() => (look = undefined))
    return look
  }

  return {
    async latest() {
      await starting
      return head
    },
    async after(cursor) {
      await starting
      if (cursor !== head && isBefore(cursor, emptyFrom)) {
        return events.after(businessId, live, cursor, pageMax).catch((error: unknown) => nothing(cursor, error))
      }
      const next = await nextLook()
      if (cursor === next.from) return next
      // Its own reading may have come further than what everybody saw last.
      return {
        events: next.events.filter((event) => isBefore(cursor, event.cursor)),
        cursor: isBefore(next.cursor, cursor) ? cursor : next.cursor,
      }
    },
    close() {
      isClosed = true
    },
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The feeds of this server: one for each business and mode that is followed, with the number of its followers. */
export class EventFeeds {
  readonly #events: Events
  readonly #followersMax: number
  readonly #feeds = new Map<string, { readonly feed: EventFeed; followers: number }>()

  constructor(events: Events, followersMax: number) {
    this.#events = events
    this.#followersMax = followersMax
  }

  /** Undefined when as many follow as may. */
  follow(
    caller: { readonly businessId: string; readonly live: boolean },
    log: FastifyBaseLogger,
  ): { readonly feed: EventFeed; readonly leave: () => void } | undefined {
    const name = `${caller.businessId} ${caller.live}`
    const found = this.#feeds.get(name) ?? { feed: createEventFeed(this.#events, caller, log), followers: 0 }
    if (found.followers >= this.#followersMax) return undefined
    found.followers++
    this.#feeds.set(name, found)
    const leave = (): void => {
      found.followers--
      if (found.followers > 0) return
      found.feed.close()
      this.#feeds.delete(name)
    }
    return { feed: found.feed, leave }
  }
}
