import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { beginEpoch } from './begin-epoch.ts'
import { connect } from './connect.ts'
import { inTransaction, type Transact } from './in-transaction.ts'
import { type Line, sqlFilesIn } from './line.ts'
import { makeFunctions } from './make-functions.ts'
import { type Patience, underMigrationLock, unhurried } from './migration-lock.ts'

/** The database was migrated by a newer version of the server. */
export class SchemaTooNew extends Error {
  constructor(line: string, found: number, known: number) {
    super(
      `The database has schema ${found} of ${line}, this version knows ${known}. Start the newer version again, or ` +
        'restore a backup from before the upgrade.',
    )
    this.name = 'SchemaTooNew'
  }
}

/** A migration that was applied has changed since: this database was made by an unreleased version. */
export class SchemaChanged extends Error {
  constructor(name: string) {
    super(
      `The migration ${name} is not the one this database was made with. Migrations of a release never change: start the ` +
        'version that made the database, or begin with an empty one.',
    )
    this.name = 'SchemaChanged'
  }
}

class PostgresTooOld extends Error {
  constructor(version: string) {
    super(`This is PostgreSQL ${version}, and 15 or newer is needed. Upgrade it, or name another in DATABASE_URL.`)
    this.name = 'PostgresTooOld'
  }
}

export interface AppliedMigration {
  readonly line: string
  readonly version: number
  readonly hash: string
}

export interface Migration extends AppliedMigration {
  readonly name: string
  readonly sql: string
}

export interface MigrateOptions {
  /** These versions and nothing else, for the rows of a backup of an older schema. */
  readonly upTo?: readonly AppliedMigration[]
  readonly patience?: Partial<Patience>
}

/** A migration of a release before may take minutes on large tables; a supervisor starts again who waits longer. */
const patienceDefault: Patience = { say: () => undefined, waitsAtMostMs: 300_000, tellsEveryMs: 5000 }

/**
 * Brings the schema up to date: the migrations of each line in its order, each file in a transaction of its own, then the
 * functions and the epoch of the log. Under a lock: of two servers that start together one migrates and the other waits and finds nothing to do.
 * @returns what was done, by name
 */
export async function migrate(
  connectionString: string,
  lines: readonly Line[],
  { upTo, patience }: MigrateOptions = {},
): Promise<readonly string[]> {
  const known = listMigrations(lines)
  return underMigrationLock(connectionString, { ...patienceDefault, ...patience }, async (lock) => {
    const client = await connect({
      connectionString,
      application_name: 'centang migrate',
      connectionTimeoutMillis: 5000,
    })
    const transact: Transact = (what, work) =>
      lock.patiently(what, (lockTimeoutMs) =>
        inTransaction(client, connectionString, async () => {
          lock.requireHeld()
          await client.query(unhurried(lockTimeoutMs))
          return work()
        }),
      )
    try {
      const applied = await transact('the list of migrations', () => readApplied(client))
      requireKnown(applied, known)
      // By what is missing, and not from the highest on: of two branches that are merged the lower number may come later.
      const missing = known.filter((one) => !applied.some(isSame(one)) && (!upTo || upTo.some(isSame(one))))
      for (const one of missing) await transact(`the tables of ${nameOf(one)}`, () => apply(client, one))
      if (upTo) return missing.map(nameOf)
      const functions = await transact('the functions', () => makeFunctions(client, lines))
      return [...missing.map(nameOf), ...functions, ...(await beginEpoch(client, transact))]
    } finally {
      await client.end()
    }
  })
}

/**
 * Whether this version can read what these migrations made. Lines that it does not know are of modules that were taken
 * out; their tables are nobody's business.
 */
export function requireKnown(applied: readonly AppliedMigration[], known: readonly Migration[]): void {
  for (const one of applied) {
    const line = known.filter((migration) => migration.line === one.line)
    const latest = line.at(-1)?.version
    if (latest === undefined) continue
    if (one.version > latest) throw new SchemaTooNew(one.line, one.version, latest)
    const ours = line.find(isSame(one))
    if (ours?.hash !== one.hash) throw new SchemaChanged(ours ? nameOf(ours) : `${one.line} ${one.version}`)
  }
}

/** What of the schema is not there yet; undefined when all is. */
export const firstMissing = (
  applied: readonly Pick<AppliedMigration, 'line' | 'version'>[],
  known: readonly Migration[],
): string | undefined => {
  const missing = known.find((one) => !applied.some(isSame(one)))
  return missing && nameOf(missing)
}

/** The migrations of all lines, in the order in which they are applied. */
export const listMigrations = (lines: readonly Line[]): readonly Migration[] =>
  lines.flatMap(({ name: line, folder }) =>
    sqlFilesIn(new URL('migrations/', folder)).map((file) => {
      const sql = readFileSync(file, 'utf8')
      const name = basename(fileURLToPath(file))
      const hash = createHash('sha256').update(sql).digest('hex')
      return { line, version: Number.parseInt(name, 10), name, sql, hash }
    }),
  )

type Numbered = Pick<AppliedMigration, 'line' | 'version'>
const isSame = (a: Numbered) => (b: Numbered) => a.line === b.line && a.version === b.version
const nameOf = ({ line, name }: Migration): string => `${line}/${name}`

/** The two tables that are there before any migration. */
const bookkeeping = `
  create table if not exists schema_migration (
    line text not null, version integer not null, name text not null, hash text not null, primary key (line, version));
  create table if not exists schema_release (
    hash text primary key, functions text[] not null, started_at timestamptz not null)`

async function readApplied(client: pg.Client): Promise<AppliedMigration[]> {
  const { rows: found } = await client.query<{ version: string; number: number; is_there: boolean }>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::integer as number,
       to_regclass('schema_migration') is not null and to_regclass('schema_release') is not null as is_there`,
  )
  const { version, number, is_there: isThere } = found[0] as (typeof found)[0]
  if (number < 150_000) throw new PostgresTooOld(version)
  // Even "if not exists" asks for the right to make tables, which somebody may have taken back since.
  if (!isThere) await client.query(bookkeeping)
  try {
    const { rows } = await client.query<AppliedMigration>(
      'select line, version, hash from schema_migration order by line, version',
    )
    return rows
  } catch (error) {
    // From before there were lines, which is before the first release.
    if ((error as pg.DatabaseError).code === '42703') throw new SchemaChanged('of the first tables')
    throw error
  }
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  const { line, version, name, sql, hash } = migration
  try {
    await client.query(sql)
    await client.query('insert into schema_migration (line, version, name, hash) values ($1, $2, $3, $4)', [
      line,
      version,
      name,
      hash,
    ])
  } catch (error) {
    throw new Error(`Migration ${nameOf(migration)} failed: ${(error as Error).message}`, { cause: error })
  }
}
