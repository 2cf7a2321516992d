import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { migrate, SchemaChanged, SchemaTooNew } from '#platform/database/migrate.ts'
import { moduleLines } from '../../src/cli/module-lines.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { describeSchema } from '../kit/describe-schema.ts'

const goldenOf = (line: string): URL => new URL(`../${line}/schema.txt`, import.meta.url)

describe('the schema', () => {
  let database: TestDatabase
  before(async () => {
    database = await freshDatabase({ migrated: false })
    await migrate(database.url, moduleLines)
  })
  after(() => database.drop())

  it('is of each module what its test/<module>/schema.txt says (UPDATE=1 writes it)', async () => {
    const growing = await freshDatabase({ migrated: false })
    let before = new Set<string>()
    for (const [index, { name }] of moduleLines.entries()) {
      await migrate(growing.url, moduleLines.slice(0, index + 1))
      const all = await describeSchema(growing)
      const found = all.split('\n').filter((line) => !before.has(line))
      before = new Set(all.split('\n'))
      const made = found.length === 0 ? '' : `${found.join('\n')}\n`
      if (process.env['UPDATE'] && made !== '') writeFileSync(goldenOf(name), made)
      assert.equal(made, existsSync(goldenOf(name)) ? readFileSync(goldenOf(name), 'utf8') : '', name)
    }
    assert.equal(await describeSchema(growing), await describeSchema(database), 'one by one as all at once')
    await growing.drop()
  })

  it('begins every primary and unique key of a tenant table with business_id', async () => {
    const rows = await database.query<{ name: string; columns: string }>(
      `select conname as name, pg_get_constraintdef(oid) as columns from pg_constraint
       where contype in ('p', 'u') and connamespace = 'public'::regnamespace and conrelid::regclass::text not in ('business', 'schema_migration', 'schema_release', 'key_check', 'log_epoch', 'secret')`,
    )
    assert.ok(rows.length >= 8)
    for (const { name, columns } of rows) assert.match(columns, /\(business_id/, name)
  })

  it('is migrated once by servers that start together', async () => {
    const empty = await freshDatabase({ migrated: false })
    const done = await Promise.all([1, 2, 3].map(() => migrate(empty.url, moduleLines)))
    assert.equal(done.filter((names) => names.length > 0).length, 1)
    await empty.drop()
  })

  it('of a newer server is refused', async () => {
    const newer = await freshDatabase()
    await newer.query(`insert into schema_migration values ('messaging', 9999, 'future', '')`)
    await assert.rejects(migrate(newer.url, moduleLines), SchemaTooNew)
    await newer.drop()
  })

  it('that lacks a lower number, as two merged branches leave it, gets it', async () => {
    const gap = await freshDatabase()
    await gap.query('drop table public_key')
    await gap.query(`delete from schema_migration where line = 'compat' and version = 2`)
    await migrate(gap.url, moduleLines)
    assert.equal(await describeSchema(gap), await describeSchema(database))
    await gap.drop()
  })

  it('made by a migration that has changed since is refused', async () => {
    const changed = await freshDatabase()
    await changed.query(`update schema_migration set hash = 'other' where line = 'access'`)
    await assert.rejects(migrate(changed.url, moduleLines), SchemaChanged)
    await changed.drop()
  })

  it('from before there were lines is refused in a sentence', async () => {
    const old = await freshDatabase({ migrated: false })
    await old.query('create table schema_migration (version integer primary key, name text, hash text)')
    await assert.rejects(migrate(old.url, moduleLines), SchemaChanged)
    await old.drop()
  })

  /** What businesses only read, and not by whose rows they are: through which door. */
  const readingDoors: Readonly<Record<string, RegExp>> = {
    ledger_account: /^\(owner_business_id = current_business\(\)\)$/,
    ledger_balance: /^\(owner_business_id = current_business\(\)\)$/,
    ledger_transfer: /FROM ledger_account a\s.*AND \(a\.owner_business_id = current_business\(\)\)\)\)\)$/s,
    // Whoever sees the transfer: its own door holds inside.
    ledger_pending: /FROM ledger_transfer t\s.*\(t\.id = ledger_pending\.transfer_id\)\)\)\)$/s,
  }

  /** What is wrong with the guard of each table; what businesses have no part in has no door for them. */
  async function unguarded(own: TestDatabase): Promise<string[]> {
    const tables = await own.query<{
      name: string
      forced: boolean
      has_business: boolean
      doors: string[]
      cmds: string[]
    }>(
      `select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced,
        exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'business_id' and not a.attisdropped)
          as has_business,
        array(select p.qual from pg_policies p where p.tablename = c.relname and 'centang_tenant' = any(p.roles)) as doors,
        array(select p.cmd from pg_policies p where p.tablename = c.relname and 'centang_tenant' = any(p.roles)) as cmds
      from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and c.relname not in ('schema_migration', 'schema_release') order by 1`,
    )
    assert.ok(tables.length >= 10)
    const isShut = (name: string, door: string, cmd: string): boolean =>
      door === '(business_id = current_business())' || (cmd === 'SELECT' && readingDoors[name]?.test(door) === true)
    return tables.flatMap(({ name, forced, has_business: hasBusiness, doors, cmds }) => [
      ...(forced ? [] : [`${name}: row-level security is not on and forced`]),
      ...(!hasBusiness || isShut(name, doors.join(), cmds.join()) ? [] : [`${name}: ${doors.join()}`]),
      ...(hasBusiness || doors.length === 0 || name === 'business' ? [] : [`${name}: a door for businesses`]),
    ])
  }

  it('guards every table, those of businesses by business_id', async () => {
    const own = await freshDatabase()
    assert.deepEqual(await unguarded(own), [])
    const [business] = await own.query(
      `select qual, with_check from pg_policies where tablename = 'business' and 'centang_tenant' = any(roles)`,
    )
    assert.deepEqual(business, { qual: '(id = current_business())', with_check: null })
    const roles = await own.query<{ ok: boolean }>(
      `select not (rolsuper or rolbypassrls or rolcanlogin) as ok from pg_roles where rolname in ('centang_tenant', 'centang_engine')`,
    )
    assert.deepEqual(roles, [{ ok: true }, { ok: true }])
    // The negative control: tables that a migration forgot, or half forgot.
    await own.query(`
      create table bare (business_id uuid);
      create table unforced (business_id uuid);
      select guard_rows('unforced');
      alter table unforced no force row level security;
      create table open (business_id uuid);
      select guard_rows('open');
      create policy more on open to centang_tenant using (true)`)
    assert.deepEqual(
      (await unguarded(own)).map((line) => line.split(':')[0]),
      ['bare', 'bare', 'open', 'unforced'],
    )
    await own.drop()
  })

  it('has no door into a partition but by way of its table', async () => {
    const doors = await database.query<{ name: string; roles: string[] }>(
      `select c.relname as name, array(select distinct (aclexplode(c.relacl)).grantee::regrole::text) as roles
      from pg_class c where c.relkind = 'r' and c.relispartition and c.relnamespace = 'public'::regnamespace`,
    )
    assert.ok(doors.length >= 1)
    for (const { name, roles } of doors) assert.ok(!roles.includes('centang_tenant') && !roles.includes('-'), name)
  })

  it('shows a tenant nothing of another, even where a query forgets to ask', async () => {
    const own = await freshDatabase()
    const ids = ['00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b']
    for (const id of ids) {
      await own.query(`insert into business values ($1, 'x', now())`, [id])
      await own.query(`insert into recipient (business_id, live, person) values ($1, true, '+1')`, [id])
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
      client.query(`insert into recipient (business_id, live, person) values ($1, true, '+2')`, [ids[1]]),
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
