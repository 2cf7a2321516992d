import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface KernelLock {
  /** A child that inherits it keeps the lock: it lasts until the last process that has it ends. */
  readonly descriptor: number
  /** False where the system can't lock: nothing is proven then. */
  readonly isProven: boolean
  release(): void
}

/**
 * A lock of the kernel on an open file, which ends with the process that has it, however that ends. Process ids mean
 * nothing in another container, and a zombie still has one; but whoever lives there has this lock. Undefined: somebody
 * has it. Node has no call for it; flock(1) locks the file description that it shares with us.
 */
export function tryKernelLock(path: string): KernelLock | undefined {
  const descriptor = openSync(path, 'a', 0o600)
  const { status } = spawnSync('flock', ['-n', '-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', descriptor] })
  if (status !== 1) return { descriptor, isProven: status === 0, release: () => closeSync(descriptor) }
  closeSync(descriptor)
  return undefined
}

/** The same, for those whose last process needs a moment to notice that it is alone. `onWait`: it is not free at once. */
export async function waitForKernelLock(
  path: string,
  waitMs: number,
  onWait: () => void,
): Promise<KernelLock | undefined> {
  let isFirst = true
  for (const until = performance.now() + waitMs; ; await sleep(100)) {
    const lock = tryKernelLock(path)
    if (lock !== undefined || performance.now() > until) return lock
    if (isFirst) onWait()
    isFirst = false
  }
}
