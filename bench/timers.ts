import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from './lib/child.ts'
import { runSql } from './lib/database.ts'
import type { Measurement } from './lib/measure.ts'
import { readOptions, warnOfMemoryDisk } from './lib/options.ts'
import { interleave, medianOf, tellClaim, tellFigure } from './lib/rounds.ts'
import { Ground, type OurSide } from './lib/sides.ts'
import { type Latency, latencyOf } from './lib/statistics.ts'
import type { ProviderReply } from './peers/null-provider.ts'

// How late fallbacks are. `--rate` verifications a second are started by chance; the provider takes each message and
// never tells of it, so after `wait` seconds the second step falls due, and a second later the code is checked. Starts,
// fallbacks and checks therefore all come at that rate at once, as on a bad day of one channel.
//
// Lateness = when the second message reached the provider − the due time that stood in the verification's row. It holds
// everything between the two: noticing, claiming, deciding, writing the move, claiming the delivery, building the
// message and the way to the provider. What the server itself could measure ends at the noticing and would flatter it.
// A fallback that never came counts as late without end.
const options = readOptions({ rate: 300, wait: 3, seconds: 10 })
warnOfMemoryDisk()

const ground = await Ground.open()
const lateness = new Map<Measurement, Latency>()

/** Due times by recipient, read while they are ahead: the move overwrites them. */
async function watchDueTimes({ databaseUrl }: OurSide, isOver: () => boolean): Promise<Map<string, number>> {
  const dueAt = new Map<string, number>()
  while (!isOver()) {
    const rows = await runSql<{ recipient: string; due_ms: number }>(
      databaseUrl,
      `select recipient, extract(epoch from due_at)::float8 * 1000 as due_ms
       from verification where due_at is not null and step_index = 0`,
    )
    // The first look counts: later the row may hold the lease of the server that claimed it.
    for (const { recipient, due_ms: dueMs } of rows) if (!dueAt.has(recipient)) dueAt.set(recipient, dueMs)
    await sleep((options.wait * 1000) / 4)
  }
  return dueAt
}

/** Second messages of those that fell due within the window. */
function latenessOf(dueAt: ReadonlyMap<string, number>, arrivals: ProviderReply['arrivals']): Latency {
  const messages = Map.groupBy(arrivals, ([recipient]) => recipient)
  const from = Math.min(...dueAt.values()) + options['warm-up'] * 1000
  const until = from + options.seconds * 1000
  const inWindow = [...dueAt].filter(([, due]) => due >= from && due < until)
  return latencyOf(
    inWindow.map(([recipient, due]) => (messages.get(recipient)?.[1]?.[1] ?? Number.POSITIVE_INFINITY) - due),
  )
}

async function run(ours: OurSide, firstNumber: number): Promise<Measurement> {
  const provider = ground.provider.process
  await ask<ProviderReply>(provider, { record: true })
  let isOver = false
  const watching = watchDueTimes(ours, () => isOver)
  const measurement = await ours.measure(
    {
      // When the window begins, the first fallbacks have fallen due for `warm-up` seconds.
      warmUpSeconds: options['warm-up'] + options.wait,
      seconds: options.seconds,
      firstNumber,
      load: { kind: 'open', flowsPerSecond: options.rate, thinkMs: (options.wait + 1) * 1000 },
    },
    {
      workflow: [
        { channel: 'sms', wait_seconds: options.wait },
        { channel: 'sms', wait_seconds: 60 },
      ],
    },
  )
  isOver = true
  const { arrivals } = await ask<ProviderReply>(provider, { record: false })
  const one = latenessOf(await watching, arrivals)
  lateness.set(measurement, one)
  const figures = [one.p50, one.p99, one.max].map((ms) => ms.toFixed(1)).join(' / ')
  process.stdout.write(`${one.count} fallbacks, late p50 / p99 / max: ${figures} ms\n`)
  return measurement
}

try {
  const ours = await ground.addOurs('centang')
  const [measured = []] = await interleave(options.rounds, ground.database, [
    { name: `${options.rate} fallbacks/s`, run: (firstNumber) => run(ours, firstNumber) },
  ])
  const late = (figure: (one: Latency) => number): number =>
    medianOf(measured, (one) => figure(lateness.get(one) as Latency))
  tellFigure(
    `p50 of lateness at ${options.rate} fallbacks/s`,
    late(({ p50 }) => p50),
    ' ms',
  )
  tellClaim(
    `p99 of lateness at ${options.rate} fallbacks/s`,
    late(({ p99 }) => p99),
    ' ms',
    { atMost: 50 },
  )
} finally {
  await ground.stop()
}
