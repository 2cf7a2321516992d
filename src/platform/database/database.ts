import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { PrimaryPool } from './connect.ts'
import { createFairGate, type FairGate, GateFull } from './fair-gate.ts'
import type { LaneSettings } from './lanes.ts'
import type { PlatformTables } from './tables.ts'

export type TenantTransaction<Tables = PlatformTables> = Transaction<Tables>

/** What one business asks for waits for itself, and not so long that its caller is gone. */
const gateLimits = { waitingMax: 500, waitMaxMs: 10_000 }

/**
 * Everything that is not one of the hot functions. A transaction is always opened for somebody: for one business,
 * under row-level security, or for the engine, which is for the few reads that come before the business is known.
 */
export class Database<Tables = PlatformTables> {
  readonly #kysely: Kysely<Tables>
  readonly #gate: FairGate

  constructor(settings: LaneSettings & { readonly poolSize: number }) {
    const pool = new PrimaryPool({
      connectionString: settings.connectionString,
      application_name: 'centang',
      max: settings.poolSize,
      connectionTimeoutMillis: 2000,
      idleTimeoutMillis: 30_000,
      statement_timeout: settings.statementTimeoutMs,
      lock_timeout: settings.lockTimeoutMs,
      query_timeout: settings.statementTimeoutMs + 1000,
      keepAlive: true,
    })
    this.#kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
    this.#gate = createFairGate({ ...gateLimits, size: settings.poolSize })
  }

  /** The same, as a module sees it: with its own tables. */
  of<Others>(): Database<Others> {
    return this as unknown as Database<Others>
  }

  asBusiness<Result>(businessId: string, work: (trx: TenantTransaction<Tables>) => Promise<Result>): Promise<Result> {
    const run = () =>
      this.#kysely.transaction().execute(async (trx) => {
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
    return this.#kysely.transaction().execute(async (trx) => {
      await sql`select set_config('role', 'centang_engine', true)`.execute(trx)
      return work(trx)
    })
  }

  /** Round trip to the database; its clock, to compare with ours. */
  async ping(): Promise<Date> {
    const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(this.#kysely)
    return (rows[0] as { now: Date }).now
  }

  /** Migrations that were applied. */
  async listApplied(): Promise<readonly { readonly line: string; readonly version: number }[]> {
    const { rows } = await sql<{
      line: string
      version: number
    }>`select line, version from schema_migration`.execute(this.#kysely)
    return rows
  }

  async close(): Promise<void> {
    await this.#kysely.destroy()
  }
}
