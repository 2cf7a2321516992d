import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Line } from '#platform/database/line.ts'
import { listMigrations, migrate } from '#platform/database/migrate.ts'
import { moduleLines } from '../../src/cli/module-lines.ts'
import { modules } from '../house/rooms.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { describeSchema } from '../kit/describe-schema.ts'
import { temporaryFolder } from '../kit/processes.ts'

/** The modules' own lines, in a folder of the test, where they can be continued. */
class CopiedLines {
  readonly folder = temporaryFolder()
  readonly lines: readonly Line[] = moduleLines.map(({ name }) => ({
    name,
    folder: pathToFileURL(`${this.folder}/${name}/`),
  }))

  constructor() {
    for (const { name, folder } of moduleLines) {
      for (const kind of ['migrations', 'functions']) {
        const from = fileURLToPath(new URL(kind, folder))
        if (existsSync(from)) cpSync(from, `${this.folder}/${name}/${kind}`, { recursive: true })
      }
    }
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(`${this.folder}/${path}`), { recursive: true })
    writeFileSync(`${this.folder}/${path}`, text)
  }

  change(path: string, from: string, to: string): void {
    const text = readFileSync(`${this.folder}/${path}`, 'utf8')
    assert.ok(text.includes(from), `“${from}” is not in ${path} any more`)
    this.write(path, text.replace(from, to))
  }

  remove(path: string): void {
    rmSync(`${this.folder}/${path}`, { recursive: true })
  }
}

let copied: CopiedLines
let database: TestDatabase
beforeEach(async () => {
  copied = new CopiedLines()
  database = await freshDatabase({ migrated: false })
})
afterEach(async () => {
  rmSync(copied.folder, { recursive: true })
  await database.drop()
})

const spelledNames = async (name: string): Promise<string[]> =>
  (
    await database.query<{ proname: string }>('select proname from pg_proc where proname like $1 order by oid', [
      `${name}\\_%`,
    ])
  ).map(({ proname }) => proname)

describe('a database that was upgraded', () => {
  /** The schema after the first release and then this one, and after this one alone. */
  async function bothWays(): Promise<[upgraded: string, fresh: string]> {
    await migrate(database.url, moduleLines)
    await migrate(database.url, copied.lines)
    const other = await freshDatabase({ migrated: false })
    await migrate(other.url, copied.lines)
    // Former functions stay beside the new ones, for the servers that are still to be replaced.
    const once = (text: string): string => [...new Set(text.split('\n'))].join('\n')
    const both: [string, string] = [once(await describeSchema(database)), once(await describeSchema(other))]
    await other.drop()
    return both
  }

  it('is the same as a new one', async () => {
    copied.write('access/migrations/0002_motto.sql', 'alter table business add column motto text;')
    copied.write(
      'webhooks/migrations/0002_notes.sql',
      `create table webhook_note (business_id uuid not null, text text, primary key (business_id)); select guard_rows('webhook_note');`,
    )
    copied.change('verification/functions/check_codes.sql', 'p_mac bytea[]', 'p_mac bytea[], p_why text')
    copied.write('totp/functions/one.sql', `create function one() returns integer language sql as 'select 1';`)
    const [upgraded, fresh] = await bothWays()
    assert.match(fresh, /^business\.motto text$/m)
    assert.match(fresh, /^check_codes\(.*p_why text\)$/m)
    // Of the functions whose parameters have changed the former stays.
    const former = upgraded.split('\n').filter((line) => !fresh.split('\n').includes(line))
    assert.deepEqual(
      former.map((line) => line.split('(')[0]),
      ['check_codes'],
    )
  })

  it('would be noticed if it were not', async () => {
    // On a new database the line of webhooks has not begun when this runs.
    copied.write(
      'access/migrations/0002_by_order.sql',
      `do $$ begin if to_regclass('webhook_endpoint') is null then alter table business add column motto text; end if; end $$;`,
    )
    const [upgraded, fresh] = await bothWays()
    assert.notEqual(upgraded, fresh)
  })

  it('knows nothing of a module that was taken out, and does not mind', async () => {
    await migrate(database.url, moduleLines)
    copied.remove('compat')
    copied.write('access/migrations/0002_motto.sql', 'alter table business add column motto text;')
    assert.deepEqual(await migrate(database.url, copied.lines), ['access/0002_motto.sql'])
    const without = await freshDatabase({ migrated: false })
    await migrate(without.url, copied.lines)
    assert.deepEqual(await without.query(`select from pg_class where relname = 'rate_limit'`), [])
    await without.drop()
  })
})

describe('functions', () => {
  it('are made when their text is new, or that of one they call; the release before keeps its own', async () => {
    await migrate(database.url, moduleLines)
    const [before] = await spelledNames('budget_spent_until')
    const [callerBefore] = await spelledNames('check_codes')
    const startsBefore = await spelledNames('start_verifications')
    copied.change('verification/functions/budget_spent_until.sql', '>= 100', '>= 99')
    const made = await migrate(database.url, copied.lines)
    assert.equal(made.length, 2)
    const all = [await spelledNames('budget_spent_until'), await spelledNames('check_codes')]
    assert.deepEqual(
      all.map((names) => names.length),
      [2, 2],
    )
    const sourceOf = async (name: string | undefined): Promise<string> => {
      const [found] = await database.query<{ prosrc: string }>('select prosrc from pg_proc where proname = $1', [name])
      return found?.prosrc ?? ''
    }
    assert.ok((await sourceOf(callerBefore)).includes(`${before}(`))
    assert.ok((await sourceOf(all[1]?.[1])).includes(`${all[0]?.[1]}(`), 'the new caller calls the new one')
    assert.deepEqual(await spelledNames('start_verifications'), startsBefore, 'of the others there is one')
  })

  it('that are there cost nothing', async () => {
    await migrate(database.url, moduleLines)
    const read = () => database.query('select xmin::text, * from schema_release')
    const before = await read()
    assert.deepEqual(await migrate(database.url, moduleLines), [])
    assert.deepEqual(await read(), before)
  })

  it('go when three other releases have started since half a year, and come back with one that is taken back to', async () => {
    const release = async (n: number): Promise<readonly string[]> => {
      copied.write('totp/functions/one.sql', `create function one() returns integer language sql as 'select ${n}';`)
      return migrate(database.url, copied.lines)
    }
    const age = () => database.query(`update schema_release set started_at = started_at - interval '200 days'`)
    for (const n of [1, 2, 3]) await release(n)
    const [first, second, third] = await spelledNames('one')
    assert.ok(first !== undefined && second !== undefined && third !== undefined)
    // 2 is begun with again: it is the newest now, and 1 the oldest.
    assert.deepEqual(await release(2), [])
    await release(4)
    const [, , , fourth] = await spelledNames('one')
    assert.ok(fourth !== undefined, 'a server of the first may still run')
    await age()
    await release(5)
    assert.deepEqual((await spelledNames('one')).slice(0, 2), [second, fourth])
    assert.equal((await spelledNames('one')).length, 3)
    await age()
    copied.remove('totp/functions')
    await migrate(database.url, copied.lines)
    assert.deepEqual((await spelledNames('one')).slice(0, 1), [fourth])
    assert.deepEqual(await release(1), [first])
    assert.ok((await spelledNames('lock_recipients')).length === 1, 'what every release calls stays')
  })

  it('call none of another module', async () => {
    copied.write(
      'access/functions/two.sql',
      `create function two() returns text language sql as 'select check_codes()';`,
    )
    await assert.rejects(migrate(database.url, copied.lines), /two calls check_codes, of another module/)
  })

  it('have a file of their name each', async () => {
    copied.write('access/functions/two.sql', `create function three() returns integer language sql as 'select 1';`)
    await assert.rejects(migrate(database.url, copied.lines), /two\.sql has to make the function two and no other/)
    copied.remove('access/functions/two.sql')
    copied.write(
      'access/functions/check_codes.sql',
      `create function check_codes() returns integer language sql as '';`,
    )
    await assert.rejects(migrate(database.url, copied.lines), /Two modules have a function check_codes/)
  })
})

describe('a migration', () => {
  /** Tables and functions, each with everything that a migration can change about it. */
  const describeObjects = async (): Promise<Map<string, string>> => {
    const rows = await database.query<{ name: string; text: string }>(`
      select c.relname as name, concat_ws(E'\\n', c.relrowsecurity, c.relforcerowsecurity, c.relacl, c.reloptions,
        (select string_agg(a.attname || ' ' || a.attnotnull || ' ' || format_type(a.atttypid, a.atttypmod)
          || coalesce(pg_get_expr(d.adbin, d.adrelid), ''), E'\\n' order by a.attnum)
          from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
        (select string_agg(pg_get_constraintdef(k.oid), E'\\n' order by k.oid) from pg_constraint k where k.conrelid = c.oid),
        (select string_agg(pg_get_indexdef(i.indexrelid), E'\\n' order by i.indexrelid) from pg_index i where i.indrelid = c.oid),
        (select string_agg(pg_get_triggerdef(t.oid), E'\\n') from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal),
        (select string_agg(p.polname || pg_get_expr(p.polqual, p.polrelid), E'\\n') from pg_policy p where p.polrelid = c.oid)
      ) as text
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
        and c.relname not like 'schema\\_%'
      union all
      select proname || '()', pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace`)
    return new Map(rows.map(({ name, text }) => [name, text]))
  }

  /** What migrations do to tables and functions that another line made, and references that the plan does not allow. */
  async function trespasses(lines: readonly Line[]): Promise<string[]> {
    const owners = new Map<string, string>()
    const found: string[] = []
    const known = listMigrations(lines)
    let before = await describeObjects()
    for (const [index, { line, name }] of known.entries()) {
      await migrate(database.url, lines, { upTo: known.slice(0, index + 1) })
      const after = await describeObjects()
      for (const object of new Set([...before.keys(), ...after.keys()])) {
        if (before.get(object) === after.get(object)) continue
        const owner = owners.get(object)
        if (owner === undefined) owners.set(object, line)
        else if (owner !== line) found.push(`${line}/${name} changes ${object} of ${owner}`)
      }
      before = after
    }
    const references = await database.query<{ child: string; parent: string }>(
      `select distinct conrelid::regclass::text as child, confrelid::regclass::text as parent from pg_constraint
        where contype = 'f' and connamespace = 'public'::regnamespace order by 1, 2`,
    )
    assert.ok(references.length > 5)
    for (const { child, parent } of references) {
      const [from, to] = [owners.get(child) as string, owners.get(parent) as string]
      if (from !== to && to !== 'platform' && !modules[from]?.includes(to))
        found.push(`${child} of ${from} refers to ${parent} of ${to}`)
    }
    return found
  }

  it('touches only what its own line made, and refers only to modules that its own may use', async () => {
    assert.deepEqual(await trespasses(moduleLines), [])
  })

  it('would be noticed if it did not', async () => {
    const reference = (table: string, parent: string): string =>
      `create table ${table} (business_id uuid, id uuid, foreign key (business_id, id) references ${parent} (business_id, id));`
    copied.write('totp/migrations/0002_a.sql', 'alter table application add column motto text;')
    copied.write('webhooks/migrations/0002_a.sql', 'drop index verification_due; create index other on event (kind);')
    copied.write('totp/migrations/0003_a.sql', reference('factor_use', 'sender'))
    copied.write(
      'compat/migrations/0004_a.sql',
      `create or replace function current_business() returns uuid language sql as 'select null::uuid'; grant select on business to public;`,
    )
    copied.write('compat/migrations/0005_a.sql', reference('twilio_use', 'sender'))
    assert.deepEqual(await trespasses(copied.lines), [
      'totp/0002_a.sql changes application of access',
      'webhooks/0002_a.sql changes event of platform',
      'webhooks/0002_a.sql changes verification of verification',
      'compat/0004_a.sql changes business of access',
      'compat/0004_a.sql changes current_business() of platform',
      'factor_use of totp refers to sender of messaging',
    ])
  })
})
