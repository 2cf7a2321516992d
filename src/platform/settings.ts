import { DatabaseUrlUnreadable, readDatabaseUrl } from './database/database-url.ts'
import {
  type ConfigOf,
  type Environment,
  define,
  httpUrl,
  integer,
  list,
  longSecret,
  oneOf,
  onOff,
  text,
  Unreadable,
} from './setting-kit.ts'

const databaseUrl = (value: string): string => {
  if (!/^postgres(ql)?:\/\//.test(value)) throw new Unreadable('must begin with postgres://')
  try {
    readDatabaseUrl(value)
  } catch (error) {
    throw error instanceof DatabaseUrlUnreadable ? new Unreadable(error.message) : error
  }
  return value
}

/** Its path stands in pages and headers. */
function publicUrl(value: string): string {
  const url = httpUrl(value)
  const { pathname, search, hash, username } = new URL(url)
  if (!/^[\w./~-]*$/.test(pathname))
    throw new Unreadable('has a path with characters other than letters, digits, - . _ ~')
  if (search !== '' || hash !== '' || username !== '') throw new Unreadable('must end with its path')
  return url
}

/** `2:base64,1:base64`; the first is current, the others still read and check. A bare key is version 1. */
function masterKeys(value: string): ReadonlyMap<number, Uint8Array> {
  const keys = new Map<number, Uint8Array>()
  for (const part of value.split(',')) {
    const [, version = '1', encoded = ''] = /^(?:(\d{1,6}):)?([A-Za-z0-9+/_=-]+)$/.exec(part.trim()) ?? []
    const key = Buffer.from(encoded, 'base64')
    if (key.length !== 32)
      throw new Unreadable(
        'must be a version and 32 bytes in base64; make one with: echo "1:$(openssl rand -base64 32)"',
      )
    if (keys.has(Number(version))) throw new Unreadable(`has version ${version} twice`)
    keys.set(Number(version), key)
  }
  return keys
}

/** Settings of this module; the reference page is made of these and the other modules'. */
export const platformSettings = {
  port: define({ name: 'PORT', about: 'Port to listen on.', example: '3000', read: integer(0, 65_535), absent: 3000 }),
  host: define({
    name: 'HOST',
    about: 'Address to listen on. 0.0.0.0 for every network.',
    example: '127.0.0.1',
    read: text,
    absent: '127.0.0.1',
  }),
  databaseUrl: define<string | undefined>({
    name: 'DATABASE_URL',
    about:
      'PostgreSQL 15 or newer, also behind a pooler; sslmode and options as libpq reads them. Absent: a PostgreSQL of its own in the data folder.',
    example: 'postgres://centang@db.internal/centang',
    isSecret: true,
    read: databaseUrl,
    absent: undefined,
  }),
  dataFolder: define({
    name: 'CENTANG_DATA_DIR',
    about: 'Folder of the embedded database and of the demo key.',
    example: './data',
    read: text,
    absent: './data',
  }),
  masterKeys: define<ReadonlyMap<number, Uint8Array> | undefined>({
    name: 'CENTANG_MASTER_KEY',
    about:
      'Key that codes are derived from and credentials are encrypted with, 32 bytes in base64 with a version of its own. Required outside the demo. The first listed is current, the others still read and check: 2:new,1:old.',
    example: '1:q3Jd…=',
    isSecret: true,
    read: masterKeys,
    absent: undefined,
  }),
  publicUrl: define<string | undefined>({
    name: 'CENTANG_PUBLIC_URL',
    about:
      'How the world reaches this server; providers send their receipts there. With a path, as https://example.com/otp, the proxy in front takes that path off.',
    example: 'https://verify.example.com',
    read: publicUrl,
    absent: undefined,
  }),
  webhookHosts: define<readonly string[]>({
    name: 'CENTANG_WEBHOOK_HOSTS',
    about:
      'Hosts that webhook endpoints may be at besides public ones, also by plain http, comma-separated. Every business of this server may name them.',
    example: '127.0.0.1:4000,hooks.internal',
    read: list,
    absent: [],
  }),
  logLevel: define<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'>({
    name: 'CENTANG_LOG_LEVEL',
    about: 'Least severe level that is logged.',
    example: 'info',
    read: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    absent: 'info',
  }),
  logRequests: define({
    name: 'CENTANG_LOG_REQUESTS',
    about: 'A log line for every request.',
    example: 'off',
    read: onOff,
    absent: false,
  }),
  metricsToken: define<string | undefined>({
    name: 'CENTANG_METRICS_TOKEN',
    about: 'Bearer token that /metrics asks for. Absent: only the demo tells them.',
    example: 'a long random text',
    isSecret: true,
    read: longSecret,
    absent: undefined,
  }),
  poolSize: define({
    name: 'CENTANG_DATABASE_POOL_SIZE',
    about: 'Connections for everything but the bound statements.',
    example: '8',
    read: integer(2, 100),
    absent: 8,
  }),
  statementTimeoutMs: define({
    name: 'CENTANG_STATEMENT_TIMEOUT_MS',
    about: 'Longest a statement may take, in milliseconds.',
    example: '5000',
    read: integer(100, 600_000),
    absent: 5000,
  }),
  lockTimeoutMs: define({
    name: 'CENTANG_LOCK_TIMEOUT_MS',
    about: 'Longest a statement waits for a lock, in milliseconds.',
    example: '2000',
    read: integer(100, 600_000),
    absent: 2000,
  }),
  connectionsMax: define({
    name: 'CENTANG_CONNECTIONS_MAX',
    about: 'Connections at once. Beyond them the address with the most gives way.',
    example: '4000',
    read: integer(10, 100_000),
    absent: 4000,
  }),
  connectionsPerAddress: define({
    name: 'CENTANG_CONNECTIONS_PER_ADDRESS',
    about:
      'Connections of one address at once (of IPv6, of one /64); behind proxies (CENTANG_TRUSTED_PROXY_HOPS) requests of one address under way.',
    example: '500',
    read: integer(1, 100_000),
    absent: 500,
  }),
  keepEventsDays: define({
    name: 'CENTANG_KEEP_EVENTS_DAYS',
    about: 'Days that events and the webhooks made of them are kept, at least; a quarter more at most.',
    example: '30',
    read: integer(4, 3650),
    absent: 30,
  }),
  keepErasuresDays: define({
    name: 'CENTANG_KEEP_ERASURES_DAYS',
    about: 'Days that it is kept, without a number, who was erased: longer than any backup that may be restored.',
    example: '400',
    read: integer(1, 3650),
    absent: 400,
  }),
  keepIdempotencyHours: define({
    name: 'CENTANG_KEEP_IDEMPOTENCY_HOURS',
    about: 'Hours in which the same Idempotency-Key is answered with what was answered first.',
    example: '24',
    read: integer(1, 720),
    absent: 24,
  }),
  docs: define({
    name: 'CENTANG_DOCS',
    about: 'The API reference under /docs. /openapi.json and /errors are there in any case.',
    example: 'on',
    read: onOff,
    absent: true,
  }),
  drainSeconds: define<number | undefined>({
    name: 'CENTANG_DRAIN_SECONDS',
    about: 'Seconds between "not ready" and closing, for a load balancer to notice. Absent: 5, on a terminal 0.',
    example: '5',
    read: integer(0, 300),
    absent: undefined,
  }),
  trustedProxyHops: define({
    name: 'CENTANG_TRUSTED_PROXY_HOPS',
    about:
      'Proxies in front whose X-Forwarded-For is believed: for the address that keys may be used from, that is limited, and that is logged with refused credentials.',
    example: '1',
    read: integer(0, 10),
    absent: 0,
  }),
} as const

export type PlatformConfig = ConfigOf<typeof platformSettings>

/** Whoever works with codes and credentials needs it; told before anything is begun. */
export function masterKeyProblem(
  config: Pick<PlatformConfig, 'databaseUrl' | 'masterKeys'>,
  environment: Environment,
): string | undefined {
  const { name } = platformSettings.masterKeys
  const isGiven = [environment[name], environment[`${name}_FILE`]].some(Boolean)
  if (isGiven || isDemo(config, environment)) return undefined
  return `${name} is required outside the demo. Make one once, and keep it: echo "1:$(openssl rand -base64 32)"`
}

/** Without a database and a key of its own, and not told to be production, this is somebody's first look. */
export const isDemo = (config: Pick<PlatformConfig, 'databaseUrl' | 'masterKeys'>, environment: Environment): boolean =>
  config.databaseUrl === undefined && config.masterKeys === undefined && environment['NODE_ENV'] !== 'production'
