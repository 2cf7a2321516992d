import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { migrate, SchemaChanged, SchemaTooNew } from '#platform/database/migrate.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'

const golden = new URL('./schema.txt', import.meta.url)

/** Everything a migration can change, as text that reads well in a review. */
async function describeSchema(database: TestDatabase): Promise<string> {
  const lines = async (text: string): Promise<string> =>
    (await database.query<{ line: string }>(text)).map(({ line }) => line).join('\n')
  return (
    [
      await lines(`select table_name || '.' || column_name || ' ' || data_type || case is_nullable when 'NO' then ' not null' else '' end || coalesce(' default ' || column_default, '') as line
      from information_schema.columns where table_schema = 'public' order by table_name, ordinal_position`),
      await lines(
        `select conrelid::regclass || ' ' || pg_get_constraintdef(oid) as line from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n' order by 1`,
      ),
      await lines(`select indexdef as line from pg_indexes where schemaname = 'public' order by 1`),
      await lines(
        `select tablename || ' policy ' || policyname || ' to ' || array_to_string(roles, ',') || ' using ' || coalesce(qual, '') || ' check ' || coalesce(with_check, '') as line from pg_policies order by 1`,
      ),
      await lines(
        `select proname || '(' || pg_get_function_identity_arguments(oid) || ')' as line from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
      ),
    ].join('\n\n') + '\n'
  )
}

describe('the schema', () => {
  let database: TestDatabase
  before(async () => {
    database = await freshDatabase({ migrated: false })
    await migrate(database.url)
  })
  after(() => database.drop())

  it('is what test/schema.txt says (UPDATE=1 writes it)', async () => {
    const found = await describeSchema(database)
    if (process.env['UPDATE']) writeFileSync(golden, found)
    assert.equal(found, readFileSync(golden, 'utf8'))
  })

  it('begins every primary and unique key of a tenant table with business_id', async () => {
    const rows = await database.query<{ name: string; columns: string }>(
      `select conname as name, pg_get_constraintdef(oid) as columns from pg_constraint
       where contype in ('p', 'u') and connamespace = 'public'::regnamespace and conrelid::regclass::text not in ('business', 'schema_migration', 'key_check')`,
    )
    assert.ok(rows.length >= 8)
    for (const { name, columns } of rows) assert.match(columns, /\(business_id/, name)
  })

  it('is migrated once by servers that start together', async () => {
    const empty = await freshDatabase({ migrated: false })
    const done = await Promise.all([migrate(empty.url), migrate(empty.url), migrate(empty.url)])
    assert.equal(done.filter(({ from, to }) => from !== to).length, 1)
    await empty.drop()
  })

  it('of a newer server is refused', async () => {
    const newer = await freshDatabase()
    await newer.query(`insert into schema_migration (version, name, hash) values (9999, 'future', '')`)
    await assert.rejects(migrate(newer.url), SchemaTooNew)
    await newer.drop()
  })

  it('that lacks a lower number, as two merged branches leave it, gets it', async () => {
    const gap = await freshDatabase()
    await gap.query('drop table safe_number, messaging_configuration, totp_setting')
    await gap.query('delete from schema_migration where version = 13')
    await migrate(gap.url)
    assert.equal(await describeSchema(gap), readFileSync(golden, 'utf8'))
    await gap.drop()
  })

  it('made by a migration that has changed since is refused', async () => {
    const changed = await freshDatabase()
    await changed.query(`update schema_migration set hash = 'other' where version = 3`)
    await assert.rejects(migrate(changed.url), SchemaChanged)
    await changed.drop()
  })

  it('shows nothing of any table to a tenant who is nobody, and lets nobody write', async () => {
    const own = await freshDatabase()
    const tables = await own.query<{ name: string; forced: boolean }>(
      `select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced from pg_class c
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'schema_migration' order by 1`,
    )
    assert.ok(tables.length >= 10)
    assert.deepEqual(
      tables.filter(({ forced }) => !forced).map(({ name }) => name),
      [],
      'row-level security is on and forced',
    )
    const policies = await own.query<{ name: string; using: string }>(
      `select tablename as name, qual as using from pg_policies where 'centang_tenant' = any(roles)`,
    )
    // What no business has any part in has no door for one.
    assert.ok(!policies.some(({ name }) => name === 'key_check'))
    for (const { name } of tables.filter((one) => one.name !== 'key_check')) {
      const [policy, ...more] = policies.filter((one) => one.name === name)
      assert.match(policy?.using ?? '', /^\((business_id|id) = current_business\(\)\)$/, name)
      assert.equal(more.length, 0, `${name} has one door`)
    }
    const roles = await own.query<{ ok: boolean }>(
      `select not (rolsuper or rolbypassrls or rolcanlogin) as ok from pg_roles where rolname in ('centang_tenant', 'centang_engine')`,
    )
    assert.deepEqual(roles, [{ ok: true }, { ok: true }])
    await own.drop()
  })

  it('shows a tenant nothing of another, even where a query forgets to ask', async () => {
    const own = await freshDatabase()
    const ids = ['00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b']
    for (const id of ids) {
      await own.query(`insert into business values ($1, 'x', now())`, [id])
      await own.query(`insert into recipient (business_id, live, recipient) values ($1, true, '+1')`, [id])
    }
    const client = new pg.Client({ connectionString: own.url })
    await client.connect()
    const count = async (business: string): Promise<number> => {
      await client.query('begin')
      await client.query(
        `select set_config('role', 'centang_tenant', true), set_config('centang.business_id', $1, true)`,
        [business],
      )
      const { rows } = await client.query<{ n: number }>('select count(*)::int as n from recipient')
      await client.query('commit')
      return rows[0]?.n ?? -1
    }
    assert.equal(await count(ids[0] as string), 1)
    assert.equal(await count(''), 0)
    await client.query('begin')
    await client.query(
      `select set_config('role', 'centang_tenant', true), set_config('centang.business_id', $1, true)`,
      [ids[0]],
    )
    await assert.rejects(
      client.query(`insert into recipient (business_id, live, recipient) values ($1, true, '+2')`, [ids[1]]),
      /row-level security/,
    )
    await client.query('rollback')
    // The negative control: with the policy taken away, the same query sees both.
    await client.query('create policy open on recipient to centang_tenant using (true)')
    assert.equal(await count(ids[0] as string), 2)
    await client.end()
    await own.drop()
  })
})
