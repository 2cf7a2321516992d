import { cpuUs, type Measurement } from './lib/measure.ts'
import { readOptions, warnOfMemoryDisk } from './lib/options.ts'
import { closedPlan } from './lib/plans.ts'
import { interleave, ratioOf, type Side, tellClaim, tellFigure } from './lib/rounds.ts'
import { seedOldVerifications } from './lib/seed.ts'
import { Ground, type OurSide } from './lib/sides.ts'

// A check, and a flow, among `--rows` old verifications against one among ten thousand: two databases of one PostgreSQL, each with a
// server of its own, in turn. 10 million rows take about 20 GB under TMPDIR while it runs, and minutes to seed.
// The memory of the database is what it ships with, so the old rows do not fit into it.
// --count: checks of a round; their starts are not measured.
const options = readOptions({ rows: 10_000_000, count: 20_000, connections: 64, lag: 4, seconds: 20 })
const fewRows = 10_000
warnOfMemoryDisk()

const ground = await Ground.open({ max_wal_size: '8GB' })
try {
  const among = (rows: number): Promise<OurSide> =>
    ground.addOurs(`among_${rows}`, { seed: (url, business) => seedOldVerifications(url, business, rows) })
  const few = await among(fewRows)
  const many = await among(options.rows)
  const sides = (run: (ours: OurSide, n: number) => Promise<Measurement>): Side[] => [
    { name: `among ${fewRows}`, run: (n) => run(few, n) },
    { name: `among ${options.rows}`, run: (n) => run(many, n) },
  ]

  process.stdout.write('\nChecks alone\n')
  const [fewChecks = [], manyChecks = []] = await interleave(
    options.rounds,
    ground.database,
    sides((ours, firstNumber) =>
      ours.measure({
        warmUpSeconds: 0,
        seconds: options.seconds,
        firstNumber,
        load: { kind: 'checks', connections: options.connections, count: options.count },
      }),
    ),
  )
  process.stdout.write('\nWhole flows\n')
  const plan = closedPlan({ ...options, seconds: 4 }, options.connections, options.lag)
  const [fewFlows = [], manyFlows = []] = await interleave(
    options.rounds,
    ground.database,
    sides((ours, n) => ours.measure(plan(n))),
  )

  const what = `among ${options.rows} old verifications ÷ among ${fewRows}`
  const ratio = (figure: (one: Measurement) => number, many: Measurement[], few: Measurement[]): number =>
    ratioOf(many, few, (a, b) => figure(a) / figure(b))
  tellClaim(`CPU of a check ${what}`, ratio(cpuUs, manyChecks, fewChecks), '×', { atMost: 1.3 })
  tellFigure(
    '  of the database alone',
    ratio(({ databaseUs }) => databaseUs, manyChecks, fewChecks),
    '×',
  )
  tellClaim(`CPU of a flow ${what}`, ratio(cpuUs, manyFlows, fewFlows), '×', { atMost: 1.2 })
} finally {
  await ground.stop()
}
