import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pino } from 'pino'
import { createEventFeed, EventFeeds } from './event-feed.ts'
import type { EventStore, StoredEvent } from './event-store.ts'

const log = pino({ level: 'silent' })
const who = { businessId: 'b', live: false }

/** Events 1-1-1, 1-2-1, 1-3-1, … as a database that shows those committed so far. */
function store() {
  let committed = 0
  const reads: string[] = []
  const events = {
    latestCursor: async () => `1-${committed}-9223372036854775807`,
    after: async (_businessId: string, _live: boolean, cursor: string, limit: number) => {
      reads.push(cursor)
      const from = Number(cursor.split('-')[1]) + (cursor.endsWith('-0') ? 0 : 1)
      const found = Array.from({ length: Math.max(0, Math.min(limit, committed - from + 1)) }, (_, n) => ({
        cursor: `1-${from + n}-1`,
        subjectKind: 'verification',
        subjectId: 'v',
        kind: 'k',
        at: new Date(),
      }))
      const last = found.at(-1)?.cursor
      return { events: found, cursor: found.length < limit ? `1-${committed}-9223372036854775807` : (last as string) }
    },
    timeline: async () => [],
  } satisfies Pick<EventStore, 'after' | 'latestCursor' | 'timeline'>
  return { events, reads, commit: (count: number) => (committed += count) }
}

const cursorsOf = (events: readonly StoredEvent[]) => events.map(({ cursor }) => cursor)

describe('the feed of events', () => {
  it('reads the database as often for fifty followers as for one', async () => {
    const { events, reads, commit } = store()
    const feed = createEventFeed(events, who, log)
    const cursor = await feed.latest()
    commit(3)
    const pages = await Promise.all(Array.from({ length: 50 }, () => feed.after(cursor)))
    for (const page of pages) assert.deepEqual(cursorsOf(page.events), ['1-1-1', '1-2-1', '1-3-1'])
    assert.equal(reads.length, 1)
  })

  it('lets who fell behind catch up by reading for itself, each event once', async () => {
    const { events, commit } = store()
    const feed = createEventFeed(events, who, log)
    const start = await feed.latest()
    let quick = start
    for (let round = 0; round < 3; round++) {
      commit(150)
      quick = (await feed.after(quick)).cursor
    }
    const seen: string[] = []
    let slow = start
    while (seen.length < 450) {
      const page = await feed.after(slow)
      seen.push(...cursorsOf(page.events))
      slow = page.cursor
    }
    commit(2)
    const [one, other] = await Promise.all([feed.after(slow), feed.after(quick)])
    assert.deepEqual(
      [...seen, ...cursorsOf(one.events)],
      Array.from({ length: 452 }, (_, n) => `1-${n + 1}-1`),
    )
    assert.deepEqual(cursorsOf(other.events), ['1-451-1', '1-452-1'])
  })

  it('gives nothing twice to who has come further by its own reading than the feed', async () => {
    const { events, commit } = store()
    const feed = createEventFeed(events, who, log)
    await feed.latest()
    commit(5)
    const page = await feed.after('1-3-1')
    assert.deepEqual(cursorsOf(page.events), ['1-4-1', '1-5-1'])
  })

  it('has as many followers as it may, and places again when some leave', () => {
    const { events } = store()
    const feeds = new EventFeeds(events, 2)
    const [first, second] = [feeds.follow(who, log), feeds.follow(who, log)]
    assert.equal(first?.feed, second?.feed)
    assert.equal(feeds.follow(who, log), undefined)
    assert.ok(feeds.follow({ ...who, live: true }, log))
    first?.leave()
    assert.ok(feeds.follow(who, log))
  })
})
