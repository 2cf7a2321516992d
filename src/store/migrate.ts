import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'

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

interface Migration {
  readonly version: number
  readonly name: string
}

/** Any constant will do; every server of this database has to use the same. */
const lockKey = 0x63656e74

/**
 * Brings the schema up to date, each file in a transaction of its own, under a lock: of two servers that start
 * together one migrates and the other waits and finds nothing to do.
 */
export async function migrate(connectionString: string): Promise<{ from: number; to: number }> {
  const migrations = await listMigrations()
  const known = migrations.at(-1)?.version ?? 0
  const client = new pg.Client({ connectionString, application_name: 'centang migrate', connectionTimeoutMillis: 5000 })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey])
    await client.query('create table if not exists schema_migration (version integer primary key, name text not null)')
    const { rows } = await client.query<{ version: number | null }>('select max(version) as version from schema_migration')
    const from = rows[0]?.version ?? 0
    if (from > known) throw new SchemaTooNew(from, known)
    for (const migration of migrations.filter(({ version }) => version > from)) await apply(client, migration)
    return { from, to: known }
  } finally {
    // Ends the session and with it the lock.
    await client.end()
  }
}

/** Version of the schema in this database; 0 when it is empty. */
export async function latestMigration(): Promise<number> {
  return (await listMigrations()).at(-1)?.version ?? 0
}

async function listMigrations(): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  return names.map((name) => ({ version: Number.parseInt(name, 10), name }))
}

async function apply(client: pg.Client, { version, name }: Migration): Promise<void> {
  await client.query('begin')
  try {
    await client.query(await readFile(new URL(name, folder), 'utf8'))
    await client.query('insert into schema_migration (version, name) values ($1, $2)', [version, name])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new Error(`Migration ${name} failed: ${(error as Error).message}`, { cause: error })
  }
}
