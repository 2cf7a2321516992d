import pg from 'pg'
import { connect } from './connect.ts'
import type { Sessions } from './session.ts'

/** A pooler that takes no transactions: nothing can be kept together. */
class PoolerUnfit extends Error {
  constructor(detail: string) {
    super(
      `The pooler of DATABASE_URL takes no transactions (${detail}): it is in statement mode. Set pool_mode = transaction ` +
        'or session for this database, or name PostgreSQL itself.',
    )
    this.name = 'PoolerUnfit'
  }
}

/** In use or not, a pooler gives two clients the same session within as many rounds, or one client two. */
const rounds = 20

/**
 * PostgreSQL tells a client its process at the beginning, and a pooler makes that number up: where it is not the one
 * that works, somebody sits in between. Whether sessions are kept there is told by two connections that are open at
 * once: of one's own each, they work in two processes, the same ones every time.
 */
export async function recognisePooler(connectionString: string): Promise<Sessions> {
  const open = (): Promise<pg.Client> =>
    connect({ connectionString, application_name: 'centang', connectionTimeoutMillis: 5000, query_timeout: 5000 })
  const first = await open()
  let second: pg.Client | undefined
  try {
    const mine = await processOf(first)
    if (mine === (first as unknown as { readonly processID: number }).processID) return 'kept'
    await requireTransactions(first)
    second = await open()
    const other = await processOf(second)
    for (let round = 0; round < rounds; round++) {
      const [one, two] = [await processOf(first), await processOf(second)]
      if (one !== mine || two !== other || one === two) return 'pooled'
    }
    return 'kept'
  } finally {
    await Promise.all([first.end(), second?.end()])
  }
}

async function processOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return (rows[0] as { pid: number }).pid
}

async function requireTransactions(client: pg.Client): Promise<void> {
  try {
    await client.query('begin')
    await client.query('rollback')
  } catch (error) {
    if (error instanceof pg.DatabaseError && /statement pooling/.test(error.message))
      throw new PoolerUnfit(error.message)
    throw error
  }
}
