import pg from 'pg'
import { eventually } from './api.ts'
import type { TestDatabase } from './database.ts'

/** Asks while another transaction has changed or locked something and not committed; it commits once the asking waits for it. */
export async function whileHeld<Answer>(
  { url, query }: Pick<TestDatabase, 'url' | 'query'>,
  hold: string,
  values: unknown[],
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    await client.query('begin')
    const { rowCount } = await client.query(hold, values)
    if (rowCount === 0) throw new Error(`nothing to hold: ${hold}`)
    const asking = ask()
    const waiting = 'select from pg_stat_activity where $1 = any(pg_blocking_pids(pid))'
    await eventually(async () => (await query(waiting, [rows[0]?.pid])).length > 0)
    await client.query('commit')
    return await asking
  } finally {
    await client.end()
  }
}
