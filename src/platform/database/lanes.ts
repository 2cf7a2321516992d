import pg from 'pg'
import { Refusal } from '#platform/core/refusal.ts'
import type { Lane } from './bind.ts'
import { connect } from './connect.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

export interface LaneSettings {
  readonly connectionString: string
  readonly statementTimeoutMs: number
  readonly lockTimeoutMs: number
}

/** The server is stopping, or no longer the one that writes. */
const isElsewhere = ({ code = '' }: pg.DatabaseError): boolean => code.startsWith('57P') || code === '25006'

/**
 * Every statement here looks rows up by their keys. A plan that reads a whole table is never right for it, however small
 * the table was when the plan was made; and one plan is right for all sets.
 */
export const planning = {
  enable_seqscan: 'off',
  enable_mergejoin: 'off',
  plan_cache_mode: 'force_generic_plan',
} as const

/** Connecting takes no longer than this; a database that is away answers 503, not a hanging request. */
const connectTimeoutMs = 2000

/**
 * A connection of its own, for the hot functions only, in the role centang_engine. It connects on first use and again
 * after a loss; statements are prepared once per connection.
 */
export class EngineLane implements Lane {
  readonly #settings: LaneSettings
  #client: Promise<pg.Client> | undefined

  constructor(settings: LaneSettings) {
    this.#settings = settings
  }

  async query(name: string, text: string, values: unknown[]): Promise<Record<string, unknown>[]> {
    const connecting = (this.#client ??= this.#open())
    const client = await connecting.catch((cause: unknown) => {
      // Whoever gets this knows that nothing was asked, and so nothing was written.
      throw new Refusal(platformRefusals.database_unavailable, { retryAfterSeconds: 2, cause })
    })
    try {
      const { rows } = await client.query<Record<string, unknown>>({ name, text, values })
      return rows
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || isElsewhere(error)) this.#drop(connecting)
      throw error
    }
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined)
    this.#client = undefined
    await client?.end()
  }

  /** A connection that breaks while nobody uses it is forgotten at once, so that the next query is not lost on it. */
  #open(): Promise<pg.Client> {
    const connecting = this.#connect()
    connecting.then(
      (client) => client.on('error', () => this.#drop(connecting)),
      // Also when PostgreSQL itself refused, for example for want of connections: the next query asks again.
      () => this.#drop(connecting),
    )
    return connecting
  }

  async #connect(): Promise<pg.Client> {
    const { connectionString, statementTimeoutMs, lockTimeoutMs } = this.#settings
    const client = await connect({
      connectionString,
      application_name: 'centang engine',
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: statementTimeoutMs,
      lock_timeout: lockTimeoutMs,
      // Sets of one round are on their way together, and are answered in that order.
      pipeline: true,
      // The server's own time-out answers first; this one is for a network that swallows packets. It also runs while the
      // sets before are answered.
      query_timeout: 2 * statementTimeoutMs + 1000,
      keepAlive: true,
    })
    const settings = Object.entries({ role: 'centang_engine', ...planning })
    await client.query(settings.map(([name, value]) => `set ${name} = ${value}`).join('; '))
    return client
  }

  /** The next query connects anew, unless somebody else has already. */
  #drop(connecting: Promise<pg.Client>): void {
    if (this.#client === connecting) this.#client = undefined
    connecting.then((client) => client.end()).catch(() => undefined)
  }
}
