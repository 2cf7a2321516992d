import { readOptions, warnOfMemoryDisk } from './lib/options.ts'
import { closedPlan } from './lib/plans.ts'
import { interleave, ratioOf, tellClaim } from './lib/rounds.ts'
import { Ground } from './lib/sides.ts'

// One client alone: what binding requests into sets costs when there is nothing to bind. Both servers are the same but
// for the switch, each with a database of its own in the same PostgreSQL.
const options = readOptions({ rounds: 7 })
warnOfMemoryDisk()

const ground = await Ground.open()
try {
  const bound = await ground.addOurs('bound')
  const unbound = await ground.addOurs('unbound', { environment: { CENTANG_BIND_REQUESTS: 'off' } })
  const plan = closedPlan(options, 1, 0)
  const [ours = [], plain = []] = await interleave(options.rounds, ground.database, [
    { name: 'bound', run: (n) => bound.measure(plan(n)) },
    { name: 'unbound', run: (n) => unbound.measure(plan(n)) },
  ])
  for (const request of ['start', 'check'] as const) {
    const ratio = ratioOf(ours, plain, (a, b) => a[request].p50 / b[request].p50)
    tellClaim(`p50 of a ${request}, bound ÷ unbound, one client`, ratio, '×', { atMost: 1.2 })
  }
} finally {
  await ground.stop()
}
