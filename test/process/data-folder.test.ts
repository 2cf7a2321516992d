import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { lockDataFolder } from '#platform/database/embedded/data-folder-lock.ts'
import { killNow } from '../kit/kill-everything.ts'
import { freePort, spawnServer, stopServer } from '../kit/processes.ts'
import { eventually } from '../kit/api.ts'
import { container, noContainers, noProc, patienceMs, postgresOf, processesWith } from './postgres-processes.ts'
import { createFolders, startDatabase } from './data-folders.ts'

describe('a data folder', { concurrency: 3 }, () => {
  const { folder } = createFolders()

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
      await assert.rejects(startDatabase(dataFolder), /in use by another server .*its PostgreSQL still runs/)
      assert.ok(existsSync(join(dataFolder, 'postgres', 'postmaster.pid')), 'its postmaster.pid is left alone')
      assert.deepEqual(postgresOf(dataFolder), [postgres])
      first.child.kill('SIGKILL')
      await eventually(async () => postgresOf(dataFolder).length === 0, patienceMs)
      await (await startDatabase(dataFolder)).stop()
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
    const begun = performance.now()
    const lines: string[] = []
    const lock = await lockDataFolder(dataFolder, assert.fail, (line) => lines.push(line))
    assert.ok(performance.now() - begun < 3000, 'a start waits no longer')
    assert.match(lines.join('\n'), /^Waiting [\d.]+ s for a sign of life .*other-host\)$/)
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
    for (const pid of processesWith(`--pgdata=${dataFolder}`)) killNow(-pid)
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

  /** The server inside a container, by its number outside. */
  function serverOf(dataFolder: string): number {
    const [postgres] = postgresOf(dataFolder)
    const status = readFileSync(`/proc/${postgres}/status`, 'utf8')
    return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1])
  }
})
