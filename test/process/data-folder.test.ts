import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { lockDataFolder } from '#platform/database/embedded/data-folder-lock.ts'
import { startEmbeddedPostgres } from '#platform/database/embedded/embedded-postgres.ts'
import { freePort, spawnServer, stopServer, temporaryFolder } from '../kit/processes.ts'
import { eventually } from '../kit/api.ts'

const isRoot = process.getuid?.() === 0
/** As two containers on one volume: process ids and shared memory of their own. */
const container = ['unshare', '--pid', '--fork', '--ipc', '--mount-proc', '--kill-child']
const noContainers =
  spawnSync(container[0] as string, [...container.slice(1), 'true']).status !== 0 &&
  'this system does not let unshare make a pid namespace'
const noRoot = !isRoot && 'only for root is the database somewhere else'
const noProc = process.platform !== 'linux' && 'processes are found by /proc'

/** A busy machine takes its time to start a process. */
const patienceMs = 60_000

/** Processes of the database in this folder, seen from outside every container. */
const postgresOf = (dataFolder: string): number[] => processesWith(`-D\0${dataFolder}/postgres\0`)

const processesWith = (words: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(words)
      } catch {
        return false
      }
    })

async function query<Row extends pg.QueryResultRow>(connectionString: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

describe('a data folder', { concurrency: 3 }, () => {
  const folders: string[] = []
  const folder = (): string => {
    const made = temporaryFolder()
    folders.push(made)
    return made
  }
  const start = (dataFolder: string) => startEmbeddedPostgres({ dataFolder, log: () => undefined })
  after(() => {
    for (const one of folders) rmSync(one, { recursive: true, force: true })
  })

  it('that two containers share is served by one of them', { skip: noContainers || noProc }, async () => {
    const dataFolder = folder()
    const environment = { CENTANG_DATA_DIR: dataFolder }
    const first = spawnServer(await freePort(), environment, { within: container })
    await first.ready
    const [postgres] = postgresOf(dataFolder)
    const second = spawnServer(await freePort(), environment, { within: container })
    assert.equal(await second.exited, 1)
    assert.match(second.output(), /in use by another server \(process \d+ of another container or machine/)
    assert.deepEqual(postgresOf(dataFolder), [postgres])
    assert.equal((await fetch(`${first.url}/readyz`)).status, 200)
    // The whole container at once, as when its machine fails: the next one takes over.
    first.child.kill('SIGKILL')
    await eventually(async () => postgresOf(dataFolder).length === 0, patienceMs)
    const third = spawnServer(await freePort(), environment, { within: container })
    await third.ready
    third.child.kill('SIGKILL')
    await third.exited
  })

  it(
    'is not served while the database of another container lives, though its server is dead',
    { skip: noContainers || noProc },
    async () => {
      const dataFolder = folder()
      // The shell is process 1 and stays: the container outlives its server, and PostgreSQL with it.
      const within = [...container, 'sh', '-c', '"$@"; sleep 600', 'sh']
      const first = spawnServer(await freePort(), { CENTANG_DATA_DIR: dataFolder }, { within })
      await first.ready
      const [postgres] = postgresOf(dataFolder)
      spawnSync('sh', ['-c', `kill -9 ${serverOf(dataFolder)}`])
      await assert.rejects(start(dataFolder), /in use by another server .*its PostgreSQL still runs/)
      assert.ok(existsSync(join(dataFolder, 'postgres', 'postmaster.pid')), 'its postmaster.pid is left alone')
      assert.deepEqual(postgresOf(dataFolder), [postgres])
      first.child.kill('SIGKILL')
      await eventually(async () => postgresOf(dataFolder).length === 0, patienceMs)
      await (await start(dataFolder)).stop()
    },
  )

  it('of a server elsewhere is held while its heart beats, and free when it has stopped', async () => {
    const dataFolder = folder()
    const path = join(dataFolder, 'server.lock')
    writeFileSync(path, JSON.stringify({ pid: 1, startedAt: '1', place: 'another-boot pid:[1] other-host' }))
    const beating = setInterval(() => writeFileSync(path, readFileSync(path)), 500)
    try {
      await assert.rejects(lockDataFolder(dataFolder, assert.fail), /process 1 of another container.*other-host/)
    } finally {
      clearInterval(beating)
    }
    const lock = await lockDataFolder(dataFolder, assert.fail)
    assert.equal(JSON.parse(readFileSync(path, 'utf8')).pid, process.pid)
    lock.release()
    assert.ok(!existsSync(path))
  })

  it('that was taken over while the server was frozen is noticed, and not let go for the other', async () => {
    const dataFolder = folder()
    const path = join(dataFolder, 'server.lock')
    const lost = Promise.withResolvers<void>()
    const lock = await lockDataFolder(dataFolder, lost.resolve)
    const other = JSON.stringify({ pid: 1, startedAt: '1', place: 'other-host' })
    writeFileSync(path, other)
    await lost.promise
    lock.release()
    assert.equal(readFileSync(path, 'utf8'), other)
  })

  it('where a server was killed in the middle of making the database is made anew', { skip: noProc }, async () => {
    const dataFolder = folder()
    const environment = { CENTANG_DATA_DIR: dataFolder }
    const first = spawnServer(await freePort(), environment)
    const isBegun = (): boolean =>
      readdirSync(dataFolder, { recursive: true, encoding: 'utf8' }).some((name) =>
        /^postgres.*\/PG_VERSION$/.test(name),
      )
    await eventually(async () => isBegun(), patienceMs)
    assert.ok(!first.output().includes('ready'))
    // Everything at once: initdb is in a group of its own, with the processes that it starts.
    first.child.kill('SIGKILL')
    for (const pid of processesWith(`--pgdata=${dataFolder}`)) process.kill(-pid, 'SIGKILL')
    await first.exited
    const second = spawnServer(await freePort(), environment)
    await second.ready
    assert.deepEqual(
      readdirSync(dataFolder).filter((name) => name.includes('.new')),
      [],
    )
    await stopServer(second)
  })

  for (const [moment, isNow] of [
    [
      'the database is made',
      (dataFolder: string) => readdirSync(dataFolder).some((name) => name.startsWith('postgres.new')),
    ],
    ['the database starts', (dataFolder: string) => existsSync(join(dataFolder, 'postgres', 'postmaster.pid'))],
  ] as const) {
    it(`is left in order by a server that is told to stop while ${moment}`, { skip: noProc }, async () => {
      const dataFolder = folder()
      const server = spawnServer(await freePort(), { CENTANG_DATA_DIR: dataFolder })
      await eventually(async () => isNow(dataFolder), patienceMs)
      server.child.kill('SIGTERM')
      assert.equal(await server.exited, 0, server.output())
      assert.deepEqual(postgresOf(dataFolder), [])
      assert.ok(!existsSync(join(dataFolder, 'server.lock')))
      assert.ok(!existsSync(join(dataFolder, 'postgres', 'postmaster.pid')))
    })
  }

  it('keeps its database up while a server drains that was stopped by Ctrl-C', { skip: noProc }, async () => {
    const dataFolder = folder()
    const environment = {
      CENTANG_DATA_DIR: dataFolder,
      CENTANG_DRAIN_SECONDS: '5',
      CENTANG_DEMO_KEY: 'ck_test_control_c',
    }
    const server = spawnServer(await freePort(), environment, { detached: true })
    await server.ready
    const [postgres] = postgresOf(dataFolder)
    // A terminal tells the whole group.
    process.kill(-(server.child.pid as number), 'SIGINT')
    await eventually(async () => (await fetch(`${server.url}/readyz`)).status === 503)
    // Time enough for a database that was told as well.
    await sleep(500)
    const headers = { authorization: 'Bearer ck_test_control_c', 'content-type': 'application/json' }
    const body = JSON.stringify({ to: '+6281234567890' })
    const answer = await fetch(`${server.url}/v1/verifications`, { method: 'POST', headers, body })
    assert.equal(answer.status, 201)
    assert.deepEqual(postgresOf(dataFolder), [postgres])
    assert.equal(await server.exited, 0)
    assert.doesNotMatch(server.output(), /ended unexpectedly/)
    assert.deepEqual(postgresOf(dataFolder), [])
  })

  it('keeps its database when it gets another name or other doors', { skip: noRoot }, async () => {
    const closed = temporaryFolder(0o700)
    folders.push(closed)
    const before = await start(join(closed, 'data'))
    await query(before.connectionString, 'create table kept (n integer); insert into kept values (7)')
    await before.stop()
    const place = readFileSync(join(closed, 'data', 'WHERE-THE-DATABASE-IS'), 'utf8').trim()
    folders.push(place)
    const isKept = async (dataFolder: string): Promise<void> => {
      const database = await start(dataFolder)
      assert.deepEqual(await query(database.connectionString, 'select n from kept'), [{ n: 7 }])
      await database.stop()
    }
    renameSync(join(closed, 'data'), join(closed, 'renamed'))
    await isKept(join(closed, 'renamed'))
    chmodSync(closed, 0o755)
    await isKept(join(closed, 'renamed'))
    // Gone, it is missed: an empty one in its place would look as if everything were lost.
    rmSync(place, { recursive: true })
    await assert.rejects(start(join(closed, 'renamed')), /was in \S+ and is not there any more/)
  })

  it('that the database user may not enter any more does not begin an empty database', { skip: noRoot }, async () => {
    const open = folder()
    await (await start(join(open, 'data'))).stop()
    chmodSync(open, 0o700)
    await assert.rejects(start(join(open, 'data')), /can't be entered by the user who runs PostgreSQL/)
    chmodSync(open, 0o755)
    await (await start(join(open, 'data'))).stop()
  })

  it('where PostgreSQL has the number of another process is started', async () => {
    const dataFolder = folder()
    await (await start(dataFolder)).stop()
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    writeFileSync(join(dataFolder, 'postgres', 'postmaster.pid'), `${bystander.pid}\n`)
    await (await start(dataFolder)).stop()
    assert.equal(bystander.exitCode, null, 'and the other process is left alone')
    assert.equal(bystander.signalCode, null)
    bystander.kill()
  })

  it('is let go when a part of the server is missing, after the database has begun to start', async () => {
    const installation = folder()
    for (const name of ['package.json', 'src', 'simulator'])
      cpSync(new URL(`../../${name}`, import.meta.url), join(installation, name), { recursive: true })
    symlinkSync(new URL('../../node_modules', import.meta.url), join(installation, 'node_modules'))
    rmSync(join(installation, 'src', 'platform', 'metrics.ts'))
    const dataFolder = folder()
    const entry = join(installation, 'src', 'cli', 'main.js')
    const server = spawnServer(await freePort(), { CENTANG_DATA_DIR: dataFolder }, { entry })
    const exitCode = await Promise.race([server.exited, sleep(patienceMs, 'it stays', { ref: false })])
    server.child.kill('SIGKILL')
    assert.equal(exitCode, 1)
    assert.match(server.output(), /^Cannot find module .*metrics\.ts/)
    await (await start(dataFolder)).stop()
  })

  it('with a damaged key of the demo is refused, with the name of the file', async () => {
    for (const [name, content] of [
      ['master-key', ''],
      ['master-key', 'c2hvcnQ='],
      ['demo-key', ''],
    ] as const) {
      const dataFolder = folder()
      mkdirSync(dataFolder, { recursive: true })
      writeFileSync(join(dataFolder, name), content)
      const server = spawnServer(await freePort(), { CENTANG_DATA_DIR: dataFolder })
      assert.equal(await server.exited, 1, name)
      assert.match(server.output(), new RegExp(`${name} is damaged: it must hold`))
    }
  })

  /** The server inside a container, by its number outside. */
  function serverOf(dataFolder: string): number {
    const [postgres] = postgresOf(dataFolder)
    const status = readFileSync(`/proc/${postgres}/status`, 'utf8')
    return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1])
  }
})
