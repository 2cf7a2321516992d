import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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

const databaseUrl = (server: string, name: string): string => Object.assign(new URL(server), { pathname: name }).href

/** Opens the storeroom of a run on a PostgreSQL and tells the test files of it by the environment. */
export async function openStoreroom(postgres: string): Promise<Storeroom> {
  const databases = await stockDatabases(postgres)
  let shared: Promise<{ readonly place: SharedPlace; readonly child: ChildProcess }> | undefined
  const counter: Readonly<Record<string, (name: string) => Promise<object>>> = {
    async take() {
      return { url: databaseUrl(postgres, await databases.take()) }
    },
    async empty() {
      return { url: databaseUrl(postgres, await databases.empty()) }
    },
    async drop(name) {
      databases.drop(name)
      return {}
    },
    async share() {
      shared ??= databases.take().then((name) => startShared(databaseUrl(postgres, name), join(folder, 'shared.log')))
      return (await shared).place
    },
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
  const folder = mkdtempSync(join(tmpdir(), 'centang-test-'))
  process.env['CENTANG_TEST_NUMBERS'] = folder
  process.env['CENTANG_TEST_STOREROOM'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    async close() {
      server.closeAllConnections()
      server.close()
      rmSync(folder, { recursive: true, force: true })
      if (shared) {
        const { child } = await shared
        child.disconnect()
        await once(child, 'exit')
      }
      await databases.close()
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
    return name
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
    drop: (name: string): void => void remove(name).catch((error: unknown) => console.error(error)),
    async close(): Promise<void> {
      await Promise.allSettled(waiting)
      for (const name of exists) await remove(name)
      await client.end()
    },
  }
}

/** The server that all files share runs in a process of its own, so that none of them waits for another's work. */
async function startShared(url: string, logFile: string): Promise<{ place: SharedPlace; child: ChildProcess }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('shared-process.ts', import.meta.url)), url, logFile], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const place = await Promise.race([
    once(child, 'message').then(([told]) => told as SharedPlace),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`The shared server ended with ${code}.`))),
  ])
  return { place, child }
}
