import { spellId } from '#platform/core/id.ts'
import { BusinessStore } from '#access/store/businesses.ts'
import { Database } from '#platform/database/database.ts'
import { DatabaseClock } from '#platform/database/database-clock.ts'
import { checkMasterKeys } from '#platform/keys/key-check.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import { migrate } from '#platform/database/migrate.ts'
import { PreSendHookStore } from '#verification/store/pre-send-hooks.ts'
import { SenderStore } from '#messaging/store/senders.ts'
import { WebhookEndpointStore } from '#webhooks/store/webhook-endpoints.ts'
import { demoKey, demoMasterKeys } from '#demo/demo.ts'
import { openDatabase, type OpenOptions, type RunningDatabase } from '#platform/database/open-database.ts'

export interface StoreOptions extends OpenOptions {
  readonly isDemo: boolean
  /** For the command that mends it: the keys may be others than the database was made with. */
  readonly acceptsAnyMasterKey?: boolean
  /** When it is being opened already. */
  readonly opening?: Promise<RunningDatabase>
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
  const running = await (options.opening ?? openDatabase(options))
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

function noMasterKey(): never {
  throw new Error('CENTANG_MASTER_KEY is required outside the demo. Make one with: openssl rand -base64 32')
}
