import type pg from 'pg'
import { connect } from '#platform/database/connect.ts'
import { readDatabaseUrl } from '#platform/database/database-url.ts'
import { sessionSettings, setSession } from '#platform/database/session.ts'
import type { AppliedMigration } from '#platform/database/migrate.ts'
import type { BackupEnd, BackupHeader, BackupLine, BackupRow, OnRows } from './format.ts'
import { actFor, backupSession, type BackedUpTable, listTables, quote } from './tables.ts'

const rowsAtOnce = 1000

/**
 * Everything the database holds, as of one moment: one repeatable-read transaction, which holds up nobody who works
 * beside it.
 */
export async function* dumpDatabase(connectionString: string, onRows: OnRows): AsyncGenerator<BackupLine> {
  const client = await connect({ connectionString, application_name: 'centang backup', connectionTimeoutMillis: 5000 })
  try {
    await client.query('begin isolation level repeatable read read only')
    const session = sessionSettings(readDatabaseUrl(connectionString).settings, backupSession)
    await client.query(setSession(session, 'transaction'))
    yield await readHeader(client)
    const end: Record<string, number> = {}
    for (const table of await listTables(client)) {
      const { name, columns, partitions } = table
      yield { table: name, columns: columns.map((one) => one.name), ...(partitions.length > 0 && { partitions }) }
      let rows = 0
      for await (const page of readPages(client, table)) {
        yield* page
        rows += page.length
        onRows(table.name, rows, false)
      }
      end[table.name] = rows
      onRows(table.name, rows, true)
    }
    yield { end } satisfies BackupEnd
  } finally {
    await client.end()
  }
}

async function readHeader(client: pg.Client): Promise<BackupHeader> {
  const { rows } = await client.query<{ found: boolean }>(
    `select to_regclass(quote_ident(current_schema()) || '.schema_migration') is not null as found`,
  )
  if (!rows[0]?.found) throw new Error('There is nothing to back up: no server has used this database.')
  const { rows: migrations } = await client.query<AppliedMigration>(
    'select line, version, hash from schema_migration order by line, version',
  )
  return { format: 'centang-backup', format_version: 1, migrations, made_at: new Date().toISOString() }
}

async function* readPages(client: pg.Client, table: BackedUpTable): AsyncGenerator<BackupRow[]> {
  await actFor(client, table)
  const columns = table.columns.map(({ name }) => `${quote(name)}::text`).join(', ')
  await client.query(`declare dumped no scroll cursor for select ${columns} from ${quote(table.name)}`)
  for (;;) {
    const { rows } = await client.query<BackupRow[] & string[]>({
      text: `fetch ${rowsAtOnce} from dumped`,
      rowMode: 'array',
    })
    if (rows.length > 0) yield rows
    if (rows.length < rowsAtOnce) break
  }
  await client.query('close dumped')
}
