import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync } from 'node:fs'
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { freePort, spawnServer } from '../kit/processes.ts'
import { eventually } from '../kit/api.ts'
import { noProc, patienceMs, postgresOf } from './postgres-processes.ts'
import { createFolders, startDatabase } from './data-folders.ts'

const noRoot = process.getuid?.() !== 0 && 'only for root is the database somewhere else'

async function query<Row extends pg.QueryResultRow>(connectionString: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

describe('a data folder in use', { concurrency: 3 }, () => {
  const { folder, removeAtEnd } = createFolders()

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
    const closed = folder(0o700)
    const before = await startDatabase(join(closed, 'data'))
    await query(before.connectionString, 'create table kept (n integer); insert into kept values (7)')
    await before.stop()
    const place = readFileSync(join(closed, 'data', 'WHERE-THE-DATABASE-IS'), 'utf8').trim()
    removeAtEnd(place)
    const isKept = async (dataFolder: string): Promise<void> => {
      const database = await startDatabase(dataFolder)
      assert.deepEqual(await query(database.connectionString, 'select n from kept'), [{ n: 7 }])
      await database.stop()
    }
    renameSync(join(closed, 'data'), join(closed, 'renamed'))
    await isKept(join(closed, 'renamed'))
    chmodSync(closed, 0o755)
    await isKept(join(closed, 'renamed'))
    // Gone, it is missed: an empty one in its place would look as if everything were lost.
    rmSync(place, { recursive: true })
    await assert.rejects(startDatabase(join(closed, 'renamed')), /was in \S+ and is not there any more/)
  })

  it('that the database user may not enter any more does not begin an empty database', { skip: noRoot }, async () => {
    const open = folder()
    await (await startDatabase(join(open, 'data'))).stop()
    chmodSync(open, 0o700)
    await assert.rejects(startDatabase(join(open, 'data')), /can't be entered by the user who runs PostgreSQL/)
    chmodSync(open, 0o755)
    await (await startDatabase(join(open, 'data'))).stop()
  })

  it('where PostgreSQL has the number of another process is started', async () => {
    const dataFolder = folder()
    await (await startDatabase(dataFolder)).stop()
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    writeFileSync(join(dataFolder, 'postgres', 'postmaster.pid'), `${bystander.pid}\n`)
    await (await startDatabase(dataFolder)).stop()
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
    await (await startDatabase(dataFolder)).stop()
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
})
