import { spellId } from '#core/access/id.ts'
import { BusinessStore } from '#store/businesses.ts'
import { Database } from '#store/database.ts'
import { DatabaseClock } from '#store/database-clock.ts'
import { DataFolderInUse } from '#store/data-folder-lock.ts'
import { type EmbeddedPostgres, runningDatabaseUrl, startEmbeddedPostgres } from '#store/embedded-postgres.ts'
import { checkMasterKeys } from '#store/key-check.ts'
import { Keyring } from '#store/keyring.ts'
import { migrate } from '#store/migrate.ts'
import { PreSendHookStore } from '#store/pre-send-hooks.ts'
import { SenderStore } from '#store/senders.ts'
import { WebhookEndpointStore } from '#store/webhook-endpoints.ts'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { demoKey, demoMasterKeys } from './demo.ts'

export interface StoreOptions {
  readonly config: Config
  readonly isDemo: boolean
  readonly log: Logger
  /** The embedded database ended for good. */
  readonly onFatal?: (detail: string) => void
  /** For the command that mends it: the keys may be others than the database was made with. */
  readonly acceptsAnyMasterKey?: boolean
  /** A command works beside a server that runs on the same data folder; a second server does not. */
  readonly isCommand?: boolean
}

/** The stores and what they stand on; also what the command line works with. */
export interface Stores {
  readonly connectionString: string
  /** The demo application's key: the one that was set, else in the demo its own. */
  readonly demoKey: string | undefined
  readonly database: Database
  readonly clock: DatabaseClock
  readonly keyring: Keyring
  readonly businesses: BusinessStore
  readonly senders: SenderStore
  readonly webhookEndpoints: WebhookEndpointStore
  readonly preSendHooks: PreSendHookStore
  readonly close: () => Promise<void>
}

/** Opens the database, brings its schema up to date and hands out the stores. */
export async function openStores(options: StoreOptions): Promise<Stores> {
  const { config, isDemo, log } = options
  const running = await openDatabase(options)
  const { connectionString } = running
  let closeDatabase = async (): Promise<void> => undefined
  try {
    const { from, to } = await migrate(connectionString)
    if (from !== to) log.info({ from, to }, 'database schema brought up to date')
    const keyring = new Keyring(config.masterKeys ?? (isDemo ? demoMasterKeys(config.dataFolder) : noMasterKey()))
    const { statementTimeoutMs, lockTimeoutMs, poolSize } = config
    const database = new Database({ connectionString, statementTimeoutMs, lockTimeoutMs, poolSize })
    closeDatabase = () => database.close()
    if (!options.acceptsAnyMasterKey) await checkMasterKeys(database, keyring)
    const clock = new DatabaseClock(database)
    await clock.start()
    return {
      connectionString,
      demoKey: config.demoKey ?? (isDemo ? demoKey(config.dataFolder) : undefined),
      database,
      clock,
      keyring,
      businesses: new BusinessStore(database),
      senders: new SenderStore(database, keyring, (id, error) =>
        log.error(
          { sender: spellId('sender', id), reason: error instanceof Error ? error.message : String(error) },
          "the credentials of a sender can't be read with this CENTANG_MASTER_KEY: it is not used",
        ),
      ),
      webhookEndpoints: new WebhookEndpointStore(database, keyring),
      preSendHooks: new PreSendHookStore(database, keyring),
      async close() {
        clock.stop()
        await database.close()
        await running.stop()
      },
    }
  } catch (error) {
    await closeDatabase()
    await running.stop()
    throw error
  }
}

export type RunningDatabase = Pick<EmbeddedPostgres, 'connectionString' | 'stop'>

/** The database of the settings, as it is: DATABASE_URL, or the embedded one, started unless a server has. */
export async function openDatabase(
  options: Pick<StoreOptions, 'config' | 'log' | 'onFatal' | 'isCommand'>,
): Promise<RunningDatabase> {
  const { databaseUrl } = options.config
  if (databaseUrl === undefined) return startEmbedded(options)
  return { connectionString: databaseUrl, stop: () => Promise.resolve() }
}

async function startEmbedded({
  config,
  log,
  onFatal,
  isCommand = false,
}: Pick<StoreOptions, 'config' | 'log' | 'onFatal' | 'isCommand'>): Promise<RunningDatabase> {
  const { dataFolder } = config
  try {
    return await startEmbeddedPostgres({
      dataFolder,
      log: (line, level) => log[level](line),
      ...(onFatal && { onExit: onFatal }),
    })
  } catch (error) {
    const connectionString = isCommand && error instanceof DataFolderInUse ? runningDatabaseUrl(dataFolder) : undefined
    if (connectionString === undefined) throw error
    return { connectionString, stop: () => Promise.resolve() }
  }
}

function noMasterKey(): never {
  throw new Error('CENTANG_MASTER_KEY is required outside the demo. Make one with: openssl rand -base64 32')
}
