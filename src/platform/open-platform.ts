import type { Logger } from 'pino'
import { dayMs, hourMs } from './core/kept.ts'
import { openDatabase, type OpenOptions, type RunningDatabase } from './database/open-database.ts'
import { Database } from './database/database.ts'
import { believesAnyCertificate } from './database/database-url.ts'
import { DatabaseClock } from './database/database-clock.ts'
import type { Line } from './database/line.ts'
import { firstMissing, listMigrations, migrate } from './database/migrate.ts'
import { recognisePooler } from './database/recognise-pooler.ts'
import { uuidv7 } from './database/uuidv7.ts'
import { keptEvents } from './events/keep-events.ts'
import { EventStore } from './events/event-store.ts'
import { createIdempotentRequests } from './http/idempotency.ts'
import { IdempotencyStore } from './http/idempotency-store.ts'
import { checkMasterKeys } from './keys/key-check.ts'
import { Keyring, type MasterKeys } from './keys/keyring.ts'
import { openPeople, type People } from './keys/people.ts'
import { createMetrics } from './metrics.ts'
import type { KeptData } from './module.ts'
import { forgetErasures } from './recipients/erase.ts'
import { createAddresses } from './net/addresses.ts'
import { createBusinessHttp } from './net/business-http.ts'
import { judgeBusinessUrl } from './net/business-url.ts'
import type { PlatformConfig } from './settings.ts'

export interface PlatformOptions extends OpenOptions {
  readonly config: PlatformConfig
  readonly log: Logger
  readonly isDemo: boolean
  /** What the modules have in the database, in the order of who stands on whom. */
  readonly lines: readonly Line[]
  /** Used when the settings have none. */
  readonly masterKeys?: (() => MasterKeys) | undefined
  /** For the command that mends it: the keys may be others than the database was made with. */
  readonly acceptsAnyMasterKey?: boolean
  /** When it is being opened already. */
  readonly opening?: Promise<RunningDatabase>
}

export type Platform = Awaited<ReturnType<typeof openPlatform>>

/** What every module stands on: the database with its schema up to date, the keys, the clock, the log of events. */
export async function openPlatform(options: PlatformOptions) {
  const { config, isDemo, log } = options
  const running = await (options.opening ?? openDatabase(options))
  const { connectionString } = running
  let closeDatabase = async (): Promise<void> => undefined
  try {
    if (config.databaseUrl !== undefined && believesAnyCertificate(config.databaseUrl))
      log.warn(
        'the connection to the database is encrypted, but any certificate is believed: sslmode=verify-full, with sslrootcert for a private CA, tells who it is',
      )
    const sessions = await recognisePooler(connectionString)
    if (sessions === 'pooled')
      log.info('a pooler in transaction mode is in front of the database: settings and locks last a transaction each')
    const done = await migrate(connectionString, options.lines, { patience: { say: (line) => log.warn(line) } })
    if (done.length > 0) log.info({ done }, 'database schema brought up to date')
    const migrations = listMigrations(options.lines)
    const keyring = new Keyring(config.masterKeys ?? options.masterKeys?.() ?? noMasterKey())
    const database = new Database({ ...config, connectionString, sessions })
    closeDatabase = () => database.close()
    if (!options.acceptsAnyMasterKey) await checkMasterKeys(database, keyring)
    const people = options.acceptsAnyMasterKey ? nobody : await openPeople(database, keyring)
    const clock = new DatabaseClock(database)
    await clock.start()
    const { now } = clock
    const addresses = createAddresses(config)
    const reach = {
      allowedHosts: config.webhookHosts,
      ownOrigins: () =>
        [addresses.own(), addresses.simulator(), config.publicUrl].map((url) => url && new URL(url).origin),
    }
    const businessHttp = createBusinessHttp(reach)
    const idempotency = new IdempotencyStore(database, keyring, now)
    return {
      config,
      isDemo,
      log,
      /** How what else connects has to connect. */
      connection: { connectionString, sessions },
      database,
      keyring,
      people,
      now,
      /** What the schema lacks by now, if anything: it may have been replaced. */
      missingMigration: async () => firstMissing(await database.listApplied(), migrations),
      newId: () => uuidv7(now().getTime()),
      events: new EventStore(database),
      idempotent: createIdempotentRequests(keyring, people, idempotency),
      metrics: createMetrics(),
      /** Its own data that ends with time. */
      keeps: ownKept(config, database, idempotency),
      addresses,
      /** To businesses' own servers: webhooks out, and what is asked before a sending. */
      businessHttp,
      /** What is wrong with an address that a business names, if anything. */
      judgeBusinessUrl: (url: string): string | undefined => {
        const verdict = judgeBusinessUrl(url, reach)
        return typeof verdict === 'object' ? verdict.problem : undefined
      },
      async close() {
        await businessHttp.close()
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

/** Of a command that has no use for it. */
const nobody: People = { keyOf: noKeyOfPeople, markOf: noKeyOfPeople }

function noKeyOfPeople(): never {
  throw new Error('There is no key of people.')
}

function noMasterKey(): never {
  throw new Error('CENTANG_MASTER_KEY is required outside the demo.')
}

const ownKept = (
  config: PlatformOptions['config'],
  database: Database,
  idempotency: IdempotencyStore,
): readonly KeptData[] => [
  keptEvents(config.keepEventsDays),
  {
    name: 'idempotency',
    keptForMs: config.keepIdempotencyHours * hourMs,
    forget: (before, limit) => idempotency.forget(before, limit),
  },
  {
    name: 'erasures',
    keptForMs: config.keepErasuresDays * dayMs,
    forget: (before, limit) => forgetErasures(database, before, limit),
  },
]
