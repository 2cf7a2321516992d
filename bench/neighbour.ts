import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { createHmac } from 'node:crypto'
import { createServer, request as ask } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { addBusiness, type CentangServer, startCentang } from './lib/centang-server.ts'
import { startListening, startScript, stopChild } from './lib/child.ts'
import { startDatabase } from './lib/database.ts'
import type { Hold } from './peers/holder.ts'
import { memoryOf } from './lib/process-tree.ts'

// What one tenant, or somebody without a key, does to another tenant: the other's p99 alone and beside it.
// --senders 2000; --before FOLDER: a second checkout (`git worktree add FOLDER COMMIT`, with its node_modules), measured in the same run.
const { values } = parseArgs({
  options: { before: { type: 'string' }, senders: { type: 'string', default: '2000' } },
})

const provider = await startListening('peers/null-provider.ts')
const database = await startDatabase()
const roots = [
  ...(values.before === undefined ? [] : [{ name: 'before', root: values.before }]),
  { name: 'now', root: undefined },
]

interface Scene {
  readonly server: CentangServer
  readonly victim: string
  readonly hostile: readonly string[]
}

const p99 = (times: readonly number[]): number =>
  times.toSorted((one, other) => one - other)[Math.max(0, Math.ceil(times.length * 0.99) - 1)] ?? Number.NaN

/** One request of a line of its own, from another address of this machine than the attacks come from. */
function call(
  { server }: Pick<Scene, 'server'>,
  key: string,
  path: string,
  body: object,
): Promise<{ ms: number; status: number }> {
  const from = performance.now()
  const text = JSON.stringify(body)
  return new Promise((done) => {
    const finish = (status: number): void => done({ ms: performance.now() - from, status })
    const asked = ask(
      {
        port: server.port,
        host: '127.0.0.1',
        localAddress: '127.0.0.2',
        method: 'POST',
        path,
        agent: false,
        timeout: 15_000,
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        },
      },
      (answer) => answer.resume().on('end', () => finish(answer.statusCode ?? 0)),
    )
    asked
      .on('timeout', () => asked.destroy())
      .on('error', () => finish(0))
      .end(text)
  })
}

let nextNumber = 0
const start = (scene: Scene, key: string) =>
  call(scene, key, '/v1/verifications', { to: `+62812${String(nextNumber++ + 10_000_000)}`, channel: 'sms' })

/** Starts of the victim, one after the other, until told to end. */
async function watch(scene: Scene, until: () => boolean): Promise<{ times: number[]; refused: number }> {
  const times: number[] = []
  let refused = 0
  while (!until()) {
    const { ms, status } = await start(scene, scene.victim)
    times.push(ms)
    if (status !== 201) refused++
    await sleep(15)
  }
  return { times, refused }
}

/** The victim's p99 while something goes on, which is begun when the victim is under way. */
async function beside(
  scene: Scene,
  attack: () => Promise<void>,
): Promise<{ p99Ms: number; refused: number; count: number }> {
  let isOver = false
  const watched = watch(scene, () => isOver)
  await attack()
  isOver = true
  const { times, refused } = await watched
  return { p99Ms: p99(times), refused, count: times.length }
}

const tell = (what: string, figures: Readonly<Record<string, string | number>>): void =>
  void process.stdout.write(
    `  ${what.padEnd(34)}${Object.entries(figures)
      .map(([name, value]) => `${name} ${typeof value === 'number' ? Math.round(value * 10) / 10 : value}`)
      .join(' · ')}\n`,
  )

const megabytes = ({ server }: Scene): number => memoryOf(server.pid).rssMb

async function manySenders(scene: Scene): Promise<void> {
  const [key] = scene.hostile as [string]
  const secrets = { api: 'x' }
  const config = {
    url: `http://127.0.0.1:${provider.port}/sms/send`,
    body: { to: '{{to}}', text: '{{text}}', more: 'x'.repeat(55_000) },
  }
  const before = megabytes(scene)
  let made = 0
  const figures = await beside(scene, async () => {
    const make = async (): Promise<void> => {
      for (let many = 0; many < Number(values.senders) / 8; many++) {
        const body = { channel: 'sms', provider: 'sms-http', config, secrets }
        if ((await call(scene, key, '/v1/senders', body)).status === 201) made++
      }
    }
    await Promise.all(Array.from({ length: 8 }, make))
    for (let many = 0; many < 5; many++) await start(scene, key)
  })
  tell(`${values.senders} senders of 55 kB`, { ...figures, made, 'grew MB': megabytes(scene) - before })
}

/** As many receipts as Meta puts into one POST at most, and more: as many as fit into the 3 MiB that are taken. */
async function manyReceipts(scene: Scene): Promise<void> {
  const [key] = scene.hostile as [string]
  const secret = 'a-secret-of-the-app-of-the-bench'
  const { server } = scene
  const { id } = await server.post<{ id: string }>('/v1/senders', key, {
    channel: 'whatsapp',
    provider: 'whatsapp-cloud-api',
    config: { phone_number_id: '106540352242922', waba_id: '102290129340398' },
    secrets: { access_token: 'x'.repeat(40), app_secret: secret, verify_token: 'a-verify-token' },
  })
  const statuses = Array.from({ length: 55_000 }, (_, n) => `{"id":"${n}","status":"read","timestamp":"1796000000"}`)
  const body = Buffer.from(
    `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"phone_number_id":"106540352242922"},"statuses":[${statuses.join(',')}]}}]}]}`,
  )
  const before = megabytes(scene)
  let answer = ''
  const figures = await beside(scene, async () => {
    const from = performance.now()
    const { status } = await fetch(`http://127.0.0.1:${server.port}/webhooks/${id}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      },
      body,
    })
    answer = `${status} after ${Math.round(performance.now() - from)} ms`
  })
  tell(`55,000 receipts, ${(body.length / 1e6).toFixed(1)} MB`, {
    ...figures,
    answer,
    'grew MB': megabytes(scene) - before,
  })
}

async function silentEndpoints(
  scene: Scene,
  silentPort: number,
  hook: { port: number; onCall: (times: () => void) => void },
): Promise<void> {
  for (const [index, key] of scene.hostile.entries())
    for (let many = 0; many < 19; many++)
      await call(scene, key, '/v1/webhook_endpoints', {
        url: `http://127.0.0.1:${silentPort}/${index}/${many}`,
        events: ['verification.*', 'delivery.*'],
      })
  await call(scene, scene.victim, '/v1/webhook_endpoints', {
    url: `http://127.0.0.1:${hook.port}/`,
    events: ['verification.started'],
  })
  for (const key of scene.hostile) for (let many = 0; many < 12; many++) await start(scene, key)
  await sleep(2000)
  const waits: number[] = []
  for (let many = 0; many < 8; many++) {
    const arrived = new Promise<void>((done) => hook.onCall(done))
    const from = performance.now()
    await start(scene, scene.victim)
    await Promise.race([arrived, sleep(12_000)])
    waits.push(performance.now() - from)
  }
  tell('38 silent webhook endpoints', { 'webhook p99 ms': p99(waits) })
}

async function holding(wanted: Hold, work: () => Promise<void>): Promise<void> {
  const holder = startScript('peers/holder.ts')
  holder.send(wanted)
  await sleep(2000)
  await work()
  await stopChild(holder)
  await sleep(500)
}

async function idleConnections(scene: Scene): Promise<void> {
  const head = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'
  await holding({ port: scene.server.port, count: 4000, head, bytes: 0 }, async () =>
    tell('4,000 idle connections', await beside(scene, () => sleep(4000))),
  )
}

async function halfBodies(scene: Scene): Promise<void> {
  const before = megabytes(scene)
  const head =
    'POST /webhooks/snd_01890a5d8f7b7c3e9d2a4b6c8e0f1a2b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 3100000\r\n\r\n'
  let most = 0
  const figures = await beside(scene, () =>
    holding({ port: scene.server.port, count: 200, head, bytes: 3_000_000 }, async () => {
      for (let many = 0; many < 10; many++) {
        await sleep(200)
        most = Math.max(most, megabytes(scene) - before)
      }
    }),
  )
  tell('200 half-sent bodies', { ...figures, 'grew MB': most })
}

const silent = createTcpServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
let onWebhook: (() => void) | undefined
const hook = createServer((request, response) => {
  request.resume()
  onWebhook?.()
  response.end()
}).listen(0, '127.0.0.1')
await sleep(50)
const [silentPort, hookPort] = [silent, hook].map((one) => (one.address() as AddressInfo).port) as [number, number]

try {
  for (const { name, root } of roots) {
    const databaseUrl = await database.create(`neighbour_${name}`)
    const environment = { CENTANG_WEBHOOK_HOSTS: `127.0.0.1:${silentPort},127.0.0.1:${hookPort}` }
    const server = await startCentang({ databaseUrl, providerPort: provider.port, environment, ...(root && { root }) })
    try {
      const [victim, ...hostile] = await Promise.all(
        [0, 1, 2].map(async () => (await addBusiness(server, provider.port)).apiKey),
      )
      const scene: Scene = { server, victim: victim as string, hostile }
      process.stdout.write(`${name}\n`)
      await beside(scene, () => sleep(1000))
      tell('alone', await beside(scene, () => sleep(4000)))
      await halfBodies(scene)
      await idleConnections(scene)
      await manyReceipts(scene)
      await silentEndpoints(scene, silentPort, { port: hookPort, onCall: (done) => (onWebhook = done) })
      await manySenders(scene)
    } finally {
      await server.stop()
    }
  }
} catch (error) {
  // The exit below would take it along.
  process.stderr.write(`${String(error)}\n`)
  process.exitCode = 1
} finally {
  silent.close()
  hook.close()
  await provider.stop()
  await database.stop()
  process.exit()
}
