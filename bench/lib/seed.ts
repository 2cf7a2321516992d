import pg from 'pg'
import type { BenchBusiness } from './centang-server.ts'

/** Rows that one statement inserts. */
const chunkRows = 500_000

const tables = ['verification', 'delivery', 'event', 'recipient']

/**
 * Verifications of the last thirty days that have ended, each with its delivery, one event and a recipient of its own;
 * ids are UUIDv7 in the order of time, as the server's are. No server may run on the database.
 */
export async function seedOldVerifications(
  databaseUrl: string,
  { businessId, senderId }: BenchBusiness,
  rows: number,
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(`set work_mem = '256MB'; set maintenance_work_mem = '512MB'; set synchronous_commit = off`)
    await makePartitions(client)
    await withoutIndexes(client, async () => {
      for (let from = 0; from < rows; from += chunkRows) {
        await client.query(insert, [businessId, senderId, rows, from, Math.min(from + chunkRows, rows)])
        if (rows > chunkRows) print(`${Math.min(from + chunkRows, rows)} of ${rows} rows`)
      }
    })
    print(`${rows} rows: vacuum`)
    // What autovacuum does within minutes, done now: else it would do it while the load is measured.
    await client.query('vacuum analyze')
  } finally {
    await client.end()
  }
}

const print = (line: string): void => {
  process.stderr.write(`seed: ${line}\n`)
}

/**
 * $1 business, $2 sender, $3 rows in all, $4 and $5 the first and the last but one of this chunk. The numbers are those
 * of `phoneOf`, from its other half: none of them comes again in a load.
 */
const insert = `
with old as materialized (
  select a.id as application_id, a.locale, a.policy, uuidv7(-age) as id, uuidv7(-age) as delivery_id, now() - age as at,
    n % 10 <> 0 as is_approved,
    '+62812' || lpad((((n + 50000000)::bigint * 48271) % 100000000)::text, 8, '0') as recipient
  from application a, generate_series($4::integer, $5::integer - 1) as n,
    lateral (select interval '1 hour' + interval '30 days' * (($3::float8 - n) / $3) as age) as ages
  where a.business_id = $1
),
verifications as (
  insert into verification (business_id, id, code_id, application_id, live, recipient, person, purpose, locale, status,
    key_version, code_length, binding, check_count, check_count_max, policy, workflow, created_at, expires_at, ended_at, code_ended_at)
  select $1, id, id, application_id, true, recipient, recipient, 'verification', locale,
    case when is_approved then 'approved' else 'expired' end, 1, 6, '', is_approved::integer, 5, policy,
    jsonb_build_array(jsonb_build_object('channel', 'sms', 'waitSeconds', 60, 'senderId', $2::uuid)),
    at, at + interval '5 minutes', at + over.after, at + over.after
  from old, lateral (select case when is_approved then interval '20 seconds' else interval '5 minutes' end as after) as over
),
deliveries as (
  insert into delivery (business_id, id, code_id, application_id, live, step_index, channel, sender_id, status,
    provider_message_id, queued_at, sent_at, delivered_at)
  select $1, delivery_id, id, application_id, true, 0, 'sms', $2, 'delivered', 'old-' || delivery_id, at, at,
    at + interval '3 seconds'
  from old
),
events as (
  insert into event (business_id, live, application_id, subject_kind, subject_id, part_id, kind, data, at, recorded_at)
  select $1, true, application_id, 'verification', id, delivery_id,
    case when is_approved then 'verification.approved' else 'verification.expired' end, '{"checks_remaining": 4}',
    at + interval '20 seconds', at
  from old
)
insert into recipient (business_id, live, person, sent_at) select $1, true, recipient, array[at] from old`

/** Where the server would have put them at their time. */
async function makePartitions(client: pg.Client): Promise<void> {
  const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
  for (const table of ['verification', 'delivery', 'event'])
    for (const [from, to] of [
      [-32, -16],
      [-16, 0],
    ] as const)
      await client.query('select make_partition($1::regclass, $2, $3)', [table, day(from), day(to)])
}

/** Building an index at the end takes a fraction of the time that keeping it does. */
async function withoutIndexes(client: pg.Client, fill: () => Promise<void>): Promise<void> {
  const { rows } = await client.query<{ owner: string; name: string; key: string | null; definition: string }>(
    `select i.indrelid::regclass::text as owner, i.indexrelid::regclass::text as name,
       pg_get_constraintdef(c.oid) as key, pg_get_indexdef(i.indexrelid) as definition
     from pg_index i left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u')
     where i.indrelid = any($1::regclass[])`,
    [tables],
  )
  const { rows: references } = await client.query<{ owner: string; name: string; key: string }>(
    `select conrelid::regclass::text as owner, quote_ident(conname) as name, pg_get_constraintdef(oid) as key
     from pg_constraint where contype = 'f' and confrelid = any($1::regclass[])`,
    [tables],
  )
  for (const { owner, name } of references) await client.query(`alter table ${owner} drop constraint ${name}`)
  for (const { owner, name, key } of rows) {
    await client.query(key === null ? `drop index ${name}` : `alter table ${owner} drop constraint ${name}`)
  }
  await fill()
  for (const { owner, name, key, definition } of rows) {
    print(`index ${name}`)
    await client.query(
      key === null ? definition.replace(' ON ONLY ', ' ON ') : `alter table ${owner} add constraint ${name} ${key}`,
    )
  }
  for (const { owner, name, key } of references) {
    await client.query(`alter table ${owner} add constraint ${name} ${key}`)
  }
}
