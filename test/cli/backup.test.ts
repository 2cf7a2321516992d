import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { dumpDatabase } from '#platform/database/backup/dump.ts'
import type { BackupLine } from '#platform/database/backup/format.ts'
import { exitCodes } from '../../src/cli/exit.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { freePort, main, type ServerProcess, spawnServer, stopServer, temporaryFolder } from '../kit/processes.ts'
import { codeOn, eventually, freshNumber } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'
import { runCommand } from './run-command.ts'

/** What a text can hold that a format may stumble over. */
const awkward = 'a\\b "c" \'d\', {NULL}\tß \u2028 \u2029 漢 😀'

describe('a backup', () => {
  const masterKey = randomBytes(32).toString('base64')
  const folder = temporaryFolder()
  const file = join(folder, 'centang.backup')
  let server: TestServer
  let pending: { id: string; code: string }
  before(async () => {
    server = await startTestServer({ CENTANG_MASTER_KEY: masterKey })
    const to = freshNumber()
    const metadata = { awkward }
    const { body } = await server.call(
      'POST',
      '/v1/verifications',
      // Ten digits: six may stand in any number or id.
      { to, metadata, code_length: 10 },
      { 'idempotency-key': awkward.slice(0, 5) },
    )
    pending = { id: body.id, code: await codeOn(server, to) }
    // More than a page of rows.
    await server.database.query(
      `insert into event (business_id, live, application_id, subject_kind, subject_id, kind, data, at)
        select business_id, live, application_id, 'verification', id, 'delivery.sent', jsonb_build_object('n', n), now() from verification, generate_series(1, 2500) n`,
    )
    await eventually(async () => {
      const [row] = await server.database.query<{ count: string }>(
        'select count(*) from delivery where delivered_at is not null',
      )
      return row?.count === '1'
    })
  })
  after(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })

  const environmentOf = (url: string): Record<string, string> => ({ DATABASE_URL: url, CENTANG_MASTER_KEY: masterKey })

  async function withEmpty(work: (database: TestDatabase) => Promise<void>): Promise<void> {
    const database = await freshDatabase({ migrated: false })
    try {
      await work(database)
    } finally {
      await database.drop()
    }
  }

  /** Every row of every table that a backup brings along as it was: the epochs of the log go on. */
  async function contentOf(database: TestDatabase): Promise<Record<string, string[]>> {
    const tables = await database.query<{ name: string }>(
      `select relname as name from pg_class where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace
        and relname not in ('log_epoch', 'schema_release') order by 1`,
    )
    const content: Record<string, string[]> = {}
    for (const { name } of tables) {
      // When a key was last used is written while the backup is made.
      const rows = await database.query<{ row: string }>(
        `select (to_jsonb(t) - 'last_used_at')::text as row from ${name} t order by 1`,
      )
      content[name] = rows.map(({ row }) => row)
    }
    return content
  }

  it('is made beside a running server, readable by its owner only, and says what it is not', async () => {
    const { code, out, err } = await runCommand(['backup', file], environmentOf(server.database.url))
    assert.equal(code, exitCodes.ok, err)
    assert.match(out, /^2,\d+ rows are in .*\. The master key is not: keep it apart\.\n$/)
    assert.match(err, /^event +2,5\d\d rows\n$/, 'what took a while, and no table besides')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const text = gunzipSync(readFileSync(file)).toString()
    assert.ok(!text.includes(pending.code) && !text.includes(server.key) && !text.includes(masterKey))
    const again = await runCommand(['backup', file], environmentOf(server.database.url))
    assert.deepEqual([again.code, again.out], [exitCodes.usage, ''])
    assert.match(again.err, /There is a file .* already; --force replaces it/)
  })

  it('is restored as it was, and a code sent before is still right after', () =>
    withEmpty(async (database) => {
      const content = await contentOf(server.database)
      const { code, out, err } = await runCommand(['restore', file, '--json'], environmentOf(database.url))
      assert.equal(code, exitCodes.ok, err)
      assert.ok(JSON.parse(out).rows.event > 2500)
      const restored = await contentOf(database)
      assert.deepEqual(restored, content)
      assert.ok(content['verification']?.[0]?.includes('漢 😀'), 'the awkward text was there to be lost')
      const lies = 'select distinct tableoid::regclass::text as in from event'
      assert.deepEqual(await database.query(lies), await server.database.query(lies), 'in the same partitions')

      // The tests' key has no checksum: only a server that is told of it takes it.
      const second = spawnServer(await freePort(), { ...environmentOf(database.url), CENTANG_DEMO_KEY: server.key })
      try {
        await second.ready
        const there = { CENTANG_URL: second.url, CENTANG_API_KEY: server.key }
        const checked = await runCommand(['check', pending.id, pending.code], there)
        assert.equal(checked.code, exitCodes.ok, checked.err)
        const read = await runCommand(['verifications', 'get', pending.id, '--json'], there)
        const { timeline, metadata } = JSON.parse(read.out)
        assert.deepEqual([metadata, timeline[0].type], [{ awkward }, 'verification.started'])
        const [last] = await database.query('select kind from event order by sequence desc limit 1')
        assert.deepEqual(last, { kind: 'verification.approved' }, 'new numbers come after the restored ones')
      } finally {
        await stopServer(second)
      }
    }))

  it('goes through pipes', () =>
    withEmpty(async (database) => {
      const line = 'DATABASE_URL=$FROM "$NODE" "$MAIN" backup - | DATABASE_URL=$TO "$NODE" "$MAIN" restore -'
      const env = { ...process.env, NODE: process.execPath, MAIN: main, FROM: server.database.url, TO: database.url }
      const code = await new Promise((done) => {
        spawn('sh', ['-c', line], { env, stdio: 'ignore' }).once('close', done)
      })
      assert.equal(code, exitCodes.ok)
      assert.deepEqual(await contentOf(database), await contentOf(server.database))
    }))

  it('works for a database user who is no superuser and under row-level security', () =>
    withEmpty(async (database) => {
      const name = `owner_${randomBytes(4).toString('hex')}`
      const { pathname, host } = new URL(database.url)
      await database.query(`create role ${name} login password 'secret'`)
      await database.query(`grant centang_tenant, centang_engine to ${name}`)
      await database.query(`alter database ${pathname.slice(1)} owner to ${name}`)
      const url = `postgres://${name}:secret@${host}${pathname}`
      const restored = await runCommand(['restore', file], environmentOf(url))
      assert.equal(restored.code, exitCodes.ok, restored.err)
      // The one thing that a restore adds.
      await database.query('delete from log_epoch where epoch = current_epoch()')
      const copy = join(folder, 'copy.backup')
      const { code, err } = await runCommand(['backup', copy], environmentOf(url))
      assert.equal(code, exitCodes.ok, err)
      const linesOf = (path: string): string[] =>
        gunzipSync(readFileSync(path)).toString().split('\n').slice(1).toSorted()
      assert.deepEqual(linesOf(copy), linesOf(file))
      await database.query(`alter database ${pathname.slice(1)} owner to current_user`)
      await database.query(`reassign owned by ${name} to current_user`)
      await database.query(`drop owned by ${name}`)
      await database.query(`drop role ${name}`)
    }))

  it('goes into an empty database only, and is whole or not there', () =>
    withEmpty(async (database) => {
      const restore = async (bytes: Uint8Array, says: RegExp, code: number = exitCodes.failed): Promise<void> => {
        const bad = join(folder, 'bad.backup')
        writeFileSync(bad, bytes)
        const ran = await runCommand(['restore', bad], environmentOf(database.url))
        assert.match(ran.err, says)
        assert.deepEqual([ran.code, ran.out], [code, ''])
        const content = Object.entries(await contentOf(database)).filter(([name]) => !name.startsWith('schema_'))
        assert.deepEqual(
          content.flatMap(([, rows]) => rows),
          [],
          'nothing came in',
        )
      }
      const good = readFileSync(file)
      const lines = gunzipSync(good).toString().trimEnd().split('\n')
      const spelled = (changed: readonly string[]): Buffer => gzipSync(`${changed.join('\n')}\n`)
      await restore(Buffer.from('hello'), /bad\.backup: This is no backup of Centang, or it is damaged/)
      await restore(spelled(['{"format":"another"}']), /This is no backup of Centang\./)
      for (const migrations of ['', ',"migrations":7', ',"migrations":[{"version":1}]'])
        await restore(
          spelled([`{"format":"centang-backup","format_version":1${migrations}}`]),
          /does not say of which tables/,
        )
      await restore(
        spelled([(lines[0] as string).replace('"version":1', '"version":999')]),
        /The database has schema 999 of access/,
      )
      await restore(
        spelled([(lines[0] as string).replace('"totp"', '"gone"')]),
        /The backup holds tables of gone, which this version does not have/,
      )
      await restore(good.subarray(0, good.length - 200), /The backup ends too early: it is not whole/)
      await restore(spelled(lines.slice(0, -1)), /The backup ends too early: it is not whole/)
      const lost = lines.findIndex((line) => line.startsWith('[') && line.includes('delivery.sent'))
      await restore(spelled(lines.toSpliced(lost, 1)), /The backup should have 2\d+ rows of event/)
      await restore(
        spelled(lines.map((line) => line.replace('"checks"', '"cheques"').replace('"brand"', '"band"'))),
        /column application\.band that is not known/,
      )
      const missing = await runCommand(['restore', join(folder, 'nowhere')], environmentOf(database.url))
      assert.deepEqual([missing.code, missing.err], [exitCodes.usage, `There is no file ${folder}/nowhere.\n`])

      const well = await runCommand(['restore', file], environmentOf(database.url))
      assert.equal(well.code, exitCodes.ok, `after all that, into the same database: ${well.err}`)
      const before = await contentOf(database)
      const twice = await runCommand(['restore', file], environmentOf(database.url))
      assert.equal(twice.code, exitCodes.failed)
      assert.match(twice.err, /The database is not empty \(there are rows in \w+\)\. Give a new one/)
      assert.deepEqual(await contentOf(database), before)
    }))

  it('is of one moment, whatever comes in while it is made', async () => {
    const lines = dumpDatabase(server.database.url, () => undefined)
    const read: BackupLine[] = [(await lines.next()).value as BackupLine]
    await server.database.query(
      `insert into business (id, name, created_at) values (gen_random_uuid(), 'Too late', now())`,
    )
    for await (const line of lines) read.push(line)
    assert.ok(!JSON.stringify(read).includes('Too late'))
    assert.ok(JSON.stringify(read).includes(pending.id.slice(-12)))
  })

  it('of a table that nobody may see whole is refused', async () => {
    await server.database.query('drop policy engine on recipient')
    try {
      const { code, err } = await runCommand(['backup', join(folder, 'x')], environmentOf(server.database.url))
      assert.equal(code, exitCodes.failed)
      assert.match(err, /The table recipient has no policy under which centang_engine sees every row/)
    } finally {
      await server.database.query('create policy engine on recipient to centang_engine using (true) with check (true)')
    }
  })

  it('of nothing is none', async () => {
    const none = await runCommand(['backup', join(folder, 'y')], { CENTANG_DATA_DIR: join(folder, 'none') })
    assert.deepEqual([none.code, none.out], [exitCodes.usage, ''])
    assert.match(none.err, /There is no database in .*none\. Set CENTANG_DATA_DIR or DATABASE_URL/)
    await withEmpty(async (database) => {
      const empty = await runCommand(['backup', join(folder, 'y')], environmentOf(database.url))
      assert.equal(empty.code, exitCodes.failed)
      assert.match(empty.err, /There is nothing to back up/)
    })
  })
})

describe('moving from the data folder to a PostgreSQL', () => {
  it('takes everything along: the code that the demo sent is right on the new server', async () => {
    const dataFolder = temporaryFolder()
    const database = await freshDatabase({ migrated: false })
    const environment = { CENTANG_DATA_DIR: dataFolder }
    try {
      const demo = spawnServer(await freePort(), environment)
      let sent: { key: string; id: string; code: string }
      try {
        await demo.ready
        sent = await sendCode(demo)
        const early = await runCommand(['move', '--to', database.url], environment)
        assert.equal(early.code, exitCodes.failed)
        assert.match(early.err, /is in use by another server/)
      } finally {
        await stopServer(demo)
      }

      const moved = await runCommand(['move', '--to', database.url], environment)
      assert.equal(moved.code, exitCodes.ok, moved.err)
      assert.match(moved.out, /^\d+ rows are moved\. Start the server with DATABASE_URL from now on/)
      const again = await runCommand(['move', '--to', database.url], environment)
      assert.equal(again.code, exitCodes.failed)
      assert.match(again.err, /The database is not empty/)

      const demoMasterKey = readFileSync(join(dataFolder, 'master-key'), 'utf8').trim()
      const server = spawnServer(await freePort(), {
        DATABASE_URL: database.url,
        CENTANG_MASTER_KEY: `1:${randomBytes(32).toString('base64')},0:${demoMasterKey}`,
      })
      try {
        await server.ready
        const there = { CENTANG_URL: server.url, CENTANG_API_KEY: sent.key }
        const checked = await runCommand(['check', sent.id, sent.code], there)
        assert.deepEqual([checked.code, checked.out], [exitCodes.ok, '✓ Right: the verification is approved.\n'])
      } finally {
        await stopServer(server)
      }
    } finally {
      await database.drop()
      rmSync(dataFolder, { recursive: true, force: true })
    }
  })

  /** With the key that the demo prints, as a newcomer would. */
  async function sendCode(demo: ServerProcess): Promise<{ key: string; id: string; code: string }> {
    const key = await eventually(async () => /Test key +(\S+)/.exec(demo.output())?.[1])
    const to = freshNumber()
    const sent = await runCommand(['send', to, '--json'], { CENTANG_URL: demo.url, CENTANG_API_KEY: key })
    const code = await eventually(async () => {
      const answer = await fetch(`${demo.url}/simulator/handsets/${to}/messages`)
      return ((await answer.json()) as { messages: { code: string }[] }).messages[0]?.code
    })
    return { key, id: JSON.parse(sent.out).id, code }
  }

  it('needs to know from where and where to', async () => {
    const dataFolder = temporaryFolder()
    const nowhere = await runCommand(['move'], { CENTANG_DATA_DIR: dataFolder })
    assert.deepEqual(
      [nowhere.code, nowhere.err],
      [exitCodes.usage, 'Where to? Give --to postgres://… or DATABASE_URL.\n'],
    )
    const nothing = await runCommand(['move', '--to', 'postgres://x/y'], { CENTANG_DATA_DIR: dataFolder })
    assert.equal(nothing.code, exitCodes.usage)
    assert.match(nothing.err, /There is no database in/)
    rmSync(dataFolder, { recursive: true })
  })
})
