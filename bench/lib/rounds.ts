import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchDatabase } from './database.ts'
import { cpuUs, type Measurement } from './measure.ts'
import { median } from './statistics.ts'

/** A round with more of the machine busy elsewhere than this is left out, as far as enough quiet ones remain. */
const foreignShareMax = 0.1

export interface Side {
  readonly name: string
  /** @param firstNumber of the recipients of this load; different for every load of the run */
  readonly run: (firstNumber: number) => Promise<Measurement>
}

/** More than any load starts, and 10⁸ / this is the number of loads a run can have. */
const numbersPerLoad = 500_000
let nextNumber = 0
export const takeNumbers = (): number => (nextNumber += numbersPerLoad) - numbersPerLoad

/**
 * One round after another, each with every side in turn, so that the machine's moods meet all of them alike. Round 0
 * counts for nobody: code is compiled in it, and PostgreSQL learns from it how large the tables are.
 */
export async function interleave(
  rounds: number,
  database: BenchDatabase,
  sides: readonly Side[],
): Promise<Measurement[][]> {
  const measured: Measurement[][] = sides.map(() => [])
  process.stdout.write(`${header}\n`)
  for (let round = 0; round <= rounds; round++) {
    for (const [index, side] of sides.entries()) {
      await database.settle()
      await sleep(300)
      const one = await side.run(takeNumbers())
      if (round > 0) measured[index]?.push(one)
      process.stdout.write(`${line(`${round} ${side.name}`, one)}\n`)
    }
  }
  return measured
}

const columns = [
  'flows/s',
  'server µs',
  'db µs',
  'sum µs',
  'client µs',
  'start p50',
  'p99',
  'check p50',
  'p99 ms',
  'sends/flow',
  'foreign',
]
const header = ['round'.padEnd(30), ...columns.map((name) => name.padStart(10))].join(' ')

function line(name: string, one: Measurement): string {
  const cells = [
    one.flowsPerSecond.toFixed(0),
    ...[one.serverUs, one.databaseUs, cpuUs(one), one.generatorUs].map((us) => us.toFixed(0)),
    ...[one.start.p50, one.start.p99, one.check.p50, one.check.p99].map((ms) =>
      Number.isNaN(ms) ? '-' : ms.toFixed(2),
    ),
    one.sendsPerFlow?.toFixed(2) ?? '-',
    `${(one.foreignShare * 100).toFixed(0)}%`,
  ]
  return [name.padEnd(30), ...cells.map((cell) => cell.padStart(10))].join(' ')
}

/** Rounds in which the machine was ours on every side; all of them when none was. */
function quietRounds(sides: readonly (readonly Measurement[])[]): number[] {
  const rounds = (sides[0] ?? []).map((_, round) => round)
  const quiet = rounds.filter((round) => sides.every((side) => (side[round]?.foreignShare ?? 1) <= foreignShareMax))
  if (quiet.length > 0) return quiet
  const [first = []] = sides
  if (!told.has(first)) process.stdout.write('No round was quiet; all of them count.\n')
  told.add(first)
  return rounds
}

/** Measurements of which it was said that none was quiet: once is enough. */
const told = new WeakSet<readonly Measurement[]>()

/** Median over the quiet rounds of a figure of both sides of the same round. */
export function ratioOf(
  ours: readonly Measurement[],
  theirs: readonly Measurement[],
  figure: (ours: Measurement, theirs: Measurement) => number,
): number {
  return median(
    quietRounds([ours, theirs]).map((round) => figure(ours[round] as Measurement, theirs[round] as Measurement)),
  )
}

export const medianOf = (measured: readonly Measurement[], figure: (one: Measurement) => number): number =>
  median(quietRounds([measured]).map((round) => figure(measured[round] as Measurement)))

/** One line a claim. Says whether the goal was met and ends with it; nothing is asserted: machines differ. */
export function tellClaim(
  what: string,
  value: number,
  unit: string,
  goal: { atLeast: number } | { atMost: number },
): void {
  const [isMet, sign, bound] =
    'atLeast' in goal ? [value >= goal.atLeast, '≥', goal.atLeast] : [value <= goal.atMost, '≤', goal.atMost]
  process.stdout.write(
    `${kindOf(unit)}  ${what}: ${spell(value)}${unit}  goal ${sign} ${bound}${unit}  ${isMet ? 'met' : 'NOT MET'}\n`,
  )
}

/** One line for what has no goal, in the same form. */
export function tellFigure(what: string, value: number, unit: string): void {
  process.stdout.write(`${kindOf(unit)}  ${what}: ${spell(value)}${unit}\n`)
}

const kindOf = (unit: string): string => (unit === '×' ? 'ratio ' : 'figure')
const spell = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)
