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
