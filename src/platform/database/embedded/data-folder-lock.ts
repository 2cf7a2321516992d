import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type KernelLock, tryKernelLock, waitForKernelLock } from './kernel-lock.ts'
import type { Log } from './postgres-process.ts'
import { isAlive, isSameKernel, placeOfProcesses, startOf } from './running-process.ts'

/** Another server runs on this data folder. */
export class DataFolderInUse extends Error {
  constructor(folder: string, owner: string) {
    super(
      `The data folder ${folder} is in use by another server (${owner}). Stop that one, or give this one a folder of ` +
        'its own with CENTANG_DATA_DIR.',
    )
    this.name = 'DataFolderInUse'
  }
}

interface Owner {
  readonly pid: number
  /** Tells a process from a later one with the same number. Empty where the system does not say. */
  readonly startedAt: string
  /** Where that number means anything. */
  readonly place: string
}

export interface DataFolderLock {
  release(): void
}

/** The owner touches its lock this often, for those who can't ask after its process. */
const beatEveryMs = 1000
/**
 * Without a beat for this long an owner on another machine is taken for dead, which the kernel of a shared disk confirms;
 * where it can't, a frozen owner gets more time.
 */
const silentForMs = { confirmed: 2800, unconfirmed: 10_000 } as const

/** After a kill. */
const endsWithinMs = 1500

/**
 * One server a data folder. The lock names its owner, and an owner that no longer runs is no owner: a crash leaves
 * nothing to clean up. A lock of the kernel tells so of every process of this machine, in whatever container and also of
 * a zombie; a beat of those elsewhere. Of two servers that start together exactly one wins, because a hard link is made
 * once. `onLost`: somebody took the folder over while this process was frozen.
 */
export async function lockDataFolder(
  folder: string,
  onLost: () => void,
  log: Log = () => undefined,
): Promise<DataFolderLock> {
  // As root the database runs as another user, who has to pass through; its own folder and every secret are 0700, 0600.
  makeSure(folder, () => mkdirSync(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 }))
  const path = join(folder, 'server.lock')
  const alive = await provesAlive(folder, path)
  if (!alive) throw new DataFolderInUse(folder, describe(readText(path) ?? ''))
  try {
    return await takeOver(folder, path, alive, onLost, log)
  } catch (error) {
    alive.release()
    throw error
  }
}

/** Who was killed a moment ago needs one more to end, and is not waited for while it is known to run. */
async function provesAlive(folder: string, path: string): Promise<KernelLock | undefined> {
  const file = join(folder, 'server.alive')
  const atOnce = makeSure(folder, () => tryKernelLock(file))
  const owner = parse(readText(path) ?? '')
  if (atOnce || (owner?.place === placeOfProcesses() && isRunning(owner))) return atOnce
  return waitForKernelLock(file, endsWithinMs, () => undefined)
}

async function takeOver(
  folder: string,
  path: string,
  alive: KernelLock,
  onLost: () => void,
  log: Log,
): Promise<DataFolderLock> {
  const mine = `${path}.${process.pid}`
  const owner: Owner = { pid: process.pid, startedAt: startOf(process.pid) ?? '', place: placeOfProcesses() }
  const text = JSON.stringify(owner)
  // A second round after a stale lock was put aside; a third means somebody else was faster each time.
  for (let round = 0; round < 3; round++) {
    makeSure(folder, () => writeFileSync(mine, text))
    if (moveInto(mine, path)) return beat(path, text, alive, onLost)
    const other = readText(path)
    if (other === undefined) continue
    if (await isHeld(path, other, alive, log)) throw new DataFolderInUse(folder, describe(other))
    putAside(folder, path, other)
  }
  throw new DataFolderInUse(folder, describe(readText(path) ?? ''))
}

/** Keeps the lock fresh, and notices when it is somebody else's. */
function beat(path: string, text: string, alive: KernelLock, onLost: () => void): DataFolderLock {
  const timer = setInterval(() => {
    const found = readText(path)
    if (found !== undefined && found !== text) {
      clearInterval(timer)
      onLost()
      return
    }
    try {
      const now = new Date()
      if (found === text) utimesSync(path, now, now)
      else writeFileSync(path, text, { flag: 'wx' })
    } catch {
      // Out of descriptors, or somebody cleared the folder away: the next beat tries again.
    }
  }, beatEveryMs)
  timer.unref()
  return {
    release() {
      clearInterval(timer)
      if (readText(path) === text) rmSync(path, { force: true })
      alive.release()
    },
  }
}

/**
 * Renaming, unlike deleting, takes the stale lock away from under exactly one of the waiting. When it turns out to be
 * a fresh one, taken since we looked, it goes back.
 */
function putAside(folder: string, path: string, stale: string): void {
  const aside = `${path}.stale.${process.pid}`
  try {
    renameSync(path, aside)
    const taken = readText(aside)
    if (taken === stale) rmSync(aside)
    else {
      moveInto(aside, path)
      throw new DataFolderInUse(folder, describe(taken ?? ''))
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** By an owner that lives. `alive` is ours: whoever had it before is dead, as far as the kernel can tell. */
async function isHeld(path: string, text: string, { isProven }: KernelLock, log: Log): Promise<boolean> {
  const owner = parse(text)
  if (!owner) return false
  if (isProven && isSameKernel(owner.place)) return false
  if (owner.place === placeOfProcesses()) return isRunning(owner)
  const waitMs = isProven ? silentForMs.confirmed : silentForMs.unconfirmed
  log(`Waiting ${waitMs / 1000} s for a sign of life of the last server of the data folder (${describe(text)})`, 'warn')
  // Only a change tells, not the age: the clocks of two machines may differ by more than that.
  const seen = touchedAt(path)
  for (const until = performance.now() + waitMs; performance.now() < until; await sleep(100)) {
    const now = touchedAt(path)
    if (now === undefined) return false
    if (now !== seen) return true
  }
  return false
}

function isRunning({ pid, startedAt }: Owner): boolean {
  if (!isAlive(pid)) return false
  const found = startOf(pid)
  return startedAt === '' || found === undefined || found === startedAt
}

function makeSure<Result>(folder: string, write: () => Result): Result {
  try {
    return write()
  } catch (error) {
    throw new Error(
      `The data folder ${folder} cannot be written (${(error as NodeJS.ErrnoException).code}). Give it to the user who runs ` +
        'the server, or name another one with CENTANG_DATA_DIR.',
      { cause: error },
    )
  }
}

/** False when there is one already. The source is gone either way. */
function moveInto(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(from, { force: true })
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function parse(text: string): Owner | undefined {
  try {
    return JSON.parse(text) as Owner
  } catch {
    return undefined
  }
}

const touchedAt = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs

function describe(text: string): string {
  const owner = parse(text)
  if (!owner) return 'which has just started'
  return owner.place === placeOfProcesses()
    ? `process ${owner.pid}`
    : `process ${owner.pid} of another container or machine, ${owner.place.split(' ').at(-1)}`
}
