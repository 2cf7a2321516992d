import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { readDatabaseUrl } from './database-url.ts'
import type { Sessions } from './session.ts'

/** A connection to whichever host writes; throws the last host's error when none does. */
export async function connect(settings: pg.ClientConfig & { readonly connectionString: string }): Promise<pg.Client> {
  const { hosts } = readDatabaseUrl(settings.connectionString)
  let reason: unknown
  for (const connectionString of hosts) {
    const client = new pg.Client({ ...settings, connectionString })
    // A connection that breaks is noticed by whoever uses it next; without a listener it would end the process.
    client.on('error', () => undefined)
    try {
      await client.connect()
      if (hosts.length === 1 || (await writes(client))) return client
      reason = new NoPrimary()
    } catch (error) {
      reason = error
    }
    await client.end().catch(() => undefined)
  }
  throw reason
}

/** Every host is a standby: a fail-over is under way. Its code is PostgreSQL's of a read-only transaction. */
class NoPrimary extends Error {
  readonly code = '25006'

  constructor() {
    super('None of the hosts of DATABASE_URL takes writes.')
  }
}

const writes = async (client: pg.Client | pg.PoolClient): Promise<boolean> => {
  const { rows } = await client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby')
  return rows[0]?.standby === false
}

/** A pool that follows the primary: connections come from the host that writes, the last one first. */
export class PrimaryPool implements PostgresPool {
  /** Kysely looks here for what it needs to cancel a query; we cancel by time-out. */
  readonly options = {}
  readonly #pools: readonly pg.Pool[]
  /** A primary that is demoted ends its connections, so asking each once is enough. */
  readonly #known = new WeakSet<object>()
  readonly #sessions: Sessions
  #current = 0

  constructor(settings: pg.PoolConfig & { readonly connectionString: string }, sessions: Sessions = 'kept') {
    this.#sessions = sessions
    this.#pools = readDatabaseUrl(settings.connectionString).hosts.map((connectionString) => {
      const pool = new pg.Pool({ ...settings, connectionString })
      // An idle connection that breaks is replaced on the next use; without a listener it would end the process.
      pool.on('error', () => undefined)
      // Nor may one that breaks while somebody has it: the pool listens only to idle ones. Their query fails anyway.
      pool.on('connect', (client) => client.on('error', () => undefined))
      return pool
    })
  }

  async connect(): Promise<PostgresPoolClient> {
    let reason: unknown
    for (let tried = 0; tried < this.#pools.length; tried++) {
      const pool = this.#pools[this.#current] as pg.Pool
      try {
        const client = await pool.connect()
        if (this.#pools.length === 1 || this.#known.has(client) || (await writes(client))) {
          // A pooler's client outlasts the primary behind it.
          if (this.#sessions === 'kept') this.#known.add(client)
          return client
        }
        client.release(true)
        reason = new NoPrimary()
      } catch (error) {
        reason = error
      }
      this.#current = (this.#current + 1) % this.#pools.length
    }
    throw reason
  }

  async end(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.end()))
  }
}
