import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once as first } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { migrate } from '#platform/database/migrate.ts'
import { moduleLines } from '../../src/cli/module-lines.ts'

/** What every test file may fetch: migrated databases, copied before anybody asks, and the server that all share. */
export interface Storeroom {
  close(): Promise<void>
}

export interface SharedPlace {
  readonly url: string
  readonly databaseUrl: string
  readonly logFile: string
}

/** Copies that wait. A copy takes 50 ms, and nobody waits for one that was made meanwhile. */
const copiesWaiting = 4

export interface Postgres {
  readonly url: string
  readonly stop: () => Promise<void>
}

const databaseUrl = (server: string, name: string): string => Object.assign(new URL(server), { pathname: name }).href

/** What is made when the first file asks for it, and not in a run that needs none. */
function once<Thing>(make: () => Promise<Thing>) {
  let made: Promise<Thing> | undefined
  return {
    get: (): Promise<Thing> => (made ??= make()),
    close: async (close: (thing: Thing) => Promise<unknown>): Promise<void> => {
      const thing = await made?.catch(() => undefined)
      if (thing !== undefined) await close(thing)
    },
  }
}

/** Below those that systems give to connections, which would come and take one between our look and its use. */
const ports = { from: 10_000, count: 20_000 }
let portCount = Math.floor(Math.random() * ports.count)

/** One that nobody listens on, and that no other file of this run is given. */
async function nextPort(): Promise<number> {
  for (;;) {
    const port = ports.from + (portCount++ % ports.count)
    const probe = createTcpServer()
    const isFree = await new Promise<boolean>((done) =>
      probe.once('error', () => done(false)).listen(port, '127.0.0.1', () => probe.close(() => done(true))),
    )
    if (isFree) return port
  }
}

/** Opens the storeroom of a run and tells the test files of it by the environment. */
export async function openStoreroom(startPostgres: () => Promise<Postgres>): Promise<Storeroom> {
  const folder = mkdtempSync(join(tmpdir(), 'centang-test-'))
  const postgres = once(startPostgres)
  const databases = once(async () => stockDatabases((await postgres.get()).url))
  const shared = once(async () => startShared(await (await databases.get()).take(), join(folder, 'shared.log')))
  const counter: Readonly<Record<string, (name: string) => Promise<object>>> = {
    take: async () => ({ url: await (await databases.get()).take() }),
    empty: async () => ({ url: await (await databases.get()).empty() }),
    async drop(name) {
      void (await databases.get()).drop(name)
      return {}
    },
    share: async () => (await shared.get()).place,
    port: async () => ({ port: await nextPort() }),
  }
  const server = createServer((request, reply) => {
    const [, word = '', name = ''] = (request.url ?? '').split('/')
    const serve = counter[word] ?? (() => Promise.reject(new Error(`There is no ${word}.`)))
    serve(name).then(
      (answer) => reply.end(JSON.stringify(answer)),
      (error: unknown) => reply.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  process.env['CENTANG_TEST_NUMBERS'] = folder
  process.env['CENTANG_TEST_STOREROOM'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    async close() {
      server.closeAllConnections()
      server.close()
      await shared.close((server) => server.stop())
      await databases.close((stock) => stock.close())
      await postgres.close(({ stop }) => stop())
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One database is migrated; the others are copies of it, and go when they are given back. */
async function stockDatabases(postgres: string) {
  const client = new pg.Client({ connectionString: postgres })
  await client.connect()
  // One statement at a time, in the order of asking; a template is copied once at a time in any case.
  let last: Promise<unknown> = Promise.resolve()
  const run = (statement: string): Promise<unknown> =>
    (last = last.catch(() => undefined).then(() => client.query(statement)))
  const mark = randomBytes(4).toString('hex')
  const template = `centang_template_${mark}`
  await run(`create database ${template}`)
  await migrate(databaseUrl(postgres, template), moduleLines)
  const exists = new Set<string>([template])
  let count = 0
  const create = async (clause: string): Promise<string> => {
    const name = `centang_test_${mark}_${++count}`
    exists.add(name)
    await run(`create database ${name} ${clause}`)
    return databaseUrl(postgres, name)
  }
  const copy = (): Promise<string> => create(`template ${template} strategy file_copy`)
  const waiting = Array.from({ length: copiesWaiting }, copy)
  const remove = async (name: string): Promise<void> => {
    exists.delete(name)
    await run(`drop database if exists ${name} with (force)`)
  }
  return {
    take(): Promise<string> {
      waiting.push(copy())
      return waiting.shift() as Promise<string>
    },
    empty: () => create(''),
    drop: (name: string) => remove(name).catch((error: unknown) => console.error(error)),
    async close(): Promise<void> {
      await Promise.allSettled(waiting)
      for (const name of exists) await remove(name)
      await client.end()
    },
  }
}

/** The server that all files share runs in a process of its own, so that none of them waits for another's work. */
async function startShared(url: string, logFile: string) {
  const program = fileURLToPath(new URL('shared-process.ts', import.meta.url))
  const child = spawn(process.execPath, [program, url, logFile], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const exited = first(child, 'exit')
  const place = await Promise.race([
    first(child, 'message').then(([told]) => told as SharedPlace),
    exited.then(([code]) => Promise.reject(new Error(`The shared server ended with ${code}.`))),
  ])
  return {
    place,
    async stop() {
      child.disconnect()
      // Its database goes next: nobody needs a long farewell.
      const impatience = setTimeout(() => child.kill('SIGKILL'), 3000)
      await exited
      clearTimeout(impatience)
    },
  }
}
