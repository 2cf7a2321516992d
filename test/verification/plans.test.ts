import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { dayMs } from '#platform/core/kept.ts'
import { EngineLane } from '#platform/database/lanes.ts'
import { checkStatement } from '#verification/store/statements/check.ts'
import { claimStatement, receiptStatement, recordSendStatement } from '#verification/store/statements/deliver.ts'
import { loadStatement } from '#verification/store/statements/load.ts'
import { moveStatement } from '#verification/store/statements/move.ts'
import { startStatement } from '#verification/store/statements/start.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { withoutGuard } from '../kit/without-guard.ts'
import { businessId, rightMac, startRow } from './start-row.ts'

const pending = 1000
/** Rows of a set; each statement below runs one. */
const setSize = 20

/**
 * What the statements read, counted by PostgreSQL: however many codes are pending, each looks only at its own. Their
 * plans are those of a database that was empty when they were made, and they are never made anew.
 */
describe('the statements read only what they are about', () => {
  let database: TestDatabase
  let lane: EngineLane
  let numbers = 0
  beforeEach(async () => {
    database = await freshDatabase()
    lane = new EngineLane({ connectionString: database.url, statementTimeoutMs: 5000, lockTimeoutMs: 2000 })
    await database.query('insert into business values ($1, $2, now())', [businessId, 'x'])
    // As many partitions as a server has after some months.
    const day = (days: number) => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10)
    for (const table of ['verification', 'delivery', 'event'])
      for (const days of [-95, -70, -45, -20, 5])
        await database.query('select make_partition($1::regclass, $2, $3)', [table, day(days), day(days + 25)])
    await database.query('analyze')
  })
  afterEach(async () => {
    await lane.close()
    await database.drop()
  })

  const rowsOf = (count: number, now: Date) =>
    Array.from({ length: count }, () => startRow(`+${1_000_000_000 + numbers++}`, now))

  async function runAll(): Promise<void> {
    const now = new Date()
    const rows = rowsOf(setSize, now)
    const deliveries = rows.map(({ deliveryId }, n) => ({
      businessId,
      id: deliveryId,
      providerMessageId: `message ${numbers} ${n}`,
      now,
    }))
    await startStatement.run(lane, rows)
    const claimed = await claimStatement.run(lane, deliveries)
    assert.ok(claimed.every((one) => one !== null))
    await recordSendStatement.run(
      lane,
      deliveries.map((delivery) => ({ ...delivery, status: 'sent' })),
    )
    const receipts = await receiptStatement.run(
      lane,
      deliveries.map(({ id, providerMessageId }, n) => ({
        businessId,
        senderId: (rows[n] as { senderId: string }).senderId,
        ...(n % 2 === 0 && { deliveryId: id }),
        providerMessageId,
        status: 'delivered',
        at: now,
        fallback: false,
        raw: {},
        now,
      })),
    )
    assert.ok(receipts.every((answer) => answer?.outcome === 'raised'))
    await loadStatement.run(lane, rows)
    const moved = await moveStatement.run(
      lane,
      rows.map(({ id }) => ({ businessId, id, revision: 0, isAsked: false, move: { kind: 'wait', dueAt: now }, now })),
    )
    assert.ok(moved.every((answer) => answer?.outcome === 'moved'))
    const checked = await checkStatement.run(
      lane,
      rows.map(({ id }) => ({ businessId, live: false, id, macs: new Map([[1, rightMac]]), now })),
    )
    assert.ok(checked.every((answer) => answer?.outcome === 'approved'))
  }

  /** Entries of all tables and indexes that the statements read for one set. */
  async function readsOfASet(): Promise<number> {
    const count = async (): Promise<number> => {
      await lane.query('flush', 'select pg_stat_force_next_flush()', [])
      const [found] = await database.query<{ n: string }>(
        `select (select sum(idx_tup_read) from pg_stat_user_indexes) + (select sum(seq_tup_read) from pg_stat_user_tables) as n`,
      )
      return Number(found?.n)
    }
    await runAll()
    const now = new Date()
    for (let made = 0; made < pending; made += 50) await startStatement.run(lane, rowsOf(50, now))
    const before = await count()
    await runAll()
    return (await count()) - before
  }

  it('and not every pending verification', async () => {
    const reads = await readsOfASet()
    assert.ok(reads > setSize && reads < pending, `${reads} entries were read`)
  })

  it('would read them all if the look-up of the recipient were a plain join', async () => {
    const lookUp = 'r.person = i.person\n      limit 1'
    await withoutGuard(database, 'start_verifications', [[lookUp, lookUp.replace(/\s+limit 1/, '')]], async () => {
      const reads = await readsOfASet()
      assert.ok(reads > pending, `only ${reads} entries were read: the limit is not what helps`)
    })
  })

  it('would read them all if a lane let the planner read whole tables', async () => {
    await lane.query('reset', 'reset enable_seqscan', [])
    await withoutGuard(database, 'claim_deliveries', [['d.id = i.id limit 1', 'd.id = i.id']], async () => {
      const reads = await readsOfASet()
      assert.ok(reads > pending, `only ${reads} entries were read: the lane is not what helps`)
    })
  })
})
