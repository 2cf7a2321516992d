import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { PrimaryPool } from './connect.ts'
import { readDatabaseUrl } from './database-url.ts'
import { createFairGate, type FairGate, GateFull } from './fair-gate.ts'
import type { LaneSettings } from './lanes.ts'
import { sessionSettings, setSession } from './session.ts'
import type { PlatformTables } from './tables.ts'

export type TenantTransaction<Tables = PlatformTables> = Transaction<Tables>

/** What one business asks for waits for itself, and not so long that its caller is gone. */
const gateLimits = { waitingMax: 500, waitMaxMs: 10_000 }

const runsMax = 3
/** PostgreSQL ended one of several transactions that waited in a circle; the others go on. */
const isDeadlock = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === '40P01'

/**
 * Everything that is not one of the hot functions. A transaction is always opened for somebody: for one business,
 * under row-level security, or for the engine, which is for the few reads that come before the business is known.
 */
export class Database<Tables = PlatformTables> {
  readonly #kysely: Kysely<Tables>
  /** What a transaction begins with where no session keeps its settings. */
  readonly #prologue: string | undefined
  readonly #gate: FairGate

  constructor({ connectionString, sessions, ...settings }: LaneSettings & { readonly poolSize: number }) {
    const session = sessionSettings(readDatabaseUrl(connectionString).settings, {
      statement_timeout: settings.statementTimeoutMs,
      lock_timeout: settings.lockTimeoutMs,
    })
    const isPooled = sessions === 'pooled'
    const pool = new PrimaryPool(
      {
        connectionString,
        application_name: 'centang',
        max: settings.poolSize,
        connectionTimeoutMillis: 2000,
        idleTimeoutMillis: 30_000,
        query_timeout: settings.statementTimeoutMs + 1000,
        keepAlive: true,
        // Not with the first packet, in which a pooler takes hardly any.
        ...(!isPooled && { onConnect: (client) => client.query(setSession(session, 'session')) as unknown as void }),
      },
      sessions,
    )
    this.#prologue = isPooled ? setSession(session, 'transaction') : undefined
    this.#kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
    this.#gate = createFairGate({ ...gateLimits, size: settings.poolSize })
  }

  /** The same, as a module sees it: with its own tables. */
  of<Others>(): Database<Others> {
    return this as unknown as Database<Others>
  }

  asBusiness<Result>(businessId: string, work: (trx: TenantTransaction<Tables>) => Promise<Result>): Promise<Result> {
    const run = () =>
      this.#transact(async (trx) => {
        await sql`select set_config('role', 'centang_tenant', true), set_config('centang.business_id', ${businessId}, true)`.execute(
          trx,
        )
        return work(trx)
      })
    return this.#gate.run(businessId, run).catch((error: unknown) => {
      throw error instanceof GateFull ? new Refusal(platformRefusals.busy, { retryAfterSeconds: 1 }) : error
    })
  }

  asEngine<Result>(work: (trx: TenantTransaction<Tables>) => Promise<Result>): Promise<Result> {
    return this.#transact(async (trx) => {
      await sql`select set_config('role', 'centang_engine', true)`.execute(trx)
      return work(trx)
    })
  }

  /** As the user that the server logs in as, whose the tables are: for the upkeep of the schema and nothing else. */
  asOwner<Result>(work: (trx: TenantTransaction<Tables>) => Promise<Result>): Promise<Result> {
    return this.#transact(work)
  }

  /** Round trip to the database; its clock, to compare with ours. */
  async ping(): Promise<Date> {
    // As a number: outside a transaction nobody knows how this session spells a time.
    const { rows } = await sql<{
      ms: string
    }>`select extract(epoch from clock_timestamp()) * 1000 as ms`.execute(this.#kysely)
    return new Date(Number((rows[0] as { ms: string }).ms))
  }

  /** Migrations that were applied. */
  async listApplied(): Promise<readonly { readonly line: string; readonly version: number }[]> {
    return this.#transact(async (trx) => {
      const { rows } = await sql<{
        line: string
        version: number
      }>`select line, version from schema_migration`.execute(trx)
      return rows
    })
  }

  /** Work changes nothing but the database, so what a deadlock has ended is done again. */
  async #transact<Result>(work: (trx: TenantTransaction<Tables>) => Promise<Result>): Promise<Result> {
    for (let run = 1; ; run++)
      try {
        return await this.#transactOnce(work)
      } catch (error) {
        if (run === runsMax || !isDeadlock(error)) throw error
      }
  }

  #transactOnce<Result>(work: (trx: TenantTransaction<Tables>) => Promise<Result>): Promise<Result> {
    return this.#kysely
      .transaction()
      .setIsolationLevel('read committed')
      .execute(async (trx) => {
        if (this.#prologue !== undefined) await sql.raw(this.#prologue).execute(trx)
        return work(trx)
      })
  }

  async close(): Promise<void> {
    await this.#kysely.destroy()
  }
}
