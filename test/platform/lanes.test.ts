import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sql } from 'kysely'
import pg from 'pg'
import { Database } from '#platform/database/database.ts'
import { EngineLane } from '#platform/database/lanes.ts'
import { freshDatabase } from '../kit/database.ts'

describe('a lane', () => {
  it('connects again after PostgreSQL refused it, and after a connection was ended', async () => {
    const database = await freshDatabase()
    const name = new URL(database.url).pathname.slice(1)
    const admin = new pg.Client({ connectionString: database.url.replace(`/${name}`, '/postgres') })
    await admin.connect()
    const lane = new EngineLane({ connectionString: database.url, statementTimeoutMs: 5000, lockTimeoutMs: 2000 })
    const ask = (): Promise<unknown> => lane.query('one', 'select 1 as one', [])
    try {
      await admin.query(`alter database ${name} allow_connections false`)
      // As a refusal: nothing was asked, so nothing has to be put back.
      await assert.rejects(ask(), { name: 'Refusal', code: 'database_unavailable' })
      await admin.query(`alter database ${name} allow_connections true`)
      assert.deepEqual(await ask(), [{ one: 1 }])
      const { rows } = await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'centang engine' and datname = $1`,
        [name],
      )
      assert.equal(rows.length, 1)
      // The loss is noticed at once; if the query was faster, it is that one's and no further one's.
      await ask().catch(() => undefined)
      assert.deepEqual(await ask(), [{ one: 1 }])
    } finally {
      await lane.close()
      await admin.end()
      await database.drop()
    }
  })
})

describe('a connection of the pool', () => {
  it('that breaks while somebody has it fails what they do, and nothing else', async () => {
    const test = await freshDatabase()
    const settings = { connectionString: test.url, statementTimeoutMs: 5000, lockTimeoutMs: 2000, poolSize: 2 }
    const database = new Database(settings)
    try {
      // Between two queries nobody waits for an answer, so the loss has nobody to tell but the connection itself.
      const broken = database.asEngine(async (trx) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx)
        await test.query('select pg_terminate_backend($1)', [rows[0]?.pid])
        await new Promise((done) => setTimeout(done, 300))
        await sql`select 1`.execute(trx)
      })
      await assert.rejects(broken)
      assert.ok((await database.ping()) instanceof Date)
    } finally {
      await database.close()
      await test.drop()
    }
  })
})

describe('transactions that wait for each other in a circle', () => {
  it('are both carried out: what PostgreSQL ended is done again', async () => {
    const test = await freshDatabase()
    const settings = { connectionString: test.url, statementTimeoutMs: 5000, lockTimeoutMs: 4000, poolSize: 2 }
    const database = new Database(settings)
    const both = Promise.withResolvers<void>()
    let [runs, holding] = [0, 0]
    const lockBoth = ([first, second]: readonly [number, number]) =>
      database.asEngine(async (trx) => {
        runs++
        await sql`select pg_advisory_xact_lock(${first})`.execute(trx)
        if (++holding === 2) both.resolve()
        await both.promise
        await sql`select pg_advisory_xact_lock(${second})`.execute(trx)
        return first
      })
    try {
      assert.deepEqual(await Promise.all([lockBoth([1, 2]), lockBoth([2, 1])]), [1, 2])
      assert.equal(runs, 3)
    } finally {
      await database.close()
      await test.drop()
    }
  })
})
