import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { dumpDatabase } from '#platform/database/backup/dump.ts'
import { isRow } from '#platform/database/backup/format.ts'
import { restoreDatabase } from '#platform/database/backup/restore.ts'
import { moduleLines } from '../../src/cli/module-lines.ts'
import { codeOn, freshNumber, wrongCode } from '../kit/api.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'

/** What a database administrator may have set for reasons of their own, each the worst for us that there is. */
const defaults: Readonly<Record<string, string>> = {
  datestyle: 'SQL, DMY',
  intervalstyle: 'sql_standard',
  timezone: 'Asia/Kathmandu',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  // The first one there is, and it has tables of our names.
  search_path: 'theirs, public',
  array_nulls: 'off',
  transform_null_equals: 'on',
  row_security: 'off',
  default_transaction_isolation: 'serializable',
  statement_timeout: '100',
  lock_timeout: '1',
}

const nothing = (): void => undefined

async function hostileDatabase(): Promise<TestDatabase> {
  const database = await freshDatabase({ migrated: false })
  const name = new URL(database.url).pathname.slice(1)
  await database.query('create schema theirs')
  for (const table of ['verification', 'delivery', 'event', 'application', 'schema_migration', 'business'])
    await database.query(`create table theirs.${table} (theirs text)`)
  for (const [setting, value] of Object.entries(defaults))
    await database.query(`alter database ${name} set ${setting} = ${setting === 'search_path' ? value : `'${value}'`}`)
  return database
}

/** Every row, as a backup spells it; a restore begins a new epoch of the log, and rows have no order. */
async function rowsOf(url: string): Promise<string[]> {
  const rows: string[] = []
  let table = ''
  for await (const line of dumpDatabase(url, nothing)) {
    if ('table' in line) table = line.table
    else if (isRow(line) && table !== 'log_epoch') rows.push(`${table} ${JSON.stringify(line)}`)
  }
  return rows.toSorted()
}

describe('a database whose defaults are not ours', () => {
  let database: TestDatabase
  let server: TestServer
  before(async () => {
    database = await hostileDatabase()
    server = await startTestServer({ DATABASE_URL: database.url })
  })
  after(async () => {
    await server.stop()
    await database.drop()
  })

  it('is as hostile as this test thinks', async () => {
    // On a new connection; the time-outs would end this one's query.
    const [row] = await database.query<Record<string, string>>(
      `select unnest(setconfig) as set from pg_db_role_setting where setdatabase =
        (select oid from pg_database where datname = current_database()) limit 1`,
    )
    assert.match(row?.['set'] ?? '', /datestyle/i)
  })

  it('changes nothing: codes are sent and checked, and times are what they were', async () => {
    const to = freshNumber()
    const from = Date.now()
    const started = await server.call('POST', '/v1/verifications', { to, metadata: { order: 'A\\1', none: 'NULL' } })
    assert.equal(started.status, 201, JSON.stringify(started.body))
    const { id, created_at: createdAt, expires_at: expiresAt } = started.body
    const late = (text: string): number => Date.parse(text) - from
    assert.ok(Math.abs(late(createdAt)) < 5000, createdAt)
    assert.ok(late(expiresAt) > 60_000 && late(expiresAt) < 3_600_000, expiresAt)
    const code = await codeOn(server, to)
    const wrong = await server.call('POST', `/v1/verifications/${id}/check`, { code: wrongCode(code) })
    assert.deepEqual([wrong.status, wrong.body.valid], [200, false])
    const right = await server.call('POST', `/v1/verifications/${id}/check`, { code })
    assert.deepEqual([right.status, right.body.status], [200, 'approved'])
    const read = await server.call('GET', `/v1/verifications/${id}`)
    assert.deepEqual(read.body.metadata, { order: 'A\\1', none: 'NULL' })
    assert.equal(read.body.created_at, createdAt)
    const listed = await server.call('GET', '/v1/verifications?status=approved')
    assert.deepEqual(
      listed.body.data.map((one: { id: string }) => one.id),
      [id],
    )
    assert.ok(read.body.timeline.length >= 3)
    for (const { at } of read.body.timeline) assert.ok(Math.abs(late(at)) < 10_000, at)
    const levels = server.logged.map((line) => (JSON.parse(line) as { level: string }).level)
    assert.deepEqual(
      levels.filter((level) => level === 'error' || level === 'fatal'),
      [],
    )
  })

  it('is not touched outside our schema', async () => {
    for (const table of ['verification', 'event', 'schema_migration'])
      assert.deepEqual(await database.query(`select * from theirs.${table}`), [])
  })

  it('gives a backup that a friendly one takes, and takes it back', async () => {
    const friendly = await freshDatabase({ migrated: false })
    const again = await hostileDatabase()
    await restoreDatabase(friendly.url, moduleLines, dumpDatabase(database.url, nothing), nothing)
    await restoreDatabase(again.url, moduleLines, dumpDatabase(friendly.url, nothing), nothing)
    const rows = await rowsOf(friendly.url)
    assert.ok(rows.some((row) => row.startsWith('verification ')))
    assert.deepEqual(await rowsOf(again.url), rows)
    // When a key was last used, and what the guard learns, is still being written meanwhile.
    const settled = (all: readonly string[]) => all.filter((row) => !/^(?:api_key|guard_\w+) /.test(row))
    assert.deepEqual(settled(await rowsOf(database.url)), settled(rows))
    await again.drop()
    await friendly.drop()
  })

  it('may name a schema of its own for the tables', async () => {
    const own = await freshDatabase({ migrated: false })
    await own.query('create schema centang')
    const url = `${own.url}?options=-csearch_path%3Dcentang`
    const inSchema = await startTestServer({ DATABASE_URL: url })
    const started = await inSchema.call('POST', '/v1/verifications', { to: freshNumber() })
    assert.equal(started.status, 201, JSON.stringify(started.body))
    const [count] = await own.query<{ n: string }>('select count(*) as n from centang.verification')
    assert.equal(count?.n, '1')
    assert.deepEqual(await own.query(`select from pg_tables where schemaname = 'public'`), [])
    await inSchema.stop()
    await own.drop()
  })
})
