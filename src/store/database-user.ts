import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
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
 */
export function chooseDatabaseHome(binaries: string, dataFolder: string, log: Log): DatabaseHome {
  const cluster = join(dataFolder, 'postgres')
  if (process.getuid?.() !== 0) return { binaries, cluster }
  const user = findUnprivilegedUser()
  return {
    user,
    binaries: canEnter(user, join(binaries, 'bin', 'postgres')) ? binaries : copyBinaries(binaries, user, log),
    cluster: canEnter(user, dataFolder) ? ownFolder(cluster, user) : clusterElsewhere(dataFolder, user, log),
  }
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

function ownFolder(folder: string, user: User): string {
  mkdirSync(folder, { recursive: true })
  chownSync(folder, user.uid, user.gid)
  chmodSync(folder, 0o700)
  return folder
}

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

function clusterElsewhere(dataFolder: string, user: User, log: Log): string {
  const cluster = ownFolder(join(sharedBase(), `data-${shortHash(dataFolder)}`), user)
  const note = join(dataFolder, 'WHERE-THE-DATABASE-IS')
  if (!existsSync(note)) writeFileSync(note, `${cluster}\n`)
  log(`The database user cannot enter ${dataFolder}; the database is in ${cluster}`, 'info')
  return cluster
}
