import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { EngineLane } from '#store/lanes.ts'
import { checkStatement } from '#store/statements/check.ts'
import { startStatement } from '#store/statements/start.ts'
import { freshDatabase, type TestDatabase, withoutGuard } from './database.ts'
import { businessId, rightMac, startRow } from './start-row.ts'

const pending = 1000

/**
 * What the statements read, counted by PostgreSQL: however many codes are pending, a check and a start look only at
 * their own. The statistics are those of a young database, in which nothing was pending yet.
 */
describe('the statements read only what they are about', () => {
  let database: TestDatabase
  let lane: EngineLane
  let numbers = 0
  before(async () => {
    database = await freshDatabase()
    lane = new EngineLane({ connectionString: database.url, statementTimeoutMs: 5000, lockTimeoutMs: 2000 })
    await database.query('insert into business values ($1, $2, now())', [businessId, 'x'])
    await database.query('analyze')
    const now = new Date()
    for (let made = 0; made < pending; made += 50) await startStatement.run(lane, rowsOf(50, now))
  })
  after(async () => {
    await lane.close()
    await database.drop()
  })

  const rowsOf = (count: number, now: Date) =>
    Array.from({ length: count }, () => startRow(`+${1_000_000_000 + numbers++}`, now))

  /** Entries read of the index of all pending verifications while twenty are started and checked. */
  async function readOfPending(): Promise<number> {
    const count = async (): Promise<number> => {
      await lane.query('flush', 'select pg_stat_force_next_flush()', [])
      const [found] = await database.query<{ n: string }>(
        `select idx_tup_read as n from pg_stat_user_indexes where indexrelname = 'verification_pending'`,
      )
      return Number(found?.n)
    }
    await lane.query('discard', 'discard plans', [])
    const before = await count()
    const now = new Date()
    const rows = rowsOf(20, now)
    await startStatement.run(lane, rows)
    const checks = rows.map(({ id }) => ({ businessId, live: false, id, macs: new Map([[1, rightMac]]), now }))
    const answers = await checkStatement.run(lane, checks)
    assert.ok(answers.every((answer) => answer?.outcome === 'approved'))
    return (await count()) - before
  }

  it('and not every pending verification', async () => {
    const read = await readOfPending()
    assert.ok(read < pending / 2, `${read} entries were read`)
  })

  it('would read them all if the guard said `pending` in the words of that index', async () => {
    await withoutGuard(
      database,
      'check_codes',
      [['and v.ended_at is null and v.check_count', "and v.status = 'pending' and v.check_count"]],
      async () => {
        const read = await readOfPending()
        assert.ok(read >= pending, `only ${read} entries were read: the guard is not what helps`)
      },
    )
  })
})
