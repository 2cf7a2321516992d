import { readdir, readFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import type pg from 'pg'
import { connect } from './connect.ts'

const folder = new URL('migrations/', import.meta.url)

/** The database was migrated by a newer version of the server. */
export class SchemaTooNew extends Error {
  constructor(found: number, known: number) {
    super(
      `The database has schema ${found}, this version knows ${known}. Start the newer version again, or restore a ` +
        'backup from before the upgrade.',
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

interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
  readonly hash: string
}

/** Any constant will do; every server of this database has to use the same. */
const lockKey = 0x63656e74

/**
 * Brings the schema up to date, each file in a transaction of its own, under a lock: of two servers that start
 * together one migrates and the other waits and finds nothing to do. `upTo`: no further, for a backup of an older schema.
 */
export async function migrate(
  connectionString: string,
  upTo = Number.POSITIVE_INFINITY,
): Promise<{ from: number; to: number }> {
  const migrations = (await listMigrations()).filter(({ version }) => version <= upTo)
  const known = migrations.at(-1)?.version ?? 0
  const client = await connect({ connectionString, application_name: 'centang migrate', connectionTimeoutMillis: 5000 })
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey])
    await client.query(
      'create table if not exists schema_migration (version integer primary key, name text not null, hash text not null)',
    )
    const { rows: applied } = await client.query<{ version: number; hash: string }>(
      'select version, hash from schema_migration order by version',
    )
    const from = applied.at(-1)?.version ?? 0
    if (from > known) throw new SchemaTooNew(from, known)
    for (const { version, hash } of applied) {
      const ours = migrations.find((migration) => migration.version === version)
      if (ours && ours.hash !== hash) throw new SchemaChanged(ours.name)
    }
    // By what is missing, and not from the highest on: of two branches that are merged the lower number may come later.
    const there = new Set(applied.map(({ version }) => version))
    for (const migration of migrations.filter(({ version }) => !there.has(version))) await apply(client, migration)
    return { from, to: known }
  } finally {
    // Ends the session and with it the lock.
    await client.end()
  }
}

/** Whether these migrations, of a backup, are ones that this version knows, and knows the same. */
export async function requireSameMigrations(
  applied: readonly { readonly version: number; readonly hash: string }[],
): Promise<void> {
  const known = await listMigrations()
  const latest = known.at(-1)?.version ?? 0
  for (const { version, hash } of applied) {
    if (version > latest) throw new SchemaTooNew(version, latest)
    const ours = known.find((migration) => migration.version === version)
    if (ours?.hash !== hash) throw new SchemaChanged(ours?.name ?? String(version))
  }
}

/** Version of the schema in this database; 0 when it is empty. */
export async function latestMigration(): Promise<number> {
  return (await listMigrations()).at(-1)?.version ?? 0
}

let listed: Promise<Migration[]> | undefined
/** Read once: `/readyz` asks every few seconds, and a file of a running server does not change. */
const listMigrations = (): Promise<Migration[]> => (listed ??= readMigrations())

async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), 'utf8')
      return { version: Number.parseInt(name, 10), name, sql, hash: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

async function apply(client: pg.Client, { version, name, sql, hash }: Migration): Promise<void> {
  await client.query('begin')
  try {
    await client.query(sql)
    await client.query('insert into schema_migration (version, name, hash) values ($1, $2, $3)', [version, name, hash])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new Error(`Migration ${name} failed: ${(error as Error).message}`, { cause: error })
  }
}
