import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import pg from 'pg'
import type { Charge } from '#guard/core/charge.ts'
import { type Counter, isOver, retryAfter, spend, usedOf } from '#guard/core/counter.ts'
import type { Counters } from '#guard/store/counters.ts'
import { functionName } from '#guard/store/functions.ts'
import { planning } from '#platform/database/lanes.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { seed } from '../kit/exploration.ts'
import { withoutGuard } from '../kit/without-guard.ts'
import { businessId, chargeOf, countersOf, sendOf } from './counters.ts'

const start = Date.parse('2026-12-01T10:00:00Z')

describe(`counting of sends (seed ${seed})`, () => {
  let database: TestDatabase
  let counters: Counters
  before(async () => {
    database = await freshDatabase()
    counters = countersOf(database)
    await database.query('insert into business values ($1, $2, now())', [businessId, 'x'])
  })
  after(async () => {
    await counters.close()
    await database.drop()
  })

  const charge = fc.record({
    falls: fc.constantFrom('drain', 'window', 'clock'),
    limit: fc.integer({ min: 0, max: 6 }),
    seconds: fc.constantFrom(10, 60, 3600),
    send: fc.constantFrom(1, 1, 1, -1),
    creditMax: fc.integer({ min: 0, max: 4 }),
    isEnforced: fc.boolean(),
  }) as fc.Arbitrary<Partial<Charge>>
  const step = fc.record({
    afterMs: fc.constantFrom(0, 1, 900, 9999, 10_000, 10_001, 60_000, 3_600_000),
    uses: fc.subarray([0, 1, 2], { minLength: 1 }),
  })

  it('is what the rule in core says', async () => {
    let histories = 0
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(charge, charge, charge),
        fc.array(step, { minLength: 1, maxLength: 25 }),
        async (given, steps) => {
          const history = histories++
          const charges = given.map((one, index) => chargeOf(`unproven_block ${history} ${index}`, one))
          const kept = new Map<string, Counter>()
          let now = new Date(start)
          for (const { afterMs, uses } of steps) {
            now = new Date(now.getTime() + afterMs)
            const asked = uses.map((index) => charges[index] as Charge)
            const over = asked.filter((one) => isOver(usedOf(kept.get(one.key), one, now), one))
            const refusing = over.filter((one) => one.isEnforced)
            const found = await counters.spend(sendOf(randomUUID(), asked, now))
            assert.equal(found.refusedBy?.key, refusing[0]?.key)
            assert.deepEqual(
              found.recordedBy.map(({ key }) => key),
              over.filter((one) => !one.isEnforced).map(({ key }) => key),
            )
            if (refusing.length > 0) {
              const waits = refusing.map((one) => retryAfter(kept.get(one.key), one, now))
              assert.equal(found.retryAfterSeconds, Math.max(1, ...waits))
              continue
            }
            for (const one of asked.filter((each) => !over.includes(each)))
              kept.set(one.key, spend(kept.get(one.key), one, now))
          }
          const rows = await database.query<{ key: string; level: number }>(
            `select key, level from guard_counter where key like $1`,
            [`unproven_block ${history} %`],
          )
          assert.deepEqual(
            new Map(rows.map(({ key, level }) => [key, Math.round(level * 1000) || 0])),
            new Map([...kept].map(([key, { level }]) => [key, Math.round(level * 1000) || 0])),
          )
        },
      ),
      { numRuns: 120, seed },
    )
  })

  const allowedOf = (found: readonly { readonly refusedBy?: unknown }[]): number =>
    found.filter(({ refusedBy }) => refusedBy === undefined).length

  /** Sends that come at once, by two servers, to a counter that lets three pass. */
  async function race(key: string): Promise<number> {
    const other = countersOf(database)
    const now = new Date(start)
    const sends = Array.from({ length: 100 }, (_, n) =>
      (n % 2 === 0 ? counters : other).spend(sendOf(randomUUID(), [chargeOf(key)], now)),
    )
    const found = await Promise.all(sends)
    await other.close()
    return allowedOf(found)
  }

  it('lets no race pass', async () => {
    for (let round = 0; round < 5; round++) assert.equal(await race(`race ${round}`), 3)
  })

  it('would let races pass if each of a set knew nothing of those before it', async () => {
    const cut = [['s.used + s.turn > s."limit"', 's.used + 1 > s."limit"']] as const
    await withoutGuard(database, 'spend_sends', cut, async () => {
      assert.ok((await race('race without turns')) > 3)
    })
  })

  it('refuses one and counts its neighbours, whatever they share', async () => {
    const now = new Date(start)
    const shared = chargeOf('shared', { limit: 10 })
    const full = chargeOf('full', { limit: 0 })
    const found = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        counters.spend(sendOf(randomUUID(), n < 10 ? [full, shared] : [shared], now)),
      ),
    )
    assert.deepEqual(
      found.map(({ refusedBy }) => refusedBy?.key ?? 'allowed'),
      Array.from({ length: 20 }, (_, n) => (n < 10 ? 'full' : 'allowed')),
    )
  })

  it('gives back what did not leave', async () => {
    const now = new Date(start)
    const charges = [chargeOf('back', { falls: 'window' }), chargeOf('back too')]
    for (let turn = 0; turn < 10; turn++) {
      const row = sendOf(randomUUID(), charges, now)
      assert.equal((await counters.spend(row)).refusedBy, undefined)
      await counters.giveBack(row)
    }
    assert.deepEqual(await database.query(`select level, times from guard_counter where key like 'back%'`), [
      { level: 0, times: [] },
      { level: 0, times: null },
    ])
  })

  /** How many events one look for news reads, where the log holds many that were read before. */
  async function eventsRead(): Promise<number> {
    const client = new pg.Client(database.url)
    await client.connect()
    try {
      await client.query('begin')
      for (const [name, value] of Object.entries(planning)) await client.query(`set local ${name} = ${value}`)
      await client.query(`select ${functionName('learn_outcomes')}(1000, '{}', '{}', '{}', '{}')`)
      const { rows } = await client.query<{ count: number }>(
        `select sum(idx_tup_fetch + seq_tup_read)::int as count from pg_stat_xact_user_tables where relname like 'event%'`,
      )
      await client.query('rollback')
      return rows[0]?.count ?? -1
    } finally {
      await client.end()
    }
  }

  it('reads of the log what is new, however much it holds', async () => {
    await counters.spend(sendOf(randomUUID(), [chargeOf('read')], new Date(start)))
    const tell = (count: number): Promise<unknown> =>
      database.query(
        `insert into event (business_id, live, subject_kind, subject_id, kind, at)
          select $1, true, 'verification', gen_random_uuid(), 'verification.approved', now() from generate_series(1, $2::int)`,
        [businessId, count],
      )
    await tell(2000)
    while ((await counters.learn()) > 0);
    await tell(3)
    const read = await eventsRead()
    assert.ok(read >= 3 && read < 20, `${read} events`)
  })

  it('forgets what is old', async () => {
    // The histories above may have gone on for a day.
    await counters.forget(0, new Date(start + 60 * 3_600_000))
    for (const table of ['guard_counter', 'guard_send', 'guard_reading'])
      assert.deepEqual(await database.query(`select count(*)::int as n from ${table}`), [{ n: 0 }], table)
  })
})
