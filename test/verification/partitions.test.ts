import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { dayMs } from '#platform/core/kept.ts'
import { EngineLane } from '#platform/database/lanes.ts'
import type { StartRow } from '#verification/core/engine.ts'
import { createEngine, type PostgresEngine } from '#verification/store/engine.ts'
import { checkStatement } from '#verification/store/statements/check.ts'
import {
  claimStatement,
  receiptStatement,
  recordSendStatement,
  settleStatement,
} from '#verification/store/statements/deliver.ts'
import { moveStatement } from '#verification/store/statements/move.ts'
import { startStatement } from '#verification/store/statements/start.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { withoutGuard } from '../kit/without-guard.ts'
import { businessId, rightMac, startRow } from './start-row.ts'

/**
 * Two verifications in two partitions, at the same place in each: what is done to one must not touch the other. The
 * other one is a stranger's, and pending.
 */
describe('a place that comes again in another partition', () => {
  let database: TestDatabase
  let lane: EngineLane
  let engine: PostgresEngine
  const now = new Date()
  let [stranger, own]: StartRow[] = []

  beforeEach(async () => {
    database = await freshDatabase()
    const connection = { connectionString: database.url, statementTimeoutMs: 5000, lockTimeoutMs: 2000 }
    lane = new EngineLane(connection)
    engine = createEngine({ ...connection, laneCount: 1, bindRequests: true, now: () => new Date(Date.now() + 60_000) })
    await database.query('insert into business values ($1, $2, now())', [businessId, 'x'])
    const day = (days: number) => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10)
    for (const table of ['verification', 'delivery'])
      for (const [from, to] of [
        [day(-60), day(-30)],
        [day(-30), day(30)],
      ])
        await database.query('select make_partition($1::regclass, $2, $3)', [table, from, to])
    const expiresAt = new Date(now.getTime() + 600_000)
    const dueAt = new Date(now.getTime() + 500_000)
    stranger = { ...startRow('+1', new Date(now.getTime() - 45 * dayMs)), expiresAt, dueAt, now }
    own = startRow('+2', now, { expiresAt })
    for (const row of [stranger, own]) await startStatement.run(lane, [row])
    const [places] = await database.query<{ verifications: string[]; deliveries: string[]; tables: string[] }>(
      `select array(select distinct ctid::text from verification) as verifications,
        array(select distinct ctid::text from delivery) as deliveries,
        array(select distinct tableoid::text from verification) as tables`,
    )
    assert.deepEqual([places?.verifications.length, places?.deliveries.length, places?.tables.length], [1, 1, 2])
  })
  afterEach(async () => {
    await Promise.all([lane.close(), engine.close()])
    await database.drop()
  })

  const stateOf = async ({ id, deliveryId }: StartRow): Promise<unknown> =>
    database.query(
      `select to_jsonb(v) as row from verification v where id = $1
      union all select to_jsonb(d) from delivery d where id = $2`,
      [id, deliveryId],
    )

  const delivery = () => ({ businessId, id: own?.deliveryId as string, now })
  /** Each does something to the own one. */
  const works: Readonly<Record<string, () => Promise<unknown>>> = {
    check_codes: () =>
      checkStatement.run(lane, [
        { businessId, live: false, id: own?.id as string, macs: new Map([[1, rightMac]]), now },
      ]),
    move_verifications: () =>
      moveStatement.run(lane, [
        {
          businessId,
          id: own?.id as string,
          revision: 0,
          isAsked: false,
          move: { kind: 'end', reason: 'canceled', status: 'canceled' } as never,
          now,
        },
      ]),
    claim_deliveries: () => claimStatement.run(lane, [delivery()]),
    record_sends: () => recordSendStatement.run(lane, [{ ...delivery(), status: 'sent', providerMessageId: 'm' }]),
    apply_receipts: () =>
      receiptStatement.run(lane, [
        {
          businessId,
          senderId: businessId,
          deliveryId: own?.deliveryId as string,
          providerMessageId: 'm',
          status: 'delivered',
          at: now,
          fallback: false,
          raw: {},
          now,
        },
      ]),
    settle_failures: () => settleStatement.run(lane, [{ businessId, id: own?.deliveryId as string, decidedAt: now }]),
    claim_abandoned: () => engine.claimAbandoned(2, 10),
    claim_due: () => engine.claimDue(10, 5),
  }
  /** What has to be there before. */
  const preparations: Readonly<Record<string, () => Promise<unknown>>> = {
    settle_failures: () => database.query('update delivery set unmoved_since = $1', [now]),
    claim_abandoned: () =>
      database.query(`update delivery set send_after = send_after + interval '1 hour' where id = $1`, [
        stranger?.deliveryId,
      ]),
  }

  for (const [name, work] of Object.entries(works))
    it(`is told apart by ${name}`, async () => {
      await preparations[name]?.()
      const states = () => Promise.all([stateOf(stranger as StartRow), stateOf(own as StartRow)])
      const [strangers, owns] = await states()
      await work()
      const [strangersAfter, ownsAfter] = await states()
      assert.deepEqual(strangersAfter, strangers)
      assert.notDeepEqual(ownsAfter, owns, 'it did something')
    })

  it('would approve the stranger’s without the key beside it', () =>
    withoutGuard(database, 'check_codes', [[' and v.business_id = d.business_id and v.id = d.id', '']], async () => {
      await works['check_codes']?.()
      const rows = await database.query('select id from verification where status = $1 order by id', ['approved'])
      assert.equal(rows.length, 2, 'a code for one approves both')
    }))

  it('would call the stranger’s message delivered without the key beside it', () =>
    withoutGuard(database, 'apply_receipts', [[' and d.business_id = f.business_id and d.id = f.id', '']], async () => {
      await works['apply_receipts']?.()
      assert.equal((await database.query(`select from delivery where status = 'delivered'`)).length, 2)
    }))
})

describe('a join by ctid', () => {
  const folder = new URL('../../src/verification/', import.meta.url)
  const texts = ['functions/', 'store/statements/'].flatMap((part) =>
    readdirSync(new URL(part, folder)).map(
      (file) => [file, readFileSync(new URL(part + file, folder), 'utf8')] as const,
    ),
  )
  /** The aliases of tables that lie in partitions, joined by their place alone. */
  const bare = (text: string): string[] =>
    [...text.matchAll(/\b(\w+)\.ctid = (\w+)\.\w+(.{0,200})/gs)]
      // The recipients lie in one table.
      .filter(([, alias]) => alias !== 'r')
      .filter(([, alias, other, next]) =>
        ['business_id', 'id'].some(
          (column) => !new RegExp(`\\b${alias}\\.${column} = ${other}\\.`).test(next as string),
        ),
      )
      .map(([found]) => found.slice(0, 60))

  it('compares the key as well, wherever the table lies in partitions', () => {
    let joins = 0
    for (const [file, text] of texts) {
      joins += [...text.matchAll(/\.ctid = /g)].length
      assert.deepEqual(bare(text), [], file)
    }
    assert.ok(joins >= 12)
  })

  it('would be noticed without it', () => {
    assert.equal(bare('where v.ctid = d.row and v.ended_at is null').length, 1)
    assert.equal(bare('where v.ctid = d.row and v.business_id = d.business_id and v.live').length, 1)
    assert.equal(bare('where v.ctid = d.row and v.business_id = d.business_id and v.id = d.id').length, 0)
  })
})
