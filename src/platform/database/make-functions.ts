import type pg from 'pg'
import { hashOf, readFunctions } from './functions.ts'
import type { Line } from './line.ts'

/**
 * Releases whose functions stay: the one that starts, the one before it, whose servers are being replaced, and one more,
 * for the one that was begun with and taken back.
 */
const releasesKept = 3
/** And those that started within so long: one of their servers may still run, and says when it started only then. */
const keptForDays = 180

interface Release {
  readonly hash: string
  readonly functions: readonly string[]
  readonly is_old: boolean
}

/**
 * In a transaction: makes the functions that this release calls, where they are not there, and drops those that only long-gone releases
 * called. A release is known by the hash of its functions; when it is the one that started last, this is one query.
 */
export async function makeFunctions(client: pg.Client, lines: readonly Line[]): Promise<readonly string[]> {
  const functions = readFunctions(lines.map(({ folder }) => folder))
  const hash = hashOf(functions)
  const { rows: releases } = await client.query<Release>(
    `select hash, functions, started_at < clock_timestamp() - $1 * interval '1 day' as is_old from schema_release
      order by started_at desc`,
    [keptForDays],
  )
  if (releases[0]?.hash === hash) return []
  const spelled = functions.map((one) => one.spelled)
  const { rows: found } = await client.query<{ name: string }>(
    'select proname as name from pg_proc where pronamespace = current_schema()::regnamespace and proname = any($1)',
    [spelled],
  )
  const there = new Set(found.map(({ name }) => name))
  const missing = functions.filter((one) => !there.has(one.spelled))
  const others = releases.filter((one) => one.hash !== hash)
  const gone = others.slice(releasesKept - 1).filter((one) => one.is_old)
  const stay = others.filter((one) => !gone.includes(one))
  const kept = new Set([...spelled, ...stay.flatMap((one) => one.functions)])
  try {
    for (const { sql } of missing) await client.query(sql)
    for (const name of new Set(gone.flatMap((one) => one.functions))) {
      if (!kept.has(name)) await client.query(`drop function if exists ${name}`)
    }
    await client.query('delete from schema_release where hash = any($1)', [gone.map((one) => one.hash)])
    await client.query(
      `insert into schema_release values ($1, $2, clock_timestamp())
        on conflict (hash) do update set started_at = excluded.started_at`,
      [hash, spelled],
    )
  } catch (error) {
    throw new Error(`The functions of the database could not be made: ${(error as Error).message}`, { cause: error })
  }
  return missing.map((one) => one.spelled)
}
