import type { Database } from '#platform/database/database.ts'
import { forgetRest, keepPartitions } from '#platform/database/partitions.ts'
import { restOf } from '#platform/core/partition.ts'
import type { KeptData } from '#platform/module.ts'
import { repeat, type Repeating } from '#platform/work/repeat.ts'

const roundEveryMs = 60_000
/** Rows of one step, which is a transaction of its own. */
const stepRows = 1000
/** Steps of one class in a round, so that none keeps the others waiting; what is left is the next round's, at once. */
const stepsMax = 50
/** Between two steps, for those who wait for the disk. */
const restMs = 10

export interface KeepingTakes {
  readonly database: Database
  readonly now: () => Date
  readonly keeps: readonly KeptData[]
  readonly onForgotten: (name: string, rows: number) => void
  readonly onPartition: (what: 'made' | 'dropped', partition: string) => void
  readonly onError: (name: string, error: unknown) => void
}

/** Carries the periods out, again and again; every server does, and they share the work by locks. */
export const keepData = (takes: KeepingTakes): Repeating =>
  repeat(async (signal) => ((await keepOnce(takes, signal)) ? 0 : roundEveryMs), {
    sleepAfterErrorMs: roundEveryMs,
    onError: (error) => takes.onError('all', error),
  })

/**
 * Before anybody can ask: the first rows land in partitions of their time. Without one they land in that for the rest, so a
 * failure keeps no server from starting.
 */
export async function makePartitions({ database, now, keeps, onPartition, onError }: KeepingTakes): Promise<void> {
  for (const { name, keptForMs, partitioned = [] } of keeps)
    for (const table of partitioned)
      try {
        const { made } = await keepPartitions(database, table, { now: now(), keptForMs, dropsNone: true })
        for (const partition of made) onPartition('made', partition)
      } catch (error) {
        onError(name, error)
      }
}

/** One round over everything; true when there is more to forget. What fails with one class leaves the others alone. */
export async function keepOnce(takes: KeepingTakes, signal?: AbortSignal): Promise<boolean> {
  let hasMore = false
  for (const kept of takes.keeps) {
    if (signal?.aborted) return false
    try {
      await keepTables(takes, kept)
      hasMore = (await forgetRows(takes, kept, signal)) || hasMore
    } catch (error) {
      takes.onError(kept.name, error)
    }
  }
  return hasMore
}

async function keepTables({ database, now, onPartition }: KeepingTakes, kept: KeptData): Promise<void> {
  const { keptForMs, partitioned = [], beforeDrop } = kept
  for (const table of partitioned) {
    const { made, dropped } = await keepPartitions(database, table, {
      now: now(),
      keptForMs,
      ...(beforeDrop && { beforeDrop: (trx, name) => beforeDrop(trx, name, now()) }),
    })
    for (const name of made) onPartition('made', name)
    for (const name of dropped) onPartition('dropped', name)
  }
}

/** Steps until one has found less than it may take. */
async function forgetRows(
  { database, now, onForgotten }: KeepingTakes,
  { name, keptForMs, partitioned = [], beforeDrop, forget }: KeptData,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const before = new Date(now().getTime() - keptForMs)
  const steps = [
    ...(forget ? [() => forget(before, stepRows)] : []),
    ...partitioned.map((table) => async () => {
      if (beforeDrop) await database.asEngine((trx) => beforeDrop(trx, restOf(table.table), before))
      return forgetRest(database, table, before, stepRows)
    }),
  ]
  let hasMore = false
  for (const step of steps) {
    let taken = 0
    for (; taken < stepsMax && !signal?.aborted; taken++) {
      const { rows, hasMore: goesOn } = await step()
      if (rows > 0) onForgotten(name, rows)
      if (!goesOn) break
      await new Promise((done) => setTimeout(done, restMs))
    }
    hasMore ||= taken === stepsMax
  }
  return hasMore
}
