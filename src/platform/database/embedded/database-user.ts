import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Log } from './postgres-process.ts'

/** Who runs PostgreSQL, and from which folders. PostgreSQL refuses to run as root. */
export interface DatabaseHome {
  /** Absent: the user of this process. */
  readonly user?: { readonly uid: number; readonly gid: number }
  /** Folder with bin/, lib/ and share/. */
  readonly binaries: string
  readonly cluster: string
}

/**
 * As an ordinary user everything stays where it is. As root the database runs as an unprivileged user, and what that
 * user cannot enter (a clone in a home of mode 0700) is put where it can: the binaries copied, the cluster elsewhere.
 * A cluster that was made once stays where it is, however the folder is called and who may enter it since.
 */
export function chooseDatabaseHome(binaries: string, dataFolder: string, log: Log): DatabaseHome {
  const inside = join(dataFolder, 'postgres')
  const noted = readNote(dataFolder)
  if (process.getuid?.() !== 0) {
    if (noted === undefined) return { binaries, cluster: inside }
    throw new Error(
      `The database of ${dataFolder} was made by a server that ran as root, and is in ${noted}. Run this one as root ` +
        'too, or name another folder with CENTANG_DATA_DIR.',
    )
  }
  if (noted !== undefined) refuseUnlessMade(noted, dataFolder)
  const user = findUnprivilegedUser()
  return {
    user,
    binaries: canEnter(user, join(binaries, 'bin', 'postgres')) ? binaries : copyBinaries(binaries, user, log),
    cluster: noted ?? chooseCluster(inside, dataFolder, user, log),
  }
}

export const isCluster = (folder: string): boolean => existsSync(join(folder, 'PG_VERSION'))

function chooseCluster(inside: string, dataFolder: string, user: User, log: Log): string {
  if (canEnter(user, dataFolder)) return inside
  // An empty one elsewhere would look as if everything were lost.
  if (isCluster(inside)) {
    throw new Error(
      `The database in ${inside} can't be entered by the user who runs PostgreSQL (${user.uid}) any more. Let everybody ` +
        'pass through its parents (chmod o+x), or move the folder.',
    )
  }
  const elsewhere = join(sharedBase(), `data-${shortHash(dataFolder)}`)
  log(`The database user cannot enter ${dataFolder}; the database is in ${elsewhere}`, 'info')
  return elsewhere
}

const noteOf = (dataFolder: string): string => join(dataFolder, 'WHERE-THE-DATABASE-IS')

function readNote(dataFolder: string): string | undefined {
  const note = noteOf(dataFolder)
  return existsSync(note) ? readFileSync(note, 'utf8').trim() : undefined
}

function refuseUnlessMade(cluster: string, dataFolder: string): void {
  if (isCluster(cluster)) return
  throw new Error(
    `The database of ${dataFolder} was in ${cluster} and is not there any more. Put it back from a backup, or delete ` +
      `${noteOf(dataFolder)} to begin with an empty one.`,
  )
}

/** Written once the cluster is whole: from then on its place is not a guess. */
export function noteCluster(dataFolder: string, cluster: string): void {
  const note = noteOf(dataFolder)
  if (dirname(cluster) === dataFolder || existsSync(note)) return
  writeFileSync(`${note}.new`, `${cluster}\n`)
  renameSync(`${note}.new`, note)
}

interface User {
  readonly uid: number
  readonly gid: number
}

function findUnprivilegedUser(): User {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const found = ['postgres', 'nobody'].flatMap((name) => users.filter(([one]) => one === name))[0]
  if (!found) {
    throw new Error(
      'PostgreSQL does not run as root and there is neither a user postgres nor nobody. Run the server as an ordinary ' +
        'user, or set DATABASE_URL.',
    )
  }
  return { uid: Number(found[2]), gid: Number(found[3]) }
}

/** Asks the system itself: mode bits alone do not tell about ACLs, mounts and parents. */
const canEnter = (user: User, path: string): boolean =>
  spawnSync('test', ['-x', path], { uid: user.uid, gid: user.gid, cwd: '/' }).status === 0

/** Open to be entered by everybody, writable by root only. */
function sharedBase(): string {
  for (const base of ['/var/lib/centang', join(tmpdir(), 'centang')]) {
    try {
      mkdirSync(base, { recursive: true })
      const { uid } = statSync(base)
      if (uid !== 0) continue
      chmodSync(base, 0o755)
      return base
    } catch {
      continue
    }
  }
  throw new Error(
    'Neither /var/lib/centang nor a temporary folder can be written. Set CENTANG_DATA_DIR or DATABASE_URL.',
  )
}

const shortHash = (input: string): string => createHash('sha256').update(input).digest('hex').slice(0, 12)

function copyBinaries(binaries: string, user: User, log: Log): string {
  const { version } = JSON.parse(readFileSync(join(dirname(binaries), 'package.json'), 'utf8')) as { version: string }
  const target = join(sharedBase(), `postgres-${version}-${shortHash(binaries)}`)
  if (!existsSync(join(target, 'bin', 'postgres'))) {
    log(`The database user cannot enter ${binaries}; copying PostgreSQL to ${target}`, 'info')
    const unfinished = `${target}.${process.pid}`
    cpSync(binaries, unfinished, { recursive: true, verbatimSymlinks: true })
    try {
      renameSync(unfinished, target)
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true })
      if (!existsSync(join(target, 'bin', 'postgres'))) throw error
    }
  }
  if (!canEnter(user, join(target, 'bin', 'postgres')))
    throw new Error(`The database user cannot run ${target}/bin/postgres`)
  return target
}
