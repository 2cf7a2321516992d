import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readId } from '#platform/core/id.ts'
import { ownChild, plainEnvironment, stopChild } from './child.ts'
import { accessIds } from '#access/core/ids.ts'
import { messagingIds } from '#messaging/core/ids.ts'

export interface CentangServer {
  readonly pid: number
  readonly port: number
  /** Base64. */
  readonly masterKey: string
  /** With the bearer key; both throw on anything but 2xx. */
  post<Body>(path: string, key: string, body: object): Promise<Body>
  put<Body>(path: string, key: string, body: object): Promise<Body>
  readonly operatorKey: string
  stop(): Promise<void>
}

export interface CentangServerOptions {
  /** Absent: the embedded database in `environment.CENTANG_DATA_DIR`. */
  readonly databaseUrl?: string
  /** A server that shares its database with another needs the other's key. */
  readonly masterKey?: string
  readonly providerPort?: number
  /** Path of the Node that runs it; by default the one that runs the benchmark. */
  readonly node?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Folder of the source that is run; by default this one. */
  readonly root?: string
}

const repository = fileURLToPath(new URL('../..', import.meta.url))
const startWithinMs = 90_000
/** Those of `npm start`. */
const flags = ['--max-semi-space-size=16', '--expose-gc']

/** Starts the real server, as production does, and waits until it is ready. */
export async function startCentang(options: CentangServerOptions): Promise<CentangServer> {
  const { databaseUrl, masterKey = randomBytes(32).toString('base64'), providerPort, environment = {} } = options
  const { node = process.execPath, root = repository } = options
  const operatorKey = randomBytes(24).toString('hex')
  const port = await freePort()
  const child = spawn(node, [...flags, 'src/cli/main.js', 'serve'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...plainEnvironment(),
      PORT: String(port),
      CENTANG_MASTER_KEY: masterKey,
      CENTANG_OPERATOR_KEY: operatorKey,
      CENTANG_SIMULATOR: 'off',
      CENTANG_DRAIN_SECONDS: '0',
      CENTANG_SENDS_PER_HOUR: '100000000',
      CENTANG_SENDS_PER_DAY: '100000000',
      ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
      ...(providerPort !== undefined && { CENTANG_PROVIDER_HOSTS: `127.0.0.1:${providerPort}` }),
      ...environment,
    },
  })
  ownChild(child)
  const until = Date.now() + startWithinMs
  while (!(await isReady(port))) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode} before it was ready.`)
    if (Date.now() > until) throw new Error('The server was not ready in time.')
    await sleep(10)
  }
  return {
    pid: child.pid as number,
    port,
    masterKey,
    operatorKey,
    post: (path, key, body) => ask('POST', port, path, key, body),
    put: (path, key, body) => ask('PUT', port, path, key, body),
    stop: () => stopChild(child),
  }
}

export interface BenchBusiness {
  readonly apiKey: string
  /** UUIDs. */
  readonly businessId: string
  readonly senderId: string
}

/** A load is what the guard is there against; everything is counted all the same, and nothing is refused. */
const manyPeople = Object.fromEntries(
  [
    'unproven_block',
    'unproven_range',
    'unproven_country',
    'recipient_day',
    'wrong_codes',
    'business_hour',
    'business_day',
  ].map((rule) => [rule, { limit: 100_000_000 }]),
)

/** A business in live mode with one SMS sender at the null provider: everything on, nobody paid. */
export async function addBusiness(server: CentangServer, providerPort: number): Promise<BenchBusiness> {
  const { api_key: apiKey, id: business } = await server.post<{ api_key: string; id: string }>(
    '/v1/businesses',
    server.operatorKey,
    {
      name: 'Bench',
      mode: 'live',
    },
  )
  const { id: sender } = await server.post<{ id: string }>('/v1/senders', apiKey, {
    channel: 'sms',
    provider: 'sms-http',
    config: {
      url: `http://127.0.0.1:${providerPort}/sms/send`,
      from: 'Bench',
      headers: { authorization: 'Bearer {{secret.api}}' },
      body: { to: '{{to}}', from: '{{from}}', text: '{{text}}', reference: '{{reference}}' },
      id_path: 'id',
    },
    secrets: { api: 'bench' },
  })
  const policy = { countries: ['ID'], rules: manyPeople }
  await server.put('/v1/guard/policy', apiKey, policy).catch((error: unknown) => {
    // A checkout from before the guard has no such call.
    if (!String(error).includes('route_not_found')) throw error
  })
  return { apiKey, businessId: uuidOf(accessIds.business, business), senderId: uuidOf(messagingIds.sender, sender) }
}

export function uuidOf(prefix: string, spelled: string): string {
  const uuid = readId(prefix, spelled)
  if (uuid === undefined) throw new Error(`Not the id of ${prefix}: ${spelled}`)
  return uuid
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok
  } catch {
    return false
  }
}

async function ask<Body>(method: string, port: number, path: string, key: string, body: object): Promise<Body> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Body
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}
