import type pg from 'pg'
import { readDatabaseUrl } from './database-url.ts'
import { sessionSettings, type SessionSettings, setSession } from './session.ts'

/** Runs a transaction of its own, and again when it did not get the lock of `what` in time. */
export type Transact = <Result>(what: string, work: () => Promise<Result>) => Promise<Result>

/**
 * One transaction in which everything means the same on every database. Its settings end with it: they are right behind
 * a pooler too, and leave nothing behind for whoever gets the session next.
 */
export async function inTransaction<Result>(
  client: pg.Client,
  connectionString: string,
  work: () => Promise<Result>,
  more: SessionSettings = {},
): Promise<Result> {
  const settings = sessionSettings(readDatabaseUrl(connectionString).settings, more)
  await client.query('begin isolation level read committed')
  try {
    await client.query(setSession(settings, 'transaction'))
    const result = await work()
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}
