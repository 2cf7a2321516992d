import { DataFolderInUse } from './embedded/data-folder-lock.ts'
import { type EmbeddedPostgres, runningDatabaseUrl, startEmbeddedPostgres } from './embedded/embedded-postgres.ts'
import type { Logger } from 'pino'
import type { PlatformConfig } from '#platform/settings.ts'

export interface OpenOptions {
  readonly config: PlatformConfig
  readonly log: Logger
  /** The embedded database ended for good. */
  readonly onFatal?: (detail: string) => void
  /** The embedded database is at work by itself; whoever waits for it may do something else. */
  readonly onWorking?: () => void
  /** A command works beside a server that runs on the same data folder; a second server does not. */
  readonly isCommand?: boolean
}

export type RunningDatabase = Pick<EmbeddedPostgres, 'connectionString' | 'stop'>

/** The database of the settings, as it is: DATABASE_URL, or the embedded one, started unless a server has. */
export async function openDatabase(options: OpenOptions): Promise<RunningDatabase> {
  const { databaseUrl } = options.config
  if (databaseUrl === undefined) return startEmbedded(options)
  return { connectionString: databaseUrl, stop: () => Promise.resolve() }
}

async function startEmbedded({
  config,
  log,
  onFatal,
  onWorking,
  isCommand = false,
}: OpenOptions): Promise<RunningDatabase> {
  const { dataFolder } = config
  try {
    return await startEmbeddedPostgres({
      dataFolder,
      log: (line, level) => log[level](line),
      ...(onFatal && { onExit: onFatal }),
      ...(onWorking && { onWorking }),
    })
  } catch (error) {
    const connectionString = isCommand && error instanceof DataFolderInUse ? runningDatabaseUrl(dataFolder) : undefined
    if (connectionString === undefined) throw error
    return { connectionString, stop: () => Promise.resolve() }
  }
}
