import pg from 'pg'
import type { Lane } from './bind.ts'

export interface LaneSettings {
  readonly connectionString: string
  readonly statementTimeoutMs: number
  readonly lockTimeoutMs: number
}

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
    const client = await (this.#client ??= this.#connect())
    try {
      const { rows } = await client.query<Record<string, unknown>>({ name, text, values })
      return rows
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code?.startsWith('57P')) this.#drop(client)
      throw error
    }
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined)
    this.#client = undefined
    await client?.end()
  }

  async #connect(): Promise<pg.Client> {
    const { connectionString, statementTimeoutMs, lockTimeoutMs } = this.#settings
    const client = new pg.Client({
      connectionString,
      application_name: 'centang engine',
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: statementTimeoutMs,
      lock_timeout: lockTimeoutMs,
      // The server's own time-out answers first; this one is for a network that swallows packets.
      query_timeout: statementTimeoutMs + 1000,
      keepAlive: true,
    })
    client.on('error', () => this.#drop(client))
    try {
      await client.connect()
      await client.query('set role centang_engine')
      return client
    } catch (error) {
      this.#client = undefined
      await client.end().catch(() => undefined)
      throw error
    }
  }

  #drop(client: pg.Client): void {
    this.#client = undefined
    client.end().catch(() => undefined)
  }
}
