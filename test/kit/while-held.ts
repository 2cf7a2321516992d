import pg from 'pg'
import { eventually } from './api.ts'
import type { TestDatabase } from './database.ts'

/** Asks while another transaction has changed a row and not committed; it commits once the asking waits for it. */
export async function whileHeld<Answer>(
  { url, query }: Pick<TestDatabase, 'url' | 'query'>,
  update: string,
  values: unknown[],
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('begin')
    const { rowCount } = await client.query(update, values)
    if (rowCount === 0) throw new Error(`nothing to hold: ${update}`)
    const asking = ask()
    await eventually(
      async () =>
        (await query(`select from pg_locks where locktype in ('transactionid', 'tuple') and not granted`)).length > 0,
    )
    await client.query('commit')
    return await asking
  } finally {
    await client.end()
  }
}
