import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import pg from 'pg'
import { hashOf, readFunctions } from '#platform/database/functions.ts'
import { listMigrations, migrate } from '#platform/database/migrate.ts'
import { moduleLines } from '../../src/cli/module-lines.ts'

export interface TestDatabase {
  readonly url: string
  /** For looking into the database and for breaking things on purpose. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>
  drop(): Promise<void>
}

const serverUrl = (): string => {
  const url = process.env['CENTANG_TEST_DATABASE_URL']
  if (!url) throw new Error('Run tests with `npm test`, or add --test-global-setup=./test/postgres-setup.ts')
  return url
}

const withDatabase = (name: string): string => {
  const url = new URL(serverUrl())
  url.pathname = `/${name}`
  return url.href
}

async function asAdmin<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: serverUrl() })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const functions = readFunctions(moduleLines.map(({ folder }) => folder))

/** Named after what migrations and functions say, so that a change to them makes a new one. */
function templateName(): string {
  const hash = createHash('sha256').update(hashOf(functions))
  for (const migration of listMigrations(moduleLines)) hash.update(migration.hash)
  return `centang_template_${hash.digest('hex').slice(0, 12)}`
}

/** A database of its own, migrated; a copy of one that was migrated once for the whole run. */
export async function freshDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const { migrated = true } = options
  const name = `centang_test_${randomBytes(6).toString('hex')}`
  await asAdmin(async (client) => {
    // Copies of a template are made one at a time.
    await client.query('select pg_advisory_lock(7001)')
    if (migrated) await makeTemplate(client)
    await client.query(`create database ${name}${migrated ? ` template ${templateName()}` : ''}`)
  })
  const url = withDatabase(name)
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  pool.on('error', () => undefined)
  return {
    url,
    query: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await pool.query<Row>(text, values)).rows,
    async drop() {
      await pool.end()
      await asAdmin((client) => client.query(`drop database if exists ${name} with (force)`))
    },
  }
}

async function makeTemplate(client: pg.Client): Promise<void> {
  const name = templateName()
  const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
  if (rowCount) return
  await client.query(`create database ${name}`)
  await migrate(withDatabase(name), moduleLines)
}

/** Puts a function back with a rule taken out, and restores it afterwards. */
export async function withoutGuard(
  database: TestDatabase,
  name: string,
  cuts: readonly (readonly [string, string])[],
  work: () => Promise<void>,
): Promise<void> {
  const [found] = await database.query<{ source: string }>(
    'select pg_get_functiondef(oid) as source from pg_proc where proname = $1',
    [functions.find((one) => one.name === name)?.spelled],
  )
  const before = (found as { source: string }).source
  let cut = before
  for (const [plain, to] of cuts) {
    const from = functions.reduce((text, one) => text.replaceAll(`${one.name}(`, `${one.spelled}(`), plain)
    assert.ok(cut.includes(from), `the guard “${from}” is not there any more`)
    cut = cut.replaceAll(from, to)
  }
  await database.query(cut)
  try {
    await work()
  } finally {
    await database.query(before)
  }
}
