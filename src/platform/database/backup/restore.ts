import type pg from 'pg'
import { connect } from '#platform/database/connect.ts'
import { readPartition, spellDates } from '#platform/core/partition.ts'
import { inTransaction } from '#platform/database/in-transaction.ts'
import type { Line } from '#platform/database/line.ts'
import { listMigrations, migrate, requireKnown } from '#platform/database/migrate.ts'
import {
  type BackupEnd,
  type BackupHeader,
  type BackupLine,
  type BackupRow,
  BackupUnreadable,
  isRow,
  type OnRows,
  type TableHead,
} from './format.ts'
import { actFor, backupSession, type BackedUpTable, listTables, quote } from './tables.ts'

/** What is in a database is never mixed with what is in a backup. */
class NotEmpty extends Error {
  constructor(table: string) {
    super(`The database is not empty (there are rows in ${table}). Give a new one: createdb centang`)
    this.name = 'NotEmpty'
  }
}

const rowsAtOnce = 1000

/**
 * Puts a backup into an empty database: the schema as it was, every row in one transaction, then the migrations that
 * came since. Nothing is there unless everything is.
 */
export async function restoreDatabase(
  connectionString: string,
  moduleLines: readonly Line[],
  lines: AsyncGenerator<BackupLine>,
  onRows: OnRows,
): Promise<void> {
  const settings = { connectionString, application_name: 'centang restore', connectionTimeoutMillis: 5000 }
  const header = readHeader((await lines.next()).value as BackupLine | undefined)
  const known = listMigrations(moduleLines)
  const stranger = header.migrations.find(({ line }) => !known.some((one) => one.line === line))
  if (stranger)
    throw new BackupUnreadable(`The backup holds tables of ${stranger.line}, which this version does not have.`)
  requireKnown(header.migrations, known)
  const client = await connect(settings)
  try {
    const transact = (work: () => Promise<void>): Promise<void> =>
      inTransaction(client, connectionString, work, backupSession)
    await transact(async () => requireEmpty(client, await listTables(client)))
    await migrate(connectionString, moduleLines, { upTo: header.migrations })
    await transact(() => fill(client, lines, onRows))
    await migrate(connectionString, moduleLines)
    // Without it the first plans are made for empty tables.
    await transact(async () => void (await client.query('analyze')))
  } finally {
    await client.end()
  }
}

function readHeader(line: BackupLine | undefined): BackupHeader {
  const header = (line ?? {}) as Partial<BackupHeader>
  if (header.format !== 'centang-backup') throw new BackupUnreadable('This is no backup of Centang.')
  if (header.format_version !== 1) throw new BackupUnreadable('A newer version made this backup; restore it with that.')
  const { migrations } = header
  if (!Array.isArray(migrations) || migrations.some((one) => typeof one?.line !== 'string'))
    throw new BackupUnreadable('This backup is damaged: it does not say of which tables it is.')
  return header as BackupHeader
}

async function requireEmpty(client: pg.Client, tables: readonly BackedUpTable[]): Promise<void> {
  for (const table of tables) {
    await actFor(client, table)
    const { rowCount } = await client.query(`select from ${quote(table.name)} limit 1`)
    if (rowCount) throw new NotEmpty(table.name)
  }
  await client.query('set local role none')
}

async function fill(client: pg.Client, lines: AsyncGenerator<BackupLine>, onRows: OnRows): Promise<void> {
  const tables = await listTables(client)
  // A server that starts meanwhile waits until everything is there.
  await client.query(`lock table ${tables.map(({ name }) => quote(name)).join(', ')} in access exclusive mode`)
  await requireEmpty(client, tables)
  const filled: Record<string, number> = {}
  let open: { readonly table: BackedUpTable; readonly head: TableHead; readonly rows: BackupRow[] } | undefined
  const flush = async (isDone: boolean): Promise<void> => {
    if (!open) return
    const { table, head, rows } = open
    await insert(client, table, head.columns, rows)
    filled[table.name] = (filled[table.name] ?? 0) + rows.length
    rows.length = 0
    onRows(table.name, filled[table.name] as number, isDone)
  }
  for await (const line of lines) {
    if (isRow(line)) {
      open?.rows.push(line)
      if (open?.rows.length === rowsAtOnce) await flush(false)
      continue
    }
    await flush(true)
    if ('end' in line) return finish(client, tables, filled, line)
    const head = line as TableHead
    const table = tables.find(({ name }) => name === head.table)
    if (!table) throw new BackupUnreadable(`The backup has a table ${head.table} that its schema does not have.`)
    await makePartitions(client, head)
    await actFor(client, table)
    open = { table, head, rows: [] }
  }
  throw new BackupUnreadable('The backup ends too early: it is not whole.')
}

/** Rows of long ago would else lie in the partition for the rest, and go one by one. */
async function makePartitions(client: pg.Client, { table, partitions = [] }: TableHead): Promise<void> {
  await client.query('set local role none')
  for (const name of partitions) {
    const range = readPartition(table, name)
    if (range) await client.query('select make_partition($1::regclass, $2, $3)', [table, ...spellDates(range)])
  }
}

/** One statement a page: the columns come as arrays of text, and each text is read as its column's type. */
async function insert(
  client: pg.Client,
  { name, columns: known }: BackedUpTable,
  columns: readonly string[],
  rows: readonly BackupRow[],
): Promise<void> {
  if (rows.length === 0) return
  const types = columns.map((column) => {
    const type = known.find((one) => one.name === column)?.type
    if (type === undefined) throw new BackupUnreadable(`The backup has a column ${name}.${column} that is not known.`)
    return type
  })
  const values = types.map((type, n) => `v${n}::${type}`).join(', ')
  const from = types.map((_, n) => `$${n + 1}::text[]`).join(', ')
  const aliases = types.map((_, n) => `v${n}`).join(', ')
  await client.query(
    `insert into ${quote(name)} (${columns.map(quote).join(', ')}) overriding system value
      select ${values} from unnest(${from}) with ordinality as given (${aliases}, n) order by n`,
    columns.map((_, n) => rows.map((row) => row[n] ?? null)),
  )
}

/** Counts what came in, and lets every sequence go on after the highest number that is taken. */
async function finish(
  client: pg.Client,
  tables: readonly BackedUpTable[],
  filled: Readonly<Record<string, number>>,
  { end }: BackupEnd,
): Promise<void> {
  for (const [name, rows] of Object.entries(end)) {
    if ((filled[name] ?? 0) !== rows) throw new BackupUnreadable(`The backup should have ${rows} rows of ${name}.`)
  }
  for (const table of tables) {
    for (const { name: column } of table.columns) {
      await client.query('set local role none')
      const { rows } = await client.query<{ sequence: string | null }>(
        'select pg_get_serial_sequence($1, $2) as sequence',
        [quote(table.name), column],
      )
      const sequence = rows[0]?.sequence
      if (!sequence) continue
      await actFor(client, table)
      const found = await client.query<{ highest: string | null }>(
        `select max(${quote(column)})::text as highest from ${quote(table.name)}`,
      )
      await client.query('set local role none')
      const { highest } = found.rows[0] as { highest: string | null }
      if (highest !== null) await client.query('select setval($1::regclass, $2::bigint)', [sequence, highest])
    }
  }
}
