import { startListening } from './lib/child.ts'
import { cpuUs, measure } from './lib/measure.ts'
import { readOptions, warnOfMemoryDisk } from './lib/options.ts'
import { closedPlan } from './lib/plans.ts'
import { interleave, ratioOf, type Side, tellClaim } from './lib/rounds.ts'
import { Ground } from './lib/sides.ts'

// Flows against better-auth's phoneNumber plugin, on the same PostgreSQL, in turn.
// --connections 0 means 32 and 64; --peer-only 1 measures the peer alone; --pool is the peer's pool of connections;
// --peer-sends 0 lets its messages go nowhere, while ours are still handed to the provider.
const options = readOptions({ connections: 0, lag: 4, pool: 8, 'peer-only': 0, 'peer-sends': 1 })
warnOfMemoryDisk()

const ground = await Ground.open()
const { database } = ground
const peer = await startListening('peers/better-auth.ts', {
  DATABASE_URL: await database.create('better_auth'),
  POOL_SIZE: String(options.pool),
  ...(options['peer-sends'] === 1 && { PROVIDER_PORT: String(ground.provider.port) }),
})

try {
  const ours = options['peer-only'] === 1 ? undefined : await ground.addOurs('centang')
  for (const connections of options.connections === 0 ? [32, 64] : [options.connections]) {
    const plan = closedPlan(options, connections, options.lag)
    const target = { kind: 'better-auth', port: peer.port } as const
    const watched = { server: peer.pid, database: database.pid }
    const sides: Side[] = [{ name: 'better-auth', run: (n) => measure({ ...plan(n), target }, watched) }]
    if (ours) sides.push({ name: 'centang', run: (n) => ours.measure(plan(n)) })

    process.stdout.write(`\n${connections} connections\n`)
    const [theirs = [], own] = await interleave(options.rounds, database, sides)
    if (!own) continue
    const cpu = ratioOf(own, theirs, (a, b) => cpuUs(b) / cpuUs(a))
    const flows = ratioOf(own, theirs, (a, b) => a.flowsPerSecond / b.flowsPerSecond)
    tellClaim(`CPU a flow of better-auth ÷ ours, ${connections} connections`, cpu, '×', { atLeast: 8 })
    tellClaim(`flows/s of ours ÷ better-auth, ${connections} connections`, flows, '×', { atLeast: 8 })
  }
} finally {
  await peer.stop()
  await ground.stop()
}
