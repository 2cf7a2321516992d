import type { Measurement } from './lib/measure.ts'
import { readOptions, warnOfMemoryDisk } from './lib/options.ts'
import { interleave, medianOf, tellClaim, tellFigure } from './lib/rounds.ts'
import { Ground } from './lib/sides.ts'

// Latency when people come by chance, `--rate` flows a second, and nobody waits for the one before. A start counts from
// when it should have been sent, so a server that stalls pays for everybody it kept waiting.
// --think: milliseconds until the person has the code.
const options = readOptions({ rate: 1000, think: 200, seconds: 10, 'warm-up': 3 })
warnOfMemoryDisk()

const ground = await Ground.open()
try {
  const ours = await ground.addOurs('centang')
  const [measured = []] = await interleave(options.rounds, ground.database, [
    {
      name: `${options.rate} flows/s`,
      run: (firstNumber) =>
        ours.measure({
          warmUpSeconds: options['warm-up'],
          seconds: options.seconds,
          firstNumber,
          load: { kind: 'open', flowsPerSecond: options.rate, thinkMs: options.think },
        }),
    },
  ])
  const print = (what: string, figure: (one: Measurement) => number, unit: string): void =>
    tellFigure(`${what} at ${options.rate} flows/s`, medianOf(measured, figure), unit)
  for (const request of ['start', 'check'] as const) {
    print(`p50 of a ${request}`, (one) => one[request].p50, ' ms')
    const p99 = medianOf(measured, (one) => one[request].p99)
    tellClaim(`p99 of a ${request} at ${options.rate} flows/s`, p99, ' ms', { atMost: 15 })
  }
  print('cores of server and database', ({ cores }) => cores, '')
  print('answered', ({ flowsPerSecond }) => flowsPerSecond, ' flows/s')
} finally {
  await ground.stop()
}
