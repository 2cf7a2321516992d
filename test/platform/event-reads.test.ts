import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { sql } from 'kysely'
import { Database } from '#platform/database/database.ts'
import { EventStore } from '#platform/events/event-store.ts'
import { firstSince } from '#platform/events/first-since.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import { WebhookStore } from '#webhooks/store/webhooks.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { businessId } from '../verification/start-row.ts'
import { anyKind } from '../webhooks/formats.ts'

const eventCount = 6000
/** Each in a transaction of its own, a second apart. */
const begunAt = Date.parse('2026-03-01T00:00:00Z')
const timeOf = (n: number): Date => new Date(begunAt + n * 1000)
const subjectId = randomUUID()

describe('reading the log', () => {
  let database: TestDatabase
  let opened: Database
  let events: EventStore
  before(async () => {
    database = await freshDatabase()
    opened = new Database({
      connectionString: database.url,
      statementTimeoutMs: 5000,
      lockTimeoutMs: 2000,
      poolSize: 1,
    })
    events = new EventStore(opened)
    await database.query(`insert into business values ($1, 'x', now())`, [businessId])
    // Every tenth is a receipt that came two days late; every third is of the other mode.
    await database.query(
      `insert into event (business_id, live, subject_kind, subject_id, kind, log_position, at)
      select $1, n % 3 <> 0, 'verification', case when n % 500 = 0 then $2::uuid else gen_random_uuid() end, 'k',
        (1::bigint << 48) + n / 2, $3::timestamptz + n * interval '1 second' - case when n % 10 = 0 then interval '2 days' else '0' end
      from generate_series(1, $4::integer) n`,
      [businessId, subjectId, timeOf(0), eventCount],
    )
    await database.query(
      'create or replace function current_epoch() returns bigint language sql stable as $$select 2::bigint$$',
    )
    await database.query('vacuum analyze event')
  })
  after(async () => {
    await opened.close()
    await database.drop()
  })

  /** Entries of the log and its indexes that were read for something. */
  async function readsOf(work: () => Promise<unknown>): Promise<number> {
    const count = async (): Promise<number> => {
      await opened.asEngine((trx) => sql`select pg_stat_force_next_flush()`.execute(trx))
      const [found] = await database.query<{ n: string }>(
        `select (select sum(idx_tup_read) from pg_stat_user_indexes where relname = 'event_rest')
          + (select seq_tup_read from pg_stat_user_tables where relname = 'event_rest') as n`,
      )
      return Number(found?.n)
    }
    const before = await count()
    await work()
    return (await count()) - before
  }

  const cursorAt = (n: number): string => `1-${Math.floor(n / 2)}-${n}`

  it('takes a page for a page, a timeline for a timeline', async () => {
    const page = await readsOf(async () => {
      const { events: found } = await events.after(businessId, true, cursorAt(3000), 100)
      assert.deepEqual([found.length, found[0]?.cursor], [100, cursorAt(3001)])
    })
    assert.ok(page < 300, `a page of 100 read ${page}`)
    const end = await readsOf(async () => {
      const { events: found } = await events.after(businessId, true, cursorAt(eventCount), 100)
      assert.equal(found.length, 0)
    })
    assert.ok(end < 10, `nothing new read ${end}`)
    const timeline = await readsOf(async () => assert.equal((await events.timeline(businessId, subjectId)).length, 12))
    assert.ok(timeline < 30, `a timeline of 12 read ${timeline}`)
    const latest = await readsOf(() => events.latestCursor(businessId))
    assert.ok(latest < 10, `the present read ${latest}`)
  })

  it('takes a set for spreading a set', async () => {
    await database.query(
      `insert into webhook_endpoint (business_id, id, live, format, url, events, secrets_sealed, seen_position, seen_sequence, created_at)
        values ($1, $2, true, 'standard', 'https://x', '{}', '', $3, 0, now())`,
      [businessId, randomUUID(), String((1n << 48n) + 1000n)],
    )
    const webhooks = new WebhookStore(opened, new Keyring(new Map([[1, randomBytes(32)]])), anyKind(opened))
    const spread = await readsOf(() => webhooks.spread(new Date()))
    assert.ok(spread < 500, `a set of 200 read ${spread}`)
  })

  it('finds the first event of a time without reading those before', async () => {
    const find = (since: Date) => opened.asBusiness(businessId, (trx) => firstSince(trx, businessId, since))
    for (const n of [-1e6, 0, 1, 2, 59, 60, 61, 777, 3000, 5989, eventCount - 1, eventCount, eventCount + 1]) {
      const [wanted] = await database.query(
        `select log_position::text as position, sequence::text from event where at >= $1 order by log_position, sequence limit 1`,
        [timeOf(n)],
      )
      assert.deepEqual(await find(timeOf(n)), wanted, String(n))
    }
    const reads = await readsOf(() => find(timeOf(5000)))
    assert.ok(reads < 1000, `${reads} were read`)
    const inOrder = await readsOf(() =>
      opened.asBusiness(businessId, (trx) =>
        sql`select from event where at >= ${timeOf(5000)} order by log_position, sequence limit 1`.execute(trx),
      ),
    )
    assert.ok(inOrder > 3000, `the plain way read only ${inOrder}`)
    const [none] = await database.query<{ id: string }>('select gen_random_uuid() as id')
    const stranger = none?.id as string
    assert.equal(await opened.asBusiness(stranger, (trx) => firstSince(trx, stranger, timeOf(0))), undefined)
  })
})
