import { sql } from 'kysely'
import { type Forgotten, forgotten, type PartitionedTable } from '#platform/core/kept.ts'
import {
  lowestIdAt,
  type PartitionRange,
  planPartitions,
  readPartition,
  restOf,
  spellDates,
  spellPartition,
} from '#platform/core/partition.ts'
import type { Database, TenantTransaction } from './database.ts'

/** How long attaching or dropping waits for the statements of others, who wait behind it meanwhile; then it is given up. */
const lockTimeoutMs = 250

export interface PartitionsKept {
  readonly made: readonly string[]
  readonly dropped: readonly string[]
}

export interface PartitionKeeping {
  readonly now: Date
  readonly keptForMs: number
  /** Only makes those that are lacking. */
  readonly dropsNone?: boolean
  /** Asked inside the transaction that drops it. */
  readonly beforeDrop?: (trx: TenantTransaction, partition: string) => Promise<void>
}

/** Makes the partitions ahead that a table lacks and drops those whose time is over; each in a transaction of its own. */
export async function keepPartitions(
  database: Database,
  table: PartitionedTable,
  { now, keptForMs, dropsNone = false, beforeDrop }: PartitionKeeping,
): Promise<PartitionsKept> {
  const existing = await database.asOwner((trx) => listPartitions(trx, table))
  const { drop, make: wanted } = planPartitions({ existing }, now, keptForMs)
  const make = wanted.length === 0 ? [] : await makeable(database, table, existing, now, keptForMs)
  const made: string[] = []
  const dropped: string[] = []
  for (const range of make)
    if (await makePartition(database, table, range)) made.push(spellPartition(table.table, range))
  for (const range of dropsNone ? [] : drop) {
    const name = spellPartition(table.table, range)
    if (await dropPartition(database, name, beforeDrop)) dropped.push(name)
  }
  return { made, dropped }
}

/** Nothing can be made over rows that found no partition when they came. */
async function makeable(
  database: Database,
  table: PartitionedTable,
  existing: readonly PartitionRange[],
  now: Date,
  keptForMs: number,
): Promise<readonly PartitionRange[]> {
  const youngest = await database.asEngine((trx) => youngestOfRest(trx, table))
  return planPartitions({ existing, youngestOfRest: youngest }, now, keptForMs).make
}

/** Rows that found no partition go one by one. */
export async function forgetRest(
  database: Database,
  { table, column, type }: PartitionedTable,
  before: Date,
  limit: number,
): Promise<Forgotten> {
  const rest = sql.id(restOf(table))
  const bound = type === 'uuid' ? sql`${lowestIdAt(before)}::uuid` : sql`${before}::timestamptz`
  return database.asEngine(async (trx) => {
    const { numAffectedRows = 0n } = await sql`delete from ${rest} where ctid = any(array(
      select ctid from ${rest} where ${sql.id(column)} < ${bound} limit ${limit} for update skip locked))`.execute(trx)
    return forgotten(numAffectedRows, limit)
  })
}

async function listPartitions(trx: TenantTransaction, { table }: PartitionedTable): Promise<PartitionRange[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = ${table}::regclass`.execute(trx)
  return rows.flatMap(({ name }) => readPartition(table, name) ?? [])
}

async function youngestOfRest(
  trx: TenantTransaction,
  { table, column, type }: PartitionedTable,
): Promise<Date | undefined> {
  // There is no max() of a uuid before PostgreSQL 18.
  const { rows } = await sql<{ youngest: Date | string }>`
    select ${sql.id(column)} as youngest from ${sql.id(restOf(table))} order by 1 desc limit 1`.execute(trx)
  const youngest = rows[0]?.youngest
  return youngest === undefined || type === 'timestamptz' ? (youngest as Date | undefined) : timeOf(youngest as string)
}

const timeOf = (id: string): Date => new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16))

const makePartition = (database: Database, { table }: PartitionedTable, range: PartitionRange): Promise<boolean> =>
  unlessLocked(database, async (trx) => {
    const [from, to] = spellDates(range)
    const { rows } = await sql<{ made: boolean }>`
      select make_partition(${table}::regclass, ${from}::date, ${to}::date) as made`.execute(trx)
    return rows[0]?.made ?? false
  })

const dropPartition = (
  database: Database,
  name: string,
  beforeDrop: PartitionKeeping['beforeDrop'],
): Promise<boolean> =>
  unlessLocked(database, async (trx) => {
    const { rows } = await sql<{ is_there: boolean }>`select to_regclass(${name}) is not null as is_there`.execute(trx)
    // Another server was faster.
    if (!rows[0]?.is_there) return false
    await asEngine(trx)
    await beforeDrop?.(trx, name)
    await asOwner(trx)
    await sql`drop table ${sql.id(name)}`.execute(trx)
    return true
  })

const asEngine = (trx: TenantTransaction) => sql`select set_config('role', 'centang_engine', true)`.execute(trx)
const asOwner = (trx: TenantTransaction) => sql`select set_config('role', 'none', true)`.execute(trx)

const lockTimedOut = '55P03'
/** Any constant will do; every server of this database has to use the same. */
const keeping = 0x63656e75

/** False: somebody else is at it, or the table is in use for too long. It is tried again soon. */
async function unlessLocked(database: Database, work: (trx: TenantTransaction) => Promise<boolean>): Promise<boolean> {
  try {
    return await database.asOwner(async (trx) => {
      const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${keeping}) as mine`.execute(trx)
      if (!rows[0]?.mine) return false
      await sql`select set_config('lock_timeout', ${String(lockTimeoutMs)}, true)`.execute(trx)
      return work(trx)
    })
  } catch (error) {
    if ((error as { code?: unknown }).code === lockTimedOut) return false
    throw error
  }
}
