import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '#platform/database/embedded/embedded-postgres.ts'

/** The one PostgreSQL that every side of a benchmark uses, with the settings the server ships: fsync is on. */
export interface BenchDatabase {
  readonly pid: number
  /** Makes an empty database and returns its URL. */
  create(name: string): Promise<string>
  /**
   * What PostgreSQL does by itself within a minute, done at once so that every round finds the same: statistics of what
   * earlier rounds left, and their pages written out.
   */
  settle(): Promise<void>
  stop(): Promise<void>
}

const folders = new Set<string>()
process.once('exit', () => {
  for (const folder of folders) removeFolder(folder)
})

/** Removed with everything in it when the benchmark ends, in whatever way. */
export function makeDataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'centang-bench-'))
  // Run by root, the database has a user of its own; where that one can't enter, it would choose another folder.
  chmodSync(folder, 0o755)
  folders.add(folder)
  return folder
}

const removalsMax = 50

/** A database that was just killed may still be writing, and takes a folder for a moment. */
export function removeFolder(folder: string): void {
  for (let removals = 1; existsSync(folder); removals++) {
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch (error) {
      if (removals === removalsMax) throw error
      // In an exit listener nothing can be awaited.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    }
  }
  folders.delete(folder)
}

export async function startDatabase(settings: Readonly<Record<string, string>> = {}): Promise<BenchDatabase> {
  const dataFolder = makeDataFolder()
  const postgres = await startEmbeddedPostgres({
    dataFolder,
    settings,
    log: (line, level) => {
      if (level === 'error' || level === 'warn') process.stderr.write(`${line}\n`)
    },
  })
  const { connectionString, pid } = postgres
  const urls: string[] = []
  const kill = (): void => killAtOnce(pid)
  // Before its folder goes.
  process.prependOnceListener('exit', kill)
  return {
    pid,
    async create(name) {
      await runSql(connectionString, `create database ${pg.escapeIdentifier(name)}`)
      const url = new URL(connectionString)
      url.pathname = `/${name}`
      urls.push(url.href)
      return url.href
    },
    async settle() {
      for (const url of urls) await runSql(url, 'analyze')
      await runSql(connectionString, 'checkpoint')
    },
    async stop() {
      process.off('exit', kill)
      await postgres.stop()
      removeFolder(dataFolder)
    },
  }
}

function killAtOnce(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT')
  } catch {
    // The interrupt that ended us ended it too.
  }
}

export async function runSql<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text, values)).rows
  } finally {
    await client.end()
  }
}
