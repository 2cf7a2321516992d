import type pg from 'pg'

export interface BackedUpTable {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Under row-level security: read and written by the engine's role, which sees every row. */
  readonly isGuarded: boolean
  /** Those that it is split into. */
  readonly partitions: readonly string[]
}

interface FoundTable {
  readonly name: string
  readonly columns: string[]
  readonly types: string[]
  readonly is_guarded: boolean
  readonly is_seen_whole: boolean
  readonly partitions: string[]
}

/**
 * The tables of our schema, parents before those who refer to them. Not the lists of migrations and functions, which
 * belong to the database.
 */
export async function listTables(client: pg.Client): Promise<readonly BackedUpTable[]> {
  const { rows } = await client.query<FoundTable>(`
    select c.relname as name, c.relrowsecurity as is_guarded,
      array_agg(a.attname::text order by a.attnum) as columns,
      array_agg(format_type(a.atttypid, a.atttypmod) order by a.attnum) as types,
      exists (
        select from pg_policy p join pg_roles r on r.rolname = 'centang_engine' and r.oid = any (p.polroles)
        where p.polrelid = c.oid and p.polpermissive and pg_get_expr(p.polqual, p.polrelid) = 'true'
      ) as is_seen_whole,
      array(
        select p.relname::text from pg_inherits i join pg_class p on p.oid = i.inhrelid where i.inhparent = c.oid order by 1
      ) as partitions
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname not in ('schema_migration', 'schema_release')
    group by c.oid order by c.relname`)
  // Row-level security hides rows without a word: what is not surely whole is no backup.
  const hidden = rows.find((one) => one.is_guarded && !one.is_seen_whole)
  if (hidden) throw new Error(`The table ${hidden.name} has no policy under which centang_engine sees every row.`)
  const { rows: references } = await client.query<{ child: string; parent: string }>(`
    select child.relname as child, parent.relname as parent from pg_constraint
    join pg_class child on child.oid = conrelid join pg_class parent on parent.oid = confrelid
    where contype = 'f' and connamespace = current_schema()::regnamespace and conrelid <> confrelid`)
  const names = parentsFirst(
    rows.map(({ name }) => name),
    references,
  )
  return names.map((name) => {
    const { columns, types, is_guarded: isGuarded, partitions } = rows.find((one) => one.name === name) as FoundTable
    return {
      name,
      isGuarded,
      partitions,
      columns: columns.map((column, n) => ({ name: column, type: types[n] as string })),
    }
  })
}

function parentsFirst(
  names: readonly string[],
  references: readonly { readonly child: string; readonly parent: string }[],
): string[] {
  const sorted = new Set<string>()
  while (sorted.size < names.length) {
    const ready = names.filter(
      (name) => !sorted.has(name) && references.every(({ child, parent }) => child !== name || sorted.has(parent)),
    )
    if (ready.length === 0) throw new Error('The tables refer to each other in a circle.')
    for (const name of ready) sorted.add(name)
  }
  return [...sorted]
}

/** Inside a transaction: whoever sees, and may write, every row of the table. */
export const actFor = (client: pg.Client, { isGuarded }: BackedUpTable): Promise<unknown> =>
  client.query(isGuarded ? 'set local role centang_engine' : 'set local role none')

/**
 * Intervals as the standard spells them; and whoever holds a table, as another restore does, is waited for so long: a
 * person sits before it.
 */
export const backupSession = { intervalstyle: 'iso_8601', lock_timeout: 30_000, statement_timeout: 0 } as const

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
