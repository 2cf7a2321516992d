import type pg from 'pg'
import { connect } from './connect.ts'

/** Any constant will do; every server of this database has to use the same. */
const lockKey = 0x63656e74

/** Tells a person that something is waited for, and what that is. */
export type Say = (line: string) => void

export interface Patience {
  readonly say: Say
  /** After so long it is no waiting any more. */
  readonly waitsAtMostMs: number
  /** The first line comes after so long, the others in this rhythm. */
  readonly tellsEveryMs: number
}

/** Somebody else holds a lock and does not let go of it. */
export class LockNotGiven extends Error {
  constructor(what: string, waitedMs: number, holders: string) {
    super(
      `Waited ${Math.round(waitedMs / 1000)} s for ${what}, held by ${holders}. Let that end, or end it ` +
        '(select pg_terminate_backend(<process>)), and start again.',
    )
    this.name = 'LockNotGiven'
  }
}

export interface MigrationLock {
  /** Throws when the lock is gone: its connection broke, and somebody else may be at work. */
  requireHeld(): void
  /** Runs a transaction that waits for the locks of others: anew each time it did not get them, for as long as patience lasts. */
  patiently<Result>(what: string, transaction: (lockTimeoutMs: number) => Promise<Result>): Promise<Result>
}

/**
 * Of all that migrate this database one works at a time. The lock lasts as long as a transaction that stays open beside
 * the work, and not as long as a session: a pooler in transaction mode would hand that to somebody else.
 */
export async function underMigrationLock<Result>(
  connectionString: string,
  patience: Patience,
  work: (lock: MigrationLock) => Promise<Result>,
): Promise<Result> {
  const keeper = await connect({
    connectionString,
    application_name: 'centang migration lock',
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  })
  let isHeld = true
  keeper.on('end', () => (isHeld = false))
  try {
    const turn = { what: 'the lock of those who migrate this database', kind: 'advisory' } as const
    await waitFor(turn, patience, keeper, async (lockTimeoutMs) => {
      await keeper.query('begin')
      try {
        await keeper.query(unhurried(lockTimeoutMs))
        await keeper.query('select pg_advisory_xact_lock($1)', [lockKey])
      } catch (error) {
        await keeper.query('rollback').catch(() => undefined)
        throw error
      }
    })
    return await work({
      requireHeld() {
        if (!isHeld) throw new Error('The connection that held the lock of migrations broke. Start again.')
      },
      patiently: (what, transaction) => waitFor({ what, kind: 'relation' }, patience, keeper, transaction),
    })
  } finally {
    await keeper.end()
  }
}

/** No time-out of the database or role ends what may take long; those that this PostgreSQL does not have are left out. */
export const unhurried = (lockTimeoutMs: number): string =>
  `set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0;
   set local lock_timeout = ${lockTimeoutMs};
   select set_config('transaction_timeout', '0', true) where current_setting('transaction_timeout', true) is not null`

const isLockTimeout = (error: unknown): boolean => {
  const { code, cause } = error as { code?: unknown; cause?: unknown }
  return code === '55P03' || (cause !== undefined && isLockTimeout(cause))
}

/** What is waited for, in a sentence, and how PostgreSQL calls such locks. */
interface WaitedFor {
  readonly what: string
  readonly kind: 'advisory' | 'relation'
}

async function waitFor<Result>(
  { what, kind }: WaitedFor,
  { say, waitsAtMostMs, tellsEveryMs }: Patience,
  watcher: pg.Client,
  transaction: (lockTimeoutMs: number) => Promise<Result>,
): Promise<Result> {
  const begun = performance.now()
  for (;;) {
    try {
      return await transaction(Math.min(tellsEveryMs, waitsAtMostMs))
    } catch (error) {
      if (!isLockTimeout(error)) throw error
      const holders = await describeHolders(watcher, kind)
      const waitedMs = performance.now() - begun
      if (waitedMs >= waitsAtMostMs) throw new LockNotGiven(what, waitedMs, holders)
      say(`Waiting for ${what}, held by ${holders}`)
    }
  }
}

/** Who of those that are at work in this database holds locks of that kind, those first that began first. */
async function describeHolders(watcher: pg.Client, kind: WaitedFor['kind']): Promise<string> {
  try {
    // The picture of who is at work is otherwise the one from the beginning of the transaction.
    await watcher.query('select pg_stat_clear_snapshot()')
    const { rows } = await watcher.query<{ pid: number; name: string; address: string | null; seconds: string }>(
      `select a.pid, a.application_name as name, a.client_addr::text as address,
         extract(epoch from clock_timestamp() - a.xact_start)::bigint as seconds
       from pg_stat_activity a
       where a.datname = current_database() and a.xact_start is not null and a.pid <> pg_backend_pid()
         and exists (select from pg_locks l where l.pid = a.pid and l.granted and l.locktype = $1
           and (l.locktype = 'relation' or l.objid = $2::bigint::oid))
       order by a.xact_start limit 3`,
      [kind, lockKey],
    )
    const holders = rows.map(
      ({ pid, name, address, seconds }) =>
        `process ${pid} (${name || 'no name'}${address === null ? '' : ` at ${address}`}, for ${seconds} s)`,
    )
    return holders.join(', ') || unseen
  } catch {
    return unseen
  }
}

const unseen = 'somebody who is not to be seen'
