import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { chooseDatabaseHome } from '#platform/database/embedded/database-user.ts'
import { startEmbeddedPostgres } from '#platform/database/embedded/embedded-postgres.ts'
import { placeOfProcesses } from '#platform/database/embedded/running-process.ts'
import { freshDatabase } from '../kit/database.ts'
import { freePort, main, type ServerProcess, spawnServer, stopServer, temporaryFolder } from '../kit/processes.ts'
import { eventually } from '../kit/api.ts'
import { createFolders, startDatabase } from './data-folders.ts'

const isRoot = process.getuid?.() === 0
const nobody = { uid: 65_534, gid: 65_534 }

async function query<Row extends pg.QueryResultRow>(connectionString: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // A zombie has ended too.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

describe('the embedded database', { concurrency: 3 }, () => {
  const { folder, removeAtEnd } = createFolders()

  it('keeps what was committed when PostgreSQL is killed, and starts it again by itself', async () => {
    const database = await startDatabase(folder())
    await query(database.connectionString, 'create table kept (n integer); insert into kept values (7)')
    const { pid } = database
    process.kill(pid, 'SIGKILL')
    const rows = await eventually(() =>
      query<{ n: number }>(database.connectionString, 'select n from kept').catch(() => undefined),
    )
    assert.deepEqual(rows, [{ n: 7 }])
    assert.notEqual(database.pid, pid)
    await database.stop()
    assert.ok(!isAlive(database.pid))
  })

  it('is durable: fsync and synchronous commit are on, data checksums too', async () => {
    const database = await startDatabase(folder())
    const rows = await query<{ setting: string }>(
      database.connectionString,
      `select setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums')`,
    )
    assert.deepEqual(
      rows.map(({ setting }) => setting),
      ['on', 'on', 'on', 'on'],
    )
    await database.stop()
  })

  it('refuses a second server on the same folder, with the pid of the first, before it does anything else', async () => {
    const dataFolder = folder()
    const first = spawnServer(await freePort(), { CENTANG_DATA_DIR: dataFolder })
    await first.ready
    // How long it takes is for bench/footprint.ts to say.
    const second = spawnServer(await freePort(), { CENTANG_DATA_DIR: dataFolder, CENTANG_LOG_LEVEL: 'trace' })
    assert.equal(await second.exited, 1)
    assert.doesNotMatch(second.output(), /PostgreSQL|LOG:/, 'no database was started')
    assert.match(second.output(), new RegExp(`in use by another server \\(process ${first.child.pid}\\)`))
    assert.match(second.output(), /CENTANG_DATA_DIR/)
    await stopServer(first)
  })

  it('is shared with a command that is run beside the server', async () => {
    const dataFolder = folder()
    const server = spawnServer(await freePort(), { CENTANG_DATA_DIR: dataFolder })
    await server.ready
    const made = spawnSync(process.execPath, [main, 'businesses', 'create', 'Toko'], {
      env: { PATH: process.env['PATH'], CENTANG_DATA_DIR: dataFolder },
      encoding: 'utf8',
    })
    assert.equal(made.stderr, '')
    const key = /ck_test_\S+/.exec(made.stdout)?.[0] ?? ''
    const answer = await fetch(`${server.url}/v1/applications`, { headers: { authorization: `Bearer ${key}` } })
    assert.equal(answer.status, 200)
    await stopServer(server)
  })

  it('is won by exactly one of two servers that start together', async () => {
    const dataFolder = folder()
    const servers = await Promise.all(
      [freePort(), freePort()].map(async (port) => spawnServer(await port, { CENTANG_DATA_DIR: dataFolder })),
    )
    const results = await Promise.allSettled(servers.map(({ ready }) => ready))
    assert.equal(
      results.filter(({ status }) => status === 'fulfilled').length,
      1,
      servers.map(({ output }) => output()).join('\n'),
    )
    for (const server of servers) await stopServer(server)
  })

  it('of a server that was killed is found and stopped by the next one', async () => {
    const dataFolder = folder()
    const first = spawnServer(await freePort(), { CENTANG_DATA_DIR: dataFolder })
    await first.ready
    first.child.kill('SIGKILL')
    await first.exited
    const second = spawnServer(await freePort(), { CENTANG_DATA_DIR: dataFolder })
    await second.ready
    await stopServer(second)
  })

  it('runs for an ordinary user, who is told when a folder is not theirs', async () => {
    const own = folder()
    const foreign = folder(0o700)
    const user = isRoot ? nobody : {}
    const dataFolder = join(own, 'data')
    mkdirSync(dataFolder, { mode: 0o777 })
    if (isRoot) (await import('node:fs')).chownSync(dataFolder, nobody.uid, nobody.gid)
    const server = spawnServer(await freePort(), { CENTANG_DATA_DIR: dataFolder, HOME: own }, user)
    await server.ready
    assert.equal(statSync(join(dataFolder, 'postgres')).uid, isRoot ? nobody.uid : process.getuid?.())
    await stopServer(server)
    // For somebody who is not root, /proc is as foreign a folder.
    const refused = spawnServer(await freePort(), { CENTANG_DATA_DIR: isRoot ? foreign : '/proc/x', HOME: own }, user)
    assert.equal(await refused.exited, 1)
    assert.match(refused.output(), /cannot be written|no such file/i)
  })

  it('finds itself a place where the database user may not enter the data folder or the clone', async () => {
    // Only root needs another user for PostgreSQL; for everybody else the folder stays where it is.
    const closed = folder(0o700)
    if (!isRoot) {
      assert.deepEqual(
        chooseDatabaseHome('/x', closed, () => undefined),
        { binaries: '/x', cluster: join(closed, 'postgres') },
      )
      return
    }
    const dataFolder = join(closed, 'data')
    const server = spawnServer(await freePort(), { CENTANG_DATA_DIR: dataFolder })
    await server.ready
    const place = readFileSync(join(dataFolder, 'WHERE-THE-DATABASE-IS'), 'utf8').trim()
    removeAtEnd(place)
    assert.ok(!place.startsWith(closed))
    assert.equal(statSync(place).mode & 0o777, 0o700)
    await stopServer(server)

    const packaged = dirname(
      dirname(fileURLToPath(import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`))),
    )
    const clone = join(closed, 'clone')
    cpSync(packaged, clone, { recursive: true, verbatimSymlinks: true })
    const lines: string[] = []
    const open = folder()
    const home = chooseDatabaseHome(join(clone, 'native'), open, (line) => lines.push(line))
    removeAtEnd(home.binaries)
    assert.ok(!home.binaries.startsWith(closed))
    assert.match(lines.join('\n'), /copying PostgreSQL to/)
    assert.equal(
      chooseDatabaseHome(join(clone, 'native'), open, (line) => lines.push(line)).binaries,
      home.binaries,
      'copied once',
    )
    assert.equal(lines.length, 1)
  })

  it('is not what a folder with a stale lock of another process looks like', async () => {
    const dataFolder = folder()
    // The pid runs, but it is not the process that took the lock.
    writeFileSync(
      join(dataFolder, 'server.lock'),
      JSON.stringify({
        pid: process.pid,
        startedAt: process.platform === 'linux' ? '1' : '',
        place: placeOfProcesses(),
      }),
    )
    if (process.platform !== 'linux')
      writeFileSync(
        join(dataFolder, 'server.lock'),
        JSON.stringify({ pid: 2 ** 22 - 7, startedAt: '', place: placeOfProcesses() }),
      )
    const database = await startDatabase(dataFolder)
    await database.stop()
  })
})

describe('the server', () => {
  it('says that it is not ready while the database is away, answers 503, and recovers by itself', async () => {
    const dataFolder = temporaryFolder()
    const database = await startDatabase(dataFolder)
    const key = 'ck_test_database_goes_away'
    let server: ServerProcess | undefined
    try {
      server = spawnServer(await freePort(), {
        DATABASE_URL: database.connectionString,
        CENTANG_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
        CENTANG_DEMO_KEY: key,
        CENTANG_SIMULATOR: 'on',
      })
      const { url, ready } = server
      await ready
      const start = () =>
        fetch(`${url}/v1/verifications`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ to: '+6281234567890' }),
        })
      assert.equal((await start()).status, 201)
      await database.stop()
      const away = await start()
      assert.equal(away.status, 503)
      const body = (await away.json()) as { code: string; remedy: string }
      assert.equal(body.code, 'database_unavailable')
      assert.ok(Number(away.headers.get('retry-after')) > 0)
      const ready503 = await fetch(`${url}/readyz`)
      assert.equal(ready503.status, 503)
      assert.equal(((await ready503.json()) as { checks: { database: string } }).checks.database, 'does not answer')
      assert.equal((await fetch(`${url}/livez`)).status, 200)
      const port = Number(new URL(database.connectionString).port)
      const again = await startEmbeddedPostgres({ dataFolder, log: () => undefined, settings: { port: String(port) } })
      try {
        await eventually(async () => (await fetch(`${url}/readyz`)).status === 200)
        assert.ok([200, 201].includes((await start()).status))
      } finally {
        await stopServer(server)
        server = undefined
        await again.stop()
      }
    } finally {
      if (server) await stopServer(server)
      rmSync(dataFolder, { recursive: true, force: true })
    }
  })

  it('refuses to start outside the demo without a master key, and says how to make one', async () => {
    const database = await freshDatabase({ migrated: false })
    const server = spawnServer(await freePort(), { DATABASE_URL: database.url, CENTANG_LOG_LEVEL: 'loud' })
    assert.equal(await server.exited, 2)
    assert.match(server.output(), /CENTANG_MASTER_KEY is required outside the demo.*"1:\$\(openssl rand -base64 32\)"/)
    assert.match(server.output(), /CENTANG_LOG_LEVEL must be one of/, 'with whatever else is wrong')
    const tables = await database.query(`select from pg_tables where schemaname = 'public'`)
    assert.equal(tables.length, 0, 'nothing was begun')
    await database.drop()
  })

  it('tells everything that is wrong with its settings at once, and no secret', async () => {
    const server = spawnServer(await freePort(), {
      CENTANG_MASTER_KEY: 'a-secret-that-is-too-short',
      CENTANG_LOG_LEVEL: 'loud',
      CENTANG_DATABASE_LANES: '99',
    })
    assert.equal(await server.exited, 2)
    for (const name of ['CENTANG_MASTER_KEY', 'CENTANG_LOG_LEVEL', 'CENTANG_DATABASE_LANES'])
      assert.match(server.output(), new RegExp(name))
    assert.doesNotMatch(server.output(), /too-short/)
  })

  it('says that its port is taken', async () => {
    const port = await freePort()
    const dataFolders = [temporaryFolder(), temporaryFolder()] as const
    const first = spawnServer(port, { CENTANG_DATA_DIR: dataFolders[0] })
    await first.ready
    const second = spawnServer(port, { CENTANG_DATA_DIR: dataFolders[1] })
    assert.equal(await second.exited, 1)
    assert.match(second.output(), /Port \d+ is in use/)
    await stopServer(first)
    for (const one of dataFolders) rmSync(one, { recursive: true, force: true })
  })
})
