import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { dumpDatabase } from '#platform/database/backup/dump.ts'
import { restoreDatabase } from '#platform/database/backup/restore.ts'
import { Database } from '#platform/database/database.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#platform/database/embedded/embedded-postgres.ts'
import { EngineLane } from '#platform/database/lanes.ts'
import { migrate } from '#platform/database/migrate.ts'
import { EventStore } from '#platform/events/event-store.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import { startStatement } from '#verification/store/statements/start.ts'
import { WebhookEndpointStore } from '#webhooks/store/webhook-endpoints.ts'
import { WebhookStore } from '#webhooks/store/webhooks.ts'
import { moduleLines } from '../../src/cli/module-lines.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { eventually } from '../kit/api.ts'
import { temporaryFolder } from '../kit/processes.ts'
import { businessId, startRow } from '../verification/start-row.ts'
import { anyKind } from '../webhooks/formats.ts'

const keyring = new Keyring(new Map([[1, randomBytes(32)]]))
const nothing = () => undefined

interface Log {
  readonly events: EventStore
  readonly webhooks: WebhookStore
  readonly endpoints: WebhookEndpointStore
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>
  write(kind: string): Promise<void>
  /** Kinds of events after a cursor. */
  kindsAfter(cursor: string): Promise<string[]>
  close(): Promise<void>
}

const insertEvent = `insert into event (business_id, live, subject_kind, subject_id, kind, at)
  values ($1, true, 'verification', $2, $3, now())`

function openLog(connectionString: string): Log {
  const database = new Database({ connectionString, statementTimeoutMs: 5000, lockTimeoutMs: 2000, poolSize: 2 })
  const pool = new pg.Pool({ connectionString, max: 2 })
  pool.on('error', nothing)
  const events = new EventStore(database)
  return {
    events,
    webhooks: new WebhookStore(database, keyring, anyKind(database)),
    endpoints: new WebhookEndpointStore(database, keyring, anyKind(database)),
    query: async (text, values = []) => (await pool.query(text, values)).rows,
    async write(kind) {
      const { rows } = await pool.query(`${insertEvent} returning log_position`, [businessId, randomUUID(), kind])
      // A transaction of any database of the cluster holds the log back for a moment.
      const horizon = 'select log_horizon() > $1 as is_seen'
      await eventually(async () => (await pool.query(horizon, [rows[0].log_position])).rows[0].is_seen as boolean)
    },
    kindsAfter: async (cursor) => (await events.after(businessId, true, cursor, 100)).events.map(({ kind }) => kind),
    async close() {
      await pool.end()
      await database.close()
    },
  }
}

const epochOf = async (log: Pick<Log, 'query'>): Promise<number> =>
  Number((await log.query<{ epoch: string }>('select current_epoch() as epoch'))[0]?.epoch)

/** The webhooks of the endpoint with their status, by the event that they are about; all that is new is spread first. */
async function webhooksOf(log: Log): Promise<string[]> {
  while (await log.webhooks.spread(new Date())) await sleep(0)
  const rows = await log.query<{ line: string }>(
    `select e.kind || ' ' || d.status as line from webhook_delivery d join event e on e.sequence = d.event_sequence order by e.sequence`,
  )
  return rows.map(({ line }) => line)
}

describe('a log that was restored into another cluster', () => {
  let source: TestDatabase
  let cluster: EmbeddedPostgres
  const folder = temporaryFolder()
  before(async () => {
    source = await freshDatabase()
    // More transactions than a new cluster has had.
    await source.query('do $$ begin for n in 1..3000 loop perform txid_current(); commit; end loop; end $$')
    await source.query(`insert into business values ($1, 'x', now())`, [businessId])
    cluster = await startEmbeddedPostgres({ dataFolder: folder, log: nothing })
  })
  after(async () => {
    await cluster.stop()
    await source.drop()
    rmSync(folder, { recursive: true })
  })

  it('goes on where every reader and every endpoint was: nothing twice, nothing lost', async () => {
    const old = openLog(source.url)
    const endpoint = { format: 'standard', url: 'https://x.example', events: ['verification.*'] } as const
    await old.endpoints.create({ businessId, live: true }, endpoint, new Date())
    await old.write('verification.a')
    assert.deepEqual(await webhooksOf(old), ['verification.a pending'])
    await old.query(`update webhook_delivery set status = 'delivered', due_at = null, settled_at = now()`)
    await old.write('verification.b')
    const page = await old.events.after(businessId, true, '0-0-0', 100)
    const [a, b] = page.events.map(({ cursor }) => cursor) as [string, string]
    await old.close()
    await restoreDatabase(cluster.connectionString, moduleLines, dumpDatabase(source.url, nothing), nothing)

    const restored = openLog(cluster.connectionString)
    assert.equal(await epochOf(restored), 2)
    await restored.write('verification.c')
    assert.deepEqual(await restored.kindsAfter('0-0-0'), ['verification.a', 'verification.b', 'verification.c'])
    assert.deepEqual(await restored.kindsAfter(a), ['verification.b', 'verification.c'])
    assert.deepEqual(await restored.kindsAfter(b), ['verification.c'])
    assert.deepEqual(await restored.kindsAfter(await restored.events.latestCursor(businessId)), [])
    assert.equal(await restored.events.judgeCursor(businessId, b), undefined)
    // A reader who saw what was written after the backup.
    assert.deepEqual(await restored.kindsAfter(b.replace(/-\d+$/, '-9999')), ['verification.c'])
    assert.deepEqual(await webhooksOf(restored), [
      'verification.a delivered',
      'verification.b pending',
      'verification.c pending',
    ])

    // The negative control: the numbers of this cluster alone say that what comes now was long ago.
    await restored.query(
      `create or replace function current_epoch() returns bigint language sql stable as 'select 1::bigint'`,
    )
    await restored.write('verification.d')
    assert.ok(!(await restored.kindsAfter(b)).includes('verification.d'))
    assert.equal(await restored.events.judgeCursor(businessId, b), 'ahead')
    assert.equal((await webhooksOf(restored)).length, 3)
    // A start mends it.
    assert.deepEqual(await migrate(cluster.connectionString, moduleLines), ['epoch 3'])
    await restored.close()
  })
})

describe('the epoch of a log', () => {
  let database: TestDatabase
  let log: Log
  before(async () => {
    database = await freshDatabase()
    await migrate(database.url, moduleLines)
    await database.query(`insert into business values ($1, 'x', now())`, [businessId])
    log = openLog(database.url)
  })
  after(async () => {
    await log.close()
    await database.drop()
  })

  const note = (column: string, value: string | null): Promise<unknown> =>
    log.query(`update log_epoch set ${column} = $1 where epoch = (select max(epoch) from log_epoch)`, [value])

  it('stays while the place does', async () => {
    const epoch = await epochOf(log)
    assert.deepEqual(await migrate(database.url, moduleLines), [])
    for (const column of ['system_identifier', 'timeline']) {
      await note(column, null)
      assert.deepEqual(await migrate(database.url, moduleLines), [], `${column} was not told before`)
    }
    assert.equal(await epochOf(log), epoch)
  })

  for (const [column, what] of [
    ['system_identifier', 'another cluster'],
    ['timeline', 'a restore to an earlier time, or a standby that took over'],
    ['database_oid', 'a copy of the database'],
  ] as const) {
    it(`rises with ${what}`, async () => {
      const epoch = await epochOf(log)
      await note(column, '4711')
      assert.deepEqual(await migrate(database.url, moduleLines), [`epoch ${epoch + 1}`])
      assert.equal(await epochOf(log), epoch + 1)
      assert.deepEqual(await migrate(database.url, moduleLines), [])
    })
  }

  it('rises where PostgreSQL does not tell the place, when an event is ahead of it', async () => {
    const login = `owner_${randomBytes(4).toString('hex')}`
    await database.query(`create role ${login} login password 'test' nosuperuser`)
    const own = await freshDatabase({ migrated: false })
    const name = new URL(own.url).pathname.slice(1)
    await own.query(`grant centang_tenant, centang_engine to ${login}`)
    await own.query(`alter database ${name} owner to ${login}`)
    await own.query(`revoke execute on function pg_control_system(), pg_walfile_name(pg_lsn) from public`)
    const url = Object.assign(new URL(own.url), { username: login, password: 'test' }).href
    await migrate(url, moduleLines)
    const [noted] = await own.query('select epoch, system_identifier, timeline from log_epoch')
    assert.deepEqual(noted, { epoch: 1, system_identifier: null, timeline: null })
    for (let n = 0; n < 3; n++) await own.query(insertEvent, [randomUUID(), randomUUID(), 'k'])
    assert.deepEqual(await migrate(url, moduleLines), [])
    await own.query('update event set log_position = log_position + 1000000 where sequence = 2')
    assert.deepEqual(await migrate(url, moduleLines), ['epoch 2'])
    assert.deepEqual(await migrate(url, moduleLines), [])
    await own.drop()
    // The database goes a moment later than it is asked to.
    await eventually(() =>
      database.query(`drop role ${login}`).then(
        () => true,
        () => false,
      ),
    )
  })

  it('waits for who is writing, so that no reader is past their events', async () => {
    const cursor = await log.events.latestCursor(businessId)
    const writer = new pg.Client({ connectionString: database.url })
    await writer.connect()
    await writer.query('begin')
    await writer.query(insertEvent, [businessId, randomUUID(), 'before'])
    await note('timeline', '4712')
    let hasRisen = false
    const rising = migrate(database.url, moduleLines).then(() => (hasRisen = true))
    await sleep(300)
    assert.equal(hasRisen, false)
    assert.deepEqual(await log.kindsAfter(cursor), [])
    await writer.query('commit')
    await rising
    await writer.end()
    await log.write('after')
    assert.deepEqual(await log.kindsAfter(cursor), ['before', 'after'])
  })

  it('is new for those, too, whose plans were made before', async () => {
    const lane = new EngineLane({ connectionString: database.url, statementTimeoutMs: 5000, lockTimeoutMs: 2000 })
    const positions = async (): Promise<string[]> => {
      const row = startRow(`+1${Math.floor(Math.random() * 1e9)}`, new Date())
      await startStatement.run(lane, [row])
      const rows = await log.query<{ epoch: string }>(
        'select log_position >> 48 as epoch from event where subject_id = $1',
        [row.id],
      )
      return rows.map(({ epoch }) => epoch)
    }
    for (let n = 0; n < 8; n++) await positions()
    const epoch = await epochOf(log)
    assert.deepEqual(await positions(), [String(epoch)])
    await note('timeline', '4713')
    await migrate(database.url, moduleLines)
    assert.deepEqual(await positions(), [String(epoch + 1)])
    await lane.close()
  })
})
