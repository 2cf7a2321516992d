import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ClusterLock {
  /** PostgreSQL inherits it: whatever happens to the server, the lock lasts until the last process of the cluster ends. */
  readonly descriptor: number
  /** False where the system can't lock: nothing is proven then. */
  readonly isProven: boolean
  release(): void
}

/** Sessions of a postmaster that was killed need a moment to notice. */
const waitMs = 5000

/**
 * A lock of the kernel on an open file. Process ids mean nothing in another container, and a PostgreSQL there can't be
 * seen; but while one of its processes lives, this lock is taken. Undefined: it is. Node has no call for it; flock(1)
 * locks the file description that it shares with us.
 */
export async function lockCluster(path: string): Promise<ClusterLock | undefined> {
  const descriptor = openSync(path, 'a', 0o600)
  const release = (): void => closeSync(descriptor)
  for (const until = performance.now() + waitMs; ; await sleep(100)) {
    const { status } = spawnSync('flock', ['-n', '-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', descriptor] })
    if (status !== 1) return { descriptor, isProven: status === 0, release }
    if (performance.now() > until) break
  }
  release()
  return undefined
}
