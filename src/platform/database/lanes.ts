import pg from 'pg'
import { Refusal } from '#platform/core/refusal.ts'
import type { Lane } from './bind.ts'
import { connect } from './connect.ts'
import { readDatabaseUrl } from './database-url.ts'
import { type Sessions, sessionSettings, setSession } from './session.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

export interface LaneSettings {
  readonly connectionString: string
  /** Absent: kept. */
  readonly sessions?: Sessions
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
 * after a loss; statements are prepared once per connection, or, behind a pooler that keeps no sessions, not at all: then
 * each is a transaction that brings its settings along.
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
      return await (this.#settings.sessions === 'pooled'
        ? this.#transact(client, text, values)
        : client.query<Record<string, unknown>>({ name, text, values }).then(({ rows }) => rows))
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || isElsewhere(error)) this.#drop(connecting)
      throw error
    }
  }

  /** On their way together, as everything on a lane. When the statement fails, so does the commit's meaning: it rolls back. */
  async #transact(client: pg.Client, text: string, values: unknown[]): Promise<Record<string, unknown>[]> {
    const steps = [
      client.query(`begin isolation level read committed; ${setSession(this.#session(), 'transaction')}`),
      client.query<Record<string, unknown>>({ text, values }),
      client.query('commit'),
    ] as const
    // Of what was sent everything is answered, before anything is said of it.
    const [begun, asked, committed] = await Promise.allSettled(steps)
    for (const step of [begun, asked, committed]) if (step.status === 'rejected') throw step.reason
    return (asked as PromiseFulfilledResult<pg.QueryResult<Record<string, unknown>>>).value.rows
  }

  #session(): Readonly<Record<string, string | number>> {
    const { connectionString, statementTimeoutMs, lockTimeoutMs } = this.#settings
    const timeouts = { statement_timeout: statementTimeoutMs, lock_timeout: lockTimeoutMs }
    const { settings } = readDatabaseUrl(connectionString)
    return sessionSettings(settings, { ...timeouts, ...planning, role: 'centang_engine' })
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
    const { connectionString, sessions, statementTimeoutMs } = this.#settings
    const client = await connect({
      connectionString,
      application_name: 'centang engine',
      connectionTimeoutMillis: connectTimeoutMs,
      // Sets of one round are on their way together, and are answered in that order.
      pipeline: true,
      // The server's own time-out answers first; this one is for a network that swallows packets. It also runs while the
      // sets before are answered.
      query_timeout: 2 * statementTimeoutMs + 1000,
      keepAlive: true,
    })
    if (sessions !== 'pooled') await client.query(setSession(this.#session(), 'session'))
    return client
  }

  /** The next query connects anew, unless somebody else has already. */
  #drop(connecting: Promise<pg.Client>): void {
    if (this.#client === connecting) this.#client = undefined
    connecting.then((client) => client.end()).catch(() => undefined)
  }
}
