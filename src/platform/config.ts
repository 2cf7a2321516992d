import { readFileSync } from 'node:fs'

/** One variable of the environment: what it is for, how it is read, what it is when absent. */
interface Variable<Value> {
  readonly name: string
  readonly about: string
  readonly example: string
  /** May be given as a file: NAME_FILE. Its value is never printed. */
  readonly isSecret?: boolean
  readonly read: (text: string) => Value
  readonly absent: Value
}

class Unreadable extends Error {}

const text = (value: string): string => value

const integer =
  (min: number, max: number) =>
  (value: string): number => {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < min || number > max) {
      throw new Unreadable(`must be a whole number from ${min} to ${max}`)
    }
    return number
  }

const oneOf =
  <const Values extends readonly string[]>(values: Values) =>
  (value: string): Values[number] => {
    if (!values.includes(value)) throw new Unreadable(`must be one of ${values.join(', ')}`)
    return value
  }

const onOff = (value: string): boolean => oneOf(['on', 'off'] as const)(value) === 'on'

const httpUrl = (value: string): string => {
  if (!/^https?:$/.test(URL.parse(value)?.protocol ?? '')) throw new Unreadable('must be an http or https URL')
  return value.replace(/\/$/, '')
}

const databaseUrl = (value: string): string => {
  if (!/^postgres(ql)?:\/\//.test(value)) throw new Unreadable('must begin with postgres://')
  return value
}

/** `2:base64,1:base64`; the first is current, the others still read and check. A bare key is version 1. */
function masterKeys(value: string): ReadonlyMap<number, Uint8Array> {
  const keys = new Map<number, Uint8Array>()
  for (const part of value.split(',')) {
    const [, version = '1', encoded = ''] = /^(?:(\d{1,6}):)?([A-Za-z0-9+/_=-]+)$/.exec(part.trim()) ?? []
    const key = Buffer.from(encoded, 'base64')
    if (key.length !== 32) throw new Unreadable('must be 32 bytes in base64; make one with: openssl rand -base64 32')
    if (keys.has(Number(version))) throw new Unreadable(`has version ${version} twice`)
    keys.set(Number(version), key)
  }
  return keys
}

const list = (value: string): readonly string[] =>
  value
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)

const testKey = (value: string): string => {
  if (!/^ck_test_[A-Za-z0-9_-]{8,200}$/.test(value))
    throw new Unreadable('must be a test key, ck_test_… with 8 characters or more')
  return value
}

const longSecret = (value: string): string => {
  if (!/^[\x21-\x7e]{16,300}$/.test(value)) throw new Unreadable('must have 16 printable characters or more')
  return value
}

const define = <Value>(variable: Variable<Value>): Variable<Value> => variable

/** Every setting there is. `.env.example` and docs/reference/configuration.md are made from this. */
export const variables = {
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
    about: 'PostgreSQL 15 or newer. Absent: a PostgreSQL of its own in the data folder.',
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
    about: 'How the world reaches this server; providers send their receipts there.',
    example: 'https://verify.example.com',
    read: httpUrl,
    absent: undefined,
  }),
  operatorKey: define<string | undefined>({
    name: 'CENTANG_OPERATOR_KEY',
    about: 'Key of the operator, who makes businesses.',
    example: 'a long random text',
    isSecret: true,
    read: longSecret,
    absent: undefined,
  }),
  demoKey: define<string | undefined>({
    name: 'CENTANG_DEMO_KEY',
    about: "The demo application's key, for scripts.",
    example: 'ck_test_my_own_demo_key',
    isSecret: true,
    read: testKey,
    absent: undefined,
  }),
  simulator: define<'auto' | 'on' | 'off'>({
    name: 'CENTANG_SIMULATOR',
    about: 'The simulated world under /simulator, for test keys. auto: in the demo only.',
    example: 'auto',
    read: oneOf(['auto', 'on', 'off']),
    absent: 'auto',
  }),
  simulatorUrl: define<string | undefined>({
    name: 'CENTANG_SIMULATOR_URL',
    about: 'A simulator that runs as a process of its own.',
    example: 'http://127.0.0.1:3001/simulator',
    read: httpUrl,
    absent: undefined,
  }),
  providerHosts: define<readonly string[]>({
    name: 'CENTANG_PROVIDER_HOSTS',
    about: 'Hosts that live senders may call besides the vendors own, comma-separated.',
    example: 'sms-gateway.internal:8080',
    read: list,
    absent: [],
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
    about: 'Bearer token that /metrics asks for. Absent: open.',
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
  laneCount: define({
    name: 'CENTANG_DATABASE_LANES',
    about: 'Connections for the bound statements. One carries them; the others help when it has to wait.',
    example: '2',
    read: integer(1, 16),
    absent: 2,
  }),
  bindRequests: define({
    name: 'CENTANG_BIND_REQUESTS',
    about: 'Bind requests of the same moment into one statement.',
    example: 'on',
    read: onOff,
    absent: true,
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
  drainSeconds: define<number | undefined>({
    name: 'CENTANG_DRAIN_SECONDS',
    about: 'Seconds between "not ready" and closing, for a load balancer to notice. Absent: 5, on a terminal 0.',
    example: '5',
    read: integer(0, 300),
    absent: undefined,
  }),
  trustedProxyHops: define({
    name: 'CENTANG_TRUSTED_PROXY_HOPS',
    about: 'Proxies in front whose X-Forwarded-For is believed: the address logged with refused credentials.',
    example: '1',
    read: integer(0, 10),
    absent: 0,
  }),
} as const

type Variables = typeof variables
export type Config = { readonly [Name in keyof Variables]: Variables[Name]['absent'] }

/** Everything that is wrong with the environment, at once. */
export class ConfigInvalid extends Error {
  constructor(problems: readonly string[]) {
    super(`The settings can't be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'ConfigInvalid'
  }
}

type Environment = Readonly<Record<string, string | undefined>>

export function readConfig(environment: Environment): Config {
  const problems: string[] = []
  const entries = Object.entries(variables).map(([key, variable]) => [
    key,
    readVariable(variable as Variable<unknown>, environment, problems),
  ])
  if (problems.length > 0) throw new ConfigInvalid(problems)
  return Object.fromEntries(entries) as Config
}

function readVariable(variable: Variable<unknown>, environment: Environment, problems: string[]): unknown {
  const { name, isSecret = false, example } = variable
  try {
    const given = environment[name]?.trim() || (isSecret ? readSecretFile(environment[`${name}_FILE`]) : undefined)
    return given === undefined ? variable.absent : variable.read(given)
  } catch (error) {
    const detail =
      error instanceof Unreadable ? error.message : `can't be read from its file: ${(error as Error).message}`
    problems.push(`${name} ${detail}. For example: ${example}`)
    return undefined
  }
}

const readSecretFile = (path: string | undefined): string | undefined =>
  path === undefined || path === '' ? undefined : readFileSync(path, 'utf8').trim()

/** Without a database and a key of its own, and not told to be production, this is somebody's first look. */
export const isDemo = (config: Config, environment: Environment): boolean =>
  config.databaseUrl === undefined && config.masterKeys === undefined && environment['NODE_ENV'] !== 'production'
