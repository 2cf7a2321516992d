import { addBusiness, startCentang } from './lib/centang-server.ts'
import { startListening } from './lib/child.ts'
import { startDatabase } from './lib/database.ts'
import type { LoadPlan } from './lib/generator.ts'
import { cpuUs, measure } from './lib/measure.ts'
import { readOptions, warnOfMemoryDisk } from './lib/options.ts'
import { interleave, ratioOf, tellClaim } from './lib/rounds.ts'

// Flows against better-auth's phoneNumber plugin, on the same PostgreSQL, in turn.
// --connections 0 means both 32 and 64; --peer-only 1 measures the peer alone.
const options = readOptions({ connections: 0, lag: 4, pool: 8, 'peer-only': 0 })
warnOfMemoryDisk()

const database = await startDatabase()
const gateway = await startListening('peers/null-gateway.ts')
const peer = await startListening('peers/better-auth.ts', {
  DATABASE_URL: await database.create('better_auth'),
  POOL_SIZE: String(options.pool),
})
const ours = options['peer-only'] ? undefined : await startOurs()

async function startOurs() {
  const server = await startCentang({ databaseUrl: await database.create('centang'), providerPort: gateway.port })
  return { server, ...(await addBusiness(server, gateway.port)) }
}

const plan = (connections: number, firstNumber: number, target: LoadPlan['target']): LoadPlan => ({
  target,
  warmUpSeconds: options['warm-up'],
  seconds: options.seconds,
  firstNumber,
  load: { kind: 'closed', connections, lag: options.lag },
})

try {
  for (const connections of options.connections === 0 ? [32, 64] : [options.connections]) {
    process.stdout.write(`\n${connections} connections\n`)
    const sides = [
      {
        name: 'better-auth',
        run: (n: number) =>
          measure(plan(connections, n, { kind: 'better-auth', port: peer.port }), {
            server: peer.pid,
            database: database.pid,
          }),
      },
    ]
    if (ours) {
      const { server, apiKey } = ours
      const target = { kind: 'centang', port: server.port, apiKey, masterKey: server.masterKey } as const
      sides.push({
        name: 'centang',
        run: (n) => measure(plan(connections, n, target), { server: server.pid, database: database.pid, gateway }),
      })
    }
    const [theirs = [], own] = await interleave(options.rounds, database, sides)
    if (!own) continue
    const flows = ratioOf(own, theirs, (a, b) => a.flowsPerSecond / b.flowsPerSecond)
    const cpu = ratioOf(own, theirs, (a, b) => cpuUs(b) / cpuUs(a))
    tellClaim(`CPU a flow of better-auth ÷ ours, ${connections} connections`, cpu, '×', { atLeast: 8 })
    tellClaim(`flows/s of ours ÷ better-auth, ${connections} connections`, flows, '×', { atLeast: 8 })
  }
} finally {
  await ours?.server.stop()
  await Promise.all([peer.stop(), gateway.stop()])
  await database.stop()
}
