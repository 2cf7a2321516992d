import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DataFolderInUse } from './data-folder-lock.ts'
import { type KernelLock, waitForKernelLock } from './kernel-lock.ts'
import { type Log, stopWithinMs } from './postgres-process.ts'
import { commandOf, isAlive, placeOfProcesses } from './running-process.ts'

/** Sessions of a postmaster that was killed need a moment to notice. */
const sessionsNoticeWithinMs = 5000

/**
 * Makes sure that no PostgreSQL of an earlier server runs on the cluster. Its lock on the data folder is gone, so what
 * it left has no owner any more: here it is stopped; from another container nobody can stop it, and while it lives the
 * folder is in use. Its postmaster.pid is deleted only when it is known to be of no process.
 */
export async function claimCluster(cluster: string, dataFolder: string, log: Log): Promise<KernelLock> {
  const pidFile = join(cluster, 'postmaster.pid')
  const placeFile = join(dataFolder, 'postgres-place')
  const isFromHere = !existsSync(placeFile) || readFileSync(placeFile, 'utf8').trim() === placeOfProcesses()
  if (isFromHere) await stopLeftover(pidFile, cluster, log)
  const lock = await waitForKernelLock(join(dataFolder, 'postgres.lock'), sessionsNoticeWithinMs, () =>
    log('Waiting for the last process of a PostgreSQL that an earlier server left behind', 'warn'),
  )
  if (!lock)
    throw new DataFolderInUse(
      dataFolder,
      'its PostgreSQL still runs, in another container or under an earlier name of the folder',
    )
  // Its number may be one of ours, and PostgreSQL would take that for a server that still runs.
  if (!isFromHere && lock.isProven) rmSync(pidFile, { force: true })
  writeFileSync(placeFile, `${placeOfProcesses()}\n`)
  return lock
}

async function stopLeftover(pidFile: string, cluster: string, log: Log): Promise<void> {
  if (!existsSync(pidFile)) return
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0])
  if (!isPostgresOf(cluster, pid)) {
    // The number may belong to somebody else by now, or to a zombie that nobody has buried: PostgreSQL would take
    // either for a server that still runs.
    rmSync(pidFile, { force: true })
    return
  }
  log(`Stopping the database that an earlier server left behind (process ${pid})`, 'warn')
  process.kill(pid, 'SIGINT')
  const until = Date.now() + stopWithinMs
  while (isPostgresOf(cluster, pid)) {
    if (Date.now() > until) process.kill(pid, 'SIGQUIT')
    await sleep(10)
  }
}

/** Another process may have got the number since; only one that names our cluster is taken for ours. */
const isPostgresOf = (cluster: string, pid: number): boolean =>
  isAlive(pid) && (commandOf(pid)?.includes(cluster) ?? true)
