import { dayMs } from './kept.ts'

/** Days since 1970, by UTC: from the first that is in it to the first that is not. */
export interface PartitionRange {
  readonly from: number
  readonly to: number
}

/** Made so long ahead: a job that fails for a week is noticed before anything lands in the partition for the rest. */
const aheadDays = 7
/** A statement opens every partition of its table, so there are few: these of the period, one more that ends, one ahead. */
const partitionsOfPeriod = 4

export interface PartitionPlan {
  readonly make: readonly PartitionRange[]
  readonly drop: readonly PartitionRange[]
}

interface Standing {
  readonly existing: readonly PartitionRange[]
  /** The youngest row in the partition for the rest, if any: nothing can be made over it. */
  readonly youngestOfRest?: Date | undefined
}

/**
 * Which partitions a table lacks, and in which of them nothing is worth keeping any more. Ranges follow each other; a
 * gap stays where no server was at work for longer than they reached ahead. A period that was changed makes the next
 * ones wider or narrower.
 */
export function planPartitions({ existing, youngestOfRest }: Standing, now: Date, keptForMs: number): PartitionPlan {
  const today = dayOf(now)
  const width = Math.max(1, Math.ceil(keptForMs / dayMs / partitionsOfPeriod))
  const make: PartitionRange[] = []
  const free = youngestOfRest ? dayOf(youngestOfRest) + 1 : today
  let end = Math.max(...existing.map(({ to }) => to), today, free)
  for (; end <= today + aheadDays; end += width) make.push({ from: end, to: end + width })
  return { make, drop: existing.filter(({ to }) => to * dayMs <= now.getTime() - keptForMs) }
}

const dayOf = (time: Date): number => Math.floor(time.getTime() / dayMs)

/** `event_20261201_20261209`: where it begins and where it ends is read from its name. */
export const spellPartition = (table: string, { from, to }: PartitionRange): string =>
  `${table}_${spellDay(from)}_${spellDay(to)}`

/** Undefined: it is none of ours, as the one for the rest. */
export function readPartition(table: string, name: string): PartitionRange | undefined {
  const [, from, to] = /^_(\d{8})_(\d{8})$/.exec(name.slice(table.length)) ?? []
  return name.startsWith(table) && from !== undefined && to !== undefined
    ? { from: readDay(from), to: readDay(to) }
    : undefined
}

/** As the database reads them: `make_partition`. */
export const spellDates = ({ from, to }: PartitionRange): [from: string, to: string] => [spellDate(from), spellDate(to)]

const spellDate = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)

/** What fits into no partition. */
export const restOf = (table: string): string => `${table}_rest`

const spellDay = (day: number): string => spellDate(day).replaceAll('-', '')
const readDay = (spelled: string): number =>
  Date.UTC(Number(spelled.slice(0, 4)), Number(spelled.slice(4, 6)) - 1, Number(spelled.slice(6))) / dayMs

/** The lowest UUIDv7 of a moment (RFC 9562 §5.7): every id that was made before it is below. */
export function lowestIdAt(time: Date): string {
  const hex = time.getTime().toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}
