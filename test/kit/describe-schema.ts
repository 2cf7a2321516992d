import type { TestDatabase } from './database.ts'

/** Partitions are as their table is, and come and go. */
const noPartition = (name: string): string =>
  `not exists (select from pg_class c where c.relname = ${name} and c.relispartition and c.relnamespace = 'public'::regnamespace)`

/** Everything a migration can change, as text that reads well in a review. Functions go without the hash of their text. */
export async function describeSchema(database: Pick<TestDatabase, 'query'>): Promise<string> {
  const lines = async (text: string): Promise<string> =>
    (await database.query<{ line: string }>(text)).map(({ line }) => line).join('\n')
  return (
    [
      await lines(`select table_name || '.' || column_name || ' ' || data_type || case is_nullable when 'NO' then ' not null' else '' end || coalesce(' default ' || column_default, '') as line
      from information_schema.columns where table_schema = 'public' and ${noPartition('table_name')} order by table_name, ordinal_position`),
      await lines(
        `select conrelid::regclass || ' ' || pg_get_constraintdef(oid) as line from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n' and conparentid = 0 order by 1`,
      ),
      await lines(
        `select indexdef as line from pg_indexes where schemaname = 'public' and ${noPartition('tablename')} order by 1`,
      ),
      await lines(
        `select tablename || ' policy ' || policyname || ' to ' || array_to_string(roles, ',') || ' using ' || coalesce(qual, '') || ' check ' || coalesce(with_check, '') as line from pg_policies order by 1`,
      ),
      await lines(
        `select table_name || ' for ' || grantee || ': ' || string_agg(privilege_type, ', ' order by privilege_type) as line
        from information_schema.role_table_grants where table_schema = 'public' and ${noPartition('table_name')} and grantee in ('centang_tenant', 'centang_engine')
        group by table_name, grantee order by 1`,
      ),
      await lines(
        `select regexp_replace(proname, '_[0-9a-f]{10}$', '') || '(' || pg_get_function_identity_arguments(oid) || ')' as line from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
      ),
    ].join('\n\n') + '\n'
  )
}
