import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '#store/embedded-postgres.ts'

/** The one PostgreSQL that every side of a benchmark uses, with the settings the server ships: fsync is on. */
export interface BenchDatabase {
  readonly pid: number
  /** Makes an empty database and returns its URL. */
  create(name: string): Promise<string>
  /** Writes out what earlier rounds left, so that the next one does not pay for it. */
  settle(): Promise<void>
  stop(): Promise<void>
}

export async function startDatabase(settings: Readonly<Record<string, string>> = {}): Promise<BenchDatabase> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'centang-bench-'))
  const postgres = await startEmbeddedPostgres({
    dataFolder,
    settings,
    log: (line, level) => {
      if (level === 'error' || level === 'warn') process.stderr.write(`${line}\n`)
    },
  })
  const { connectionString, pid } = postgres
  return {
    pid,
    async create(name) {
      await runSql(connectionString, `create database ${pg.escapeIdentifier(name)}`)
      const url = new URL(connectionString)
      url.pathname = `/${name}`
      return url.href
    },
    settle: async () => {
      await runSql(connectionString, 'checkpoint')
    },
    async stop() {
      await postgres.stop()
      rmSync(dataFolder, { recursive: true, force: true })
    },
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
