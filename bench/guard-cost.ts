import { cpuUs, type Measurement } from './lib/measure.ts'
import { readOptions, warnOfMemoryDisk } from './lib/options.ts'
import { closedPlan } from './lib/plans.ts'
import { interleave, medianOf, type Side, tellClaim, tellFigure } from './lib/rounds.ts'
import { Ground } from './lib/sides.ts'

// What the guard costs a flow: the same load in turns on two servers, one with its rules and one with CENTANG_GUARD=off.
const options = readOptions({ connections: 64, lag: 4 })
warnOfMemoryDisk()

const ground = await Ground.open()
try {
  const guarded = await ground.addOurs('guarded')
  const free = await ground.addOurs('free', { environment: { CENTANG_GUARD: 'off' } })
  const plan = closedPlan(options, options.connections, options.lag)
  const sides: Side[] = [
    { name: 'with the guard', run: (n) => guarded.measure(plan(n)) },
    { name: 'without', run: (n) => free.measure(plan(n)) },
  ]
  const [withIt = [], without = []] = await interleave(options.rounds, ground.database, sides)
  const [more, less] = [medianOf(withIt, cpuUs), medianOf(without, cpuUs)]
  const serverUs = ({ serverUs: us }: Measurement): number => us
  tellFigure('CPU a flow without the guard', less, ' µs')
  tellFigure('  with it', more, ' µs')
  tellFigure('  more in the server', medianOf(withIt, serverUs) - medianOf(without, serverUs), ' µs')
  tellClaim('CPU a flow with the guard', (100 * more) / less, ' %', { atMost: 110 })
} finally {
  await ground.stop()
}
