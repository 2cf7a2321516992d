import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import pg from 'pg'
import { migrate } from '#platform/database/migrate.ts'
import { LockNotGiven } from '#platform/database/migration-lock.ts'
import { moduleLines } from '../../src/cli/module-lines.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'

/** Of those who migrate, as every release has it: servers of two releases have to meet there. */
const theirLock = 'select pg_advisory_xact_lock(1667591796)'

describe('whoever migrates a database', () => {
  let database: TestDatabase
  let holder: pg.Client
  let said: string[]
  const migrateWithin = (waitsAtMostMs: number) =>
    migrate(database.url, moduleLines, {
      patience: { waitsAtMostMs, tellsEveryMs: 100, say: (line) => said.push(line) },
    })
  before(async () => {
    database = await freshDatabase()
    await migrate(database.url, moduleLines)
  })
  after(() => database.drop())
  beforeEach(async () => {
    said = []
    holder = new pg.Client({ connectionString: database.url, application_name: 'somebody' })
    await holder.connect()
    await holder.query('begin')
  })
  afterEach(() => holder.end())

  for (const [what, statement] of [
    ['the lock of those who migrate this database', theirLock],
    ['the list of migrations', 'lock table schema_migration in access exclusive mode'],
    ['the epochs', 'lock table log_epoch in access exclusive mode'],
  ] as const) {
    it(`tells that it waits for ${what} and who has it, and does not wait for ever`, async () => {
      await holder.query(statement)
      const begun = performance.now()
      await assert.rejects(migrateWithin(450), (error: Error) => {
        assert.ok(error instanceof LockNotGiven, error.message)
        assert.match(error.message, new RegExp(`^Waited \\d+ s for ${what}, held by process \\d+ \\(somebody`))
        return true
      })
      assert.ok(performance.now() - begun < 5000)
      assert.ok(said.length >= 2, `${said.length} lines`)
      for (const line of said)
        assert.match(line, new RegExp(`^Waiting for ${what}, held by process \\d+ \\(somebody.*for \\d+ s\\)`))
    })

    it(`goes on when ${what} is let go`, async () => {
      await holder.query(statement)
      const migrating = migrateWithin(10_000)
      while (said.length === 0) await new Promise((done) => setTimeout(done, 10))
      await holder.query('commit')
      assert.deepEqual(await migrating, [])
    })
  }

  it('is not at work beside another, though the lock is of a transaction and not of a session', async () => {
    const empty = await freshDatabase({ migrated: false })
    const done = await Promise.all([1, 2, 3, 4].map(() => migrate(empty.url, moduleLines)))
    assert.equal(done.filter((names) => names.length > 0).length, 1)
    await empty.drop()
  })

  it('ends when the connection that holds the lock breaks', async () => {
    await holder.query('lock table schema_migration in access exclusive mode')
    const migrating = migrateWithin(10_000)
    const ended = assert.rejects(migrating, /The connection that held the lock of migrations broke/)
    while (said.length === 0) await new Promise((done) => setTimeout(done, 10))
    const gone = await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'centang migration lock'`,
    )
    assert.equal(gone.length, 1)
    await ended
  })
})
