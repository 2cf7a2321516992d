import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, placeOfProcesses, startOf } from './running-process.ts'

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
const beatEveryMs = 2000
/** Without a beat for this long an owner in another container or on another machine is taken for dead. */
const silentForMs = 10_000

/**
 * One server a data folder. The lock names its owner, and an owner that no longer runs is no owner: a crash leaves
 * nothing to clean up. Of two servers that start together exactly one wins, because a hard link is made once.
 * `onLost`: somebody took the folder over while this process was frozen.
 */
export async function lockDataFolder(folder: string, onLost: () => void): Promise<DataFolderLock> {
  // As root the database runs as another user, who has to pass through; its own folder and every secret are 0700, 0600.
  makeSure(folder, () => mkdirSync(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 }))
  const path = join(folder, 'server.lock')
  const mine = `${path}.${process.pid}`
  const owner: Owner = { pid: process.pid, startedAt: startOf(process.pid) ?? '', place: placeOfProcesses() }
  const text = JSON.stringify(owner)
  // A second round after a stale lock was put aside; a third means somebody else was faster each time.
  for (let round = 0; round < 3; round++) {
    makeSure(folder, () => writeFileSync(mine, text))
    if (moveInto(mine, path)) return beat(path, text, onLost)
    const other = readText(path)
    if (other === undefined) continue
    if (await isHeld(path, other)) throw new DataFolderInUse(folder, describe(other))
    putAside(folder, path, other)
  }
  throw new DataFolderInUse(folder, describe(readText(path) ?? ''))
}

/** Keeps the lock fresh, and notices when it is somebody else's. */
function beat(path: string, text: string, onLost: () => void): DataFolderLock {
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

async function isHeld(path: string, text: string): Promise<boolean> {
  const owner = parse(text)
  if (!owner) return false
  if (owner.place === placeOfProcesses()) return isRunning(owner)
  // Only a change tells, not the age: the clocks of two machines may differ by more than that.
  const seen = touchedAt(path)
  for (const until = performance.now() + silentForMs; performance.now() < until; await sleep(100)) {
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
