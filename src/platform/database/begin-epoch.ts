import type pg from 'pg'
import type { Transact } from './in-transaction.ts'

/** Where a log is written: a database, in a cluster, on a timeline of that cluster's write-ahead log. */
interface Place {
  readonly database_oid: string
  /** Null: this PostgreSQL does not tell it to this user. */
  readonly system_identifier: string | null
  readonly timeline: string | null
}

/**
 * Begins a new epoch of the log when the database is not in the place that was noted: it was restored from a backup, or a
 * standby has taken over. What is written from then on stands behind everything that was there, whatever the numbers of
 * transactions are. Where PostgreSQL does not tell the place, it is noticed by an event that is ahead of every transaction.
 */
export async function beginEpoch(client: pg.Client, transact: Transact): Promise<readonly string[]> {
  const place = await readPlace(client)
  const { noted, isInPlace } = await transact('the epochs', async () => {
    const [noted] = await asEngine<Place & { epoch: number; is_in_use: boolean }>(
      client,
      `select epoch, database_oid::text, system_identifier::text, timeline::text, epoch = current_epoch() as is_in_use
        from log_epoch order by epoch desc limit 1`,
    )
    const isInPlace = noted?.is_in_use && isSame(noted, place) && !(isUnknown(place) && (await isAhead(client)))
    return { noted, isInPlace }
  })
  if (isInPlace) return []
  const epoch = (noted?.epoch ?? 0) + 1
  await transact('the log of events', async () => {
    // Locks out writers: an event being written now would get the old epoch, which readers have passed.
    await client.query('lock table event in share row exclusive mode')
    await client.query(
      `create or replace function current_epoch() returns bigint language sql stable as 'select ${epoch}::bigint'`,
    )
    await client.query('set local role centang_engine')
    await client.query(
      'insert into log_epoch (epoch, database_oid, system_identifier, timeline) values ($1, $2, $3, $4)',
      [epoch, place.database_oid, place.system_identifier, place.timeline],
    )
  })
  return [`epoch ${epoch}`]
}

async function readPlace(client: pg.Client): Promise<Place> {
  const ask = async (text: string): Promise<string | null> => {
    try {
      const { rows } = await client.query<{ value: string }>(text)
      return rows[0]?.value ?? null
    } catch (error) {
      // Managed ones have taken some of these away, in one way or another.
      if ((error as pg.DatabaseError).severity === 'ERROR') return null
      throw error
    }
  }
  return {
    database_oid: (await ask(
      'select oid::text as value from pg_database where datname = current_database()',
    )) as string,
    system_identifier: await ask('select system_identifier::text as value from pg_control_system()'),
    // Not from pg_control_checkpoint(): that one lags behind after a standby has taken over.
    timeline: await ask(
      `select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer::text as value`,
    ),
  }
}

const isSame = (noted: Place, found: Place): boolean =>
  noted.database_oid === found.database_oid &&
  isSameOrUnknown(noted.system_identifier, found.system_identifier) &&
  isSameOrUnknown(noted.timeline, found.timeline)

const isSameOrUnknown = (a: string | null, b: string | null): boolean => a === null || b === null || a === b

const isUnknown = ({ system_identifier: cluster, timeline }: Place): boolean => cluster === null || timeline === null

/**
 * Whether an event of this epoch is of a transaction that is still to come here. Reads only the newest event of each
 * business.
 */
async function isAhead(client: pg.Client): Promise<boolean> {
  const [found] = await asEngine<{ yes: boolean }>(
    client,
    `with recursive owner as (
      (select business_id from event order by business_id limit 1)
      union all
      select (select e.business_id from event e where e.business_id > o.business_id order by e.business_id limit 1)
      from owner o where o.business_id is not null
    )
    select exists (
      select from owner o
      cross join lateral (
        select e.log_position from event e where e.business_id = o.business_id
        order by e.log_position desc, e.sequence desc limit 1
      ) as newest
      where newest.log_position >= log_position()
    ) as yes`,
  )
  return found?.yes ?? false
}

/** In a transaction: by the role that sees every row. */
async function asEngine<Row extends pg.QueryResultRow>(client: pg.Client, text: string): Promise<Row[]> {
  await client.query('set local role centang_engine')
  const { rows } = await client.query<Row>(text)
  await client.query('set local role none')
  return rows
}
