import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { dayMs } from '#platform/core/kept.ts'
import { restOf } from '#platform/core/partition.ts'
import { forgetOld } from '#platform/database/forget-old.ts'
import { Database } from '#platform/database/database.ts'
import { spellCursor } from '#platform/events/cursor.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import { EventStore } from '#platform/events/event-store.ts'
import { keptEvents } from '#platform/events/keep-events.ts'
import { IdempotencyStore } from '#platform/http/idempotency-store.ts'
import type { KeptData } from '#platform/module.ts'
import { keepData, type KeepingTakes, keepOnce, makePartitions } from '#platform/retention/keep-data.ts'
import { eventually } from '../kit/api.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { startTestServer } from '../kit/server.ts'
import { businessId } from '../verification/start-row.ts'

const events = keptEvents(30)

describe('keeping data', () => {
  let database: TestDatabase
  let opened: Database
  before(async () => {
    database = await freshDatabase()
    opened = new Database({
      connectionString: database.url,
      statementTimeoutMs: 5000,
      lockTimeoutMs: 2000,
      poolSize: 3,
    })
    await database.query(`insert into business values ($1, 'x', now())`, [businessId])
  })
  after(async () => {
    await opened.close()
    await database.drop()
  })

  /** A round of it at a time of the test's own. */
  async function keep(
    now: Date,
    keeps: readonly KeptData[],
    work: (takes: KeepingTakes) => Promise<unknown> = keepOnce,
  ): Promise<string[]> {
    const log: string[] = []
    await work({
      database: opened,
      now: () => now,
      keeps,
      onForgotten: (name, rows) => log.push(`${rows} ${name}`),
      onPartition: (what, partition) => log.push(`${what} ${partition}`),
      onError: (name, error) => log.push(`${name}: ${(error as Error).message}`),
    })
    return log
  }

  const partitions = async (table: string): Promise<string[]> =>
    (
      await database.query<{ name: string }>(
        `select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass order by 1`,
        [table],
      )
    ).map(({ name }) => name)

  const write = (at: Date, subject = randomUUID(), business = businessId) =>
    database.query(
      `insert into event (business_id, live, subject_kind, subject_id, kind, at, recorded_at)
        values ($1, true, 'x', $2, 'k', $3, $3)`,
      [business, subject, at],
    )

  /** Whatever else is under way in the cluster, and holds the horizon back. */
  async function lastCursor(): Promise<string> {
    const [last] = await database.query<{ position: string; sequence: string }>(
      `select log_position::text as position, sequence::text from event where business_id = $1
        order by log_position desc, sequence desc limit 1`,
      [businessId],
    )
    return spellCursor({ position: BigInt(last?.position ?? 0), sequence: BigInt(last?.sequence ?? 0) })
  }

  it('makes partitions ahead, drops them when all in them is over, and notes what each business has lost', async () => {
    const begin = new Date('2026-03-01T12:00:00Z')
    const log = new EventStore(opened)
    const quiet = randomUUID()
    assert.deepEqual(await keep(begin, [events], makePartitions), ['made event_20260301_20260309'])
    assert.deepEqual(await keep(begin, [events]), [], 'all is there')
    const [old, young] = [randomUUID(), randomUUID()]
    await write(new Date('2026-03-02T10:00:00Z'), old)
    await write(new Date('2026-03-02T10:00:00Z'), randomUUID(), quiet)
    const before = await lastCursor()
    await write(new Date('2026-03-08T23:00:00Z'), old)
    const lost = await lastCursor()

    assert.deepEqual(await keep(new Date('2026-03-07T00:00:00Z'), [events]), ['made event_20260309_20260317'])
    await write(new Date('2026-03-09T10:00:00Z'), young)
    const after = await lastCursor()
    // The youngest that it may hold is 30 days old at the end of April 7th.
    assert.deepEqual(
      (await keep(new Date('2026-04-07T23:59:00Z'), [events])).filter((line) => line.startsWith('dropped')),
      [],
    )
    assert.deepEqual(
      (await keep(new Date('2026-04-08T00:00:00Z'), [events])).filter((line) => line.startsWith('dropped')),
      ['dropped event_20260301_20260309'],
    )
    assert.deepEqual((await log.timeline(businessId, old)).length, 0)
    assert.deepEqual((await log.timeline(businessId, young)).length, 1)

    // Transactions of other tests hold the horizon back, for a moment.
    await eventually(async () => (await log.judgeCursor(businessId, after)) !== 'ahead')
    assert.equal(await log.judgeCursor(businessId, before), 'expired', 'an event came after it that is gone')
    assert.equal(await log.judgeCursor(businessId, lost), undefined, 'nothing after it is gone')
    assert.equal(await log.judgeCursor(businessId, after), undefined)
    const own = await log.latestCursor(quiet)
    assert.notEqual(own, '0-0-0')
    assert.equal(await log.judgeCursor(quiet, own), undefined, 'its own place is one to come back to')
  })

  it('refuses no row for want of a partition, makes none over it, and forgets it in time', async () => {
    const lone = new Date('2027-01-10T08:00:00Z')
    await write(lone)
    assert.deepEqual(await database.query(`select recorded_at from ${restOf('event')}`), [{ recorded_at: lone }])
    const made = (await keep(new Date('2027-01-09T00:00:00Z'), [events])).filter((line) => line.startsWith('made'))
    assert.match(made[0] as string, /^made event_20270111_/)
    await keep(new Date(lone.getTime() + 30 * dayMs), [events])
    assert.equal((await database.query(`select from ${restOf('event')}`)).length, 1, 'not a moment too early')
    assert.ok((await keep(new Date(lone.getTime() + 30 * dayMs + 1), [events])).includes('1 events'))
    assert.equal((await database.query(`select from ${restOf('event')}`)).length, 0)
  })

  it('waits for nobody who uses the table, so that nobody waits behind it', async () => {
    const user = new pg.Client({ connectionString: database.url })
    await user.connect()
    try {
      await user.query('begin')
      await user.query('select from event limit 1')
      const later = new Date('2027-06-01T00:00:00Z')
      const begun = performance.now()
      const busy = keep(later, [events])
      await write(new Date('2027-01-12T00:00:00Z'))
      const log = await busy
      assert.deepEqual(
        log.filter((line) => !line.startsWith('made')),
        [],
        'in use: nothing is dropped, and it is no error',
      )
      assert.ok(performance.now() - begun < 4000)
      await user.query('rollback')
      assert.ok((await keep(later, [events])).some((line) => line.startsWith('dropped')))
    } finally {
      await user.end()
    }
  })

  it('is shared by servers: two at once make and drop each partition once', async () => {
    const now = new Date('2028-01-01T00:00:00Z')
    const logs = await Promise.all([keep(now, [events]), keep(now, [events]), keep(now, [events])])
    const all = logs.flat()
    assert.equal(new Set(all).size, all.length, all.join())
    assert.ok(all.every((line) => /^(made|dropped) /.test(line)))
    assert.ok((await partitions('event')).includes('event_20280101_20280109'))
  })

  it('forgets in steps, and one class that fails keeps none of the others', async () => {
    await database.query(
      `insert into idempotency (business_id, key, fingerprint, created_at)
        select $1, n::text, '', $2::timestamptz + n * interval '1 second' from generate_series(1, 2500) n`,
      [businessId, new Date('2026-01-01T00:00:00Z')],
    )
    const limits: number[] = []
    const bad: KeptData = { name: 'bad', keptForMs: 1, forget: () => Promise.reject(new Error('no')) }
    const store = new IdempotencyStore(opened, undefined as never, () => new Date())
    const good: KeptData = {
      name: 'idempotency',
      keptForMs: dayMs,
      async forget(before, limit) {
        const forgotten = await store.forget(before, limit)
        limits.push(forgotten.rows)
        return forgotten
      },
    }
    const log = await keep(new Date('2026-01-02T00:40:00Z'), [bad, good])
    assert.deepEqual(limits, [1000, 1000, 399])
    assert.deepEqual(log, ['bad: no', '1000 idempotency', '1000 idempotency', '399 idempotency'])
    const [left] = await database.query<{ n: string }>('select min(key::integer)::text as n from idempotency')
    assert.equal(left?.n, '2400', 'a key is kept for its whole day')
  })

  it('forgets messages of every business by their age, and none that is younger', async () => {
    const forget = forgetOld(opened, 'message')
    const others = randomUUID()
    await database.query(`insert into business values ($1, 'y', now())`, [others])
    const at = Date.parse('2026-05-01T00:00:00Z')
    for (const [n, business] of [businessId, others, businessId, others, businessId].entries())
      await database.query(
        `insert into message (business_id, id, live, direction, sender_id, contact_id, content, status, created_at)
          values ($1, $2, true, 'out', $1, $1, '{}', 'sent', $3)`,
        [business, uuidv7(at + n), new Date(at + n)],
      )
    assert.deepEqual(await forget(new Date(at + 3), 2), { rows: 2, hasMore: true })
    assert.deepEqual(await forget(new Date(at + 3), 2), { rows: 1, hasMore: false })
    const left = await database.query('select created_at as at from message order by id')
    assert.deepEqual(left, [{ at: new Date(at + 3) }, { at: new Date(at + 4) }])
  })

  it('goes on by itself, and stops when told', async () => {
    let rounds = 0
    const repeating = keepData({
      database: opened,
      now: () => new Date(),
      keeps: [{ name: 'x', keptForMs: 1, forget: async () => (rounds++, { rows: 1, hasMore: rounds < 120 }) }],
      onForgotten: () => undefined,
      onPartition: () => undefined,
      onError: (_, error) => assert.fail(String(error)),
    })
    // More than the steps of one round: the next one follows at once.
    await eventually(async () => rounds === 120)
    await repeating.stop()
  })
})

describe('a server', () => {
  it('writes into partitions of today from its first event on', async () => {
    const server = await startTestServer()
    try {
      const { status } = await server.call('POST', '/v1/verifications', { to: '+6281234567859' })
      assert.equal(status, 201)
      for (const table of ['event', 'verification', 'delivery']) {
        const [rest] = await server.database.query<{ n: number }>(`select count(*)::int as n from ${restOf(table)}`)
        const [all] = await server.database.query<{ n: number }>(`select count(*)::int as n from ${table}`)
        assert.deepEqual([rest?.n, (all?.n ?? 0) > 0], [0, true], table)
      }
      assert.ok(server.logged.some((line) => line.includes('partition made')))
    } finally {
      await server.stop()
    }
  })
})
