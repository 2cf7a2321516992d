import { readFunctions } from '#platform/database/functions.ts'
import { moduleLines } from '../../src/cli/module-lines.ts'
import assert from 'node:assert/strict'
import pg from 'pg'
import { fetchFrom } from './fetch-from.ts'

export interface TestDatabase {
  readonly url: string
  /** For looking into the database and for breaking things on purpose. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>
  drop(): Promise<void>
}

/** Looks into a database; a process that has nothing else to do ends without closing it. */
export function openQueries(url: string): Pick<TestDatabase, 'url' | 'query'> & { close(): Promise<void> } {
  const pool = new pg.Pool({ connectionString: url, max: 4, allowExitOnIdle: true })
  pool.on('error', () => undefined)
  return {
    url,
    query: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await pool.query<Row>(text, values)).rows,
    close: () => pool.end(),
  }
}

/** A database of its own, migrated; a copy of one that was migrated once for the whole run. */
export async function freshDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const { migrated = true } = options
  const { url } = await fetchFrom<{ url: string }>(migrated ? 'take' : 'empty')
  const queries = openQueries(url)
  return {
    ...queries,
    async drop() {
      await queries.close()
      await fetchFrom(`drop/${new URL(url).pathname.slice(1)}`)
    },
  }
}

const functions = readFunctions(moduleLines.map(({ folder }) => folder))

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
