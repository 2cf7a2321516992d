import { readFileSync, renameSync, rmSync, writeFileSync, linkSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Another server runs on this data folder. */
export class DataFolderInUse extends Error {
  readonly pid: number

  constructor(folder: string, pid: number) {
    super(
      `The data folder ${folder} is in use by another server (process ${pid}). Stop that one, or give this one a ` +
        'folder of its own with CENTANG_DATA_DIR.',
    )
    this.name = 'DataFolderInUse'
    this.pid = pid
  }
}

interface Owner {
  readonly pid: number
  /** Tells a process from a later one with the same number. Empty where the system does not say. */
  readonly startedAt: string
}

export interface DataFolderLock {
  release(): void
}

/**
 * One server a data folder. The lock names its owner, and an owner that no longer runs is no owner: a crash leaves
 * nothing to clean up. Of two servers that start together exactly one wins, because a hard link is made once.
 */
export function lockDataFolder(folder: string): DataFolderLock {
  // As root the database runs as another user, who has to pass through; its own folder and every secret are 0700, 0600.
  makeSure(folder, () => mkdirSync(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 }))
  const path = join(folder, 'server.lock')
  const mine = `${path}.${process.pid}`
  const owner: Owner = { pid: process.pid, startedAt: startOf(process.pid) ?? '' }
  makeSure(folder, () => writeFileSync(mine, JSON.stringify(owner)))
  try {
    // A second round after a stale lock was put aside; a third means somebody else was faster each time.
    for (let round = 0; round < 3; round++) {
      if (tryLink(mine, path)) return { release: () => rmSync(path, { force: true }) }
      const other = readOwner(path)
      if (other && isRunning(other)) throw new DataFolderInUse(folder, other.pid)
      // Renaming, unlike deleting, takes the stale lock away from under exactly one of the waiting.
      const aside = `${path}.stale.${process.pid}`
      try {
        renameSync(path, aside)
        const taken = readOwner(aside)
        // It was a fresh one after all: between our look and the rename somebody had taken over.
        if (taken && isRunning(taken) && taken.pid !== process.pid) {
          tryLink(aside, path)
          throw new DataFolderInUse(folder, taken.pid)
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      } finally {
        rmSync(aside, { force: true })
      }
    }
    throw new DataFolderInUse(folder, readOwner(path)?.pid ?? 0)
  } finally {
    rmSync(mine, { force: true })
  }
}

function makeSure(folder: string, write: () => void): void {
  try {
    write()
  } catch (error) {
    throw new Error(
      `The data folder ${folder} cannot be written (${(error as NodeJS.ErrnoException).code}). Give it to the user who runs ` +
        'the server, or name another one with CENTANG_DATA_DIR.',
      { cause: error },
    )
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner
  } catch {
    return undefined
  }
}

function isRunning(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const startedAt = startOf(owner.pid)
  return owner.startedAt === '' || startedAt === undefined || startedAt === owner.startedAt
}

/** Start time of a process in clock ticks since boot (proc(5), field 22 of stat); undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
