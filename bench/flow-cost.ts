import { cpuUs, type Measurement } from './lib/measure.ts'
import { readOptions, warnOfMemoryDisk } from './lib/options.ts'
import { closedPlan } from './lib/plans.ts'
import { interleave, medianOf, type Side, tellClaim, tellFigure } from './lib/rounds.ts'
import { Ground } from './lib/sides.ts'

// CPU microseconds of server and database for a flow: one start and one check, with the sending in between.
// --connections 0 means 32 and 64.
const options = readOptions({ connections: 0, lag: 4 })
warnOfMemoryDisk()

const ground = await Ground.open()
try {
  const ours = await ground.addOurs('centang')
  for (const connections of options.connections === 0 ? [32, 64] : [options.connections]) {
    const plan = closedPlan(options, connections, options.lag)
    const sides: Side[] = [
      { name: 'flow', run: (n) => ours.measure(plan(n)) },
      { name: 'with Idempotency-Key', run: (n) => ours.measure(plan(n), { idempotent: true }) },
      { name: "with the caller's code", run: (n) => ours.measure(plan(n), { ownCode: '271828' }) },
    ]
    process.stdout.write(`\n${connections} connections\n`)
    const [flows = [], ...variants] = await interleave(options.rounds, ground.database, sides)

    tellClaim(`CPU a flow, ${connections} connections`, medianOf(flows, cpuUs), ' µs', { atMost: 350 })
    tellFigure(
      '  of it the server',
      medianOf(flows, ({ serverUs }: Measurement) => serverUs),
      ' µs',
    )
    for (const [index, measured] of variants.entries()) {
      tellFigure(`  ${sides[index + 1]?.name}`, medianOf(measured, cpuUs), ' µs')
    }
  }
} finally {
  await ground.stop()
}
