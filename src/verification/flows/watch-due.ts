import { catchUp } from './apply-receipts.ts'
import { createLeased } from '#platform/work/leased.ts'
import { repeat, type Sleep } from '#platform/work/repeat.ts'
import { type MoveTakes, moveOn } from './move-on.ts'
import type { Abandoned } from '#verification/core/engine.ts'
import type { Effect } from './outside.ts'

const dueSetMax = 200
/** Nothing is claimed while more moves than this are under way; these plus one set still finish well inside the lease. */
const underWayMax = 400
/** A due time set by another server may be as old as its statement took, and as its clock differs, when it is seen. */
const lookBackMs = 1000
/** Rows whose claim was lost may be older than `lookBackMs`; a full scan, this often, finds them. */
const lookFromTheStartEveryMs = 1000
/** Pushes a claimed due time this far, so that another server takes over when this one dies in between. */
const leaseSeconds = 5
/** A queued delivery this old has lost its server. */
const graceSeconds = 2
const sweepEveryMs = 1000
/** A due row that another transaction holds is not waited for by asking for it again and again. */
const sleepShortestMs = 10
/** Due times set by other servers are noticed after this at the latest. */
const sleepLongestMs = 500

export interface DueWatch {
  /** Lets what was claimed finish, and claims nothing more. */
  stop(): Promise<void>
}

export interface DueWatchOptions {
  readonly onError: (error: unknown) => void
  /** How late each due verification was picked, for the metrics. */
  readonly onPicked?: (latenessMs: number) => void
}

/**
 * Drives what time drives. The code's row is the job: every server claims due rows by skip-locked, so they
 * share the work, and a restart in the middle of a timer loses nothing.
 */
export function watchDue(outside: MoveTakes, options: DueWatchOptions): DueWatch {
  const moving = createLeased<string>(underWayMax + dueSetMax, options.onError)
  let lookedAt = 0
  let lookedFromTheStartAt = -Infinity

  /** Start of the scan. Seldom the oldest due time: dead index entries there are slow to read until vacuumed. */
  const lookFrom = (now: number): Date | undefined => {
    const isTime = Math.abs(now - lookedFromTheStartAt) >= lookFromTheStartEveryMs
    if (isTime) lookedFromTheStartAt = now
    const from = isTime ? undefined : new Date(lookedAt - lookBackMs)
    lookedAt = now
    return from
  }

  /** A round does not wait for its moves to finish, except when too many are under way. */
  const round = async (): Promise<Sleep> => {
    if (moving.room() < dueSetMax) return { ms: sleepLongestMs, orUntil: moving.oneEnded() }
    const from = lookFrom(outside.now().getTime())
    const due = await outside.engine.claimDue(dueSetMax, leaseSeconds, from)
    const pickedAt = outside.now().getTime()
    for (const { verification, dueAt } of due) {
      options.onPicked?.(pickedAt - dueAt.getTime())
      moving.begin(verification.id, async () => {
        await moveOn(outside, verification, { kind: 'due' }, { loaded: verification })
      })
    }
    if (due.length === dueSetMax) return 0
    const next = await outside.engine.nextDueAt(from)
    if (!next) return sleepLongestMs
    return Math.min(sleepLongestMs, Math.max(sleepShortestMs, next.getTime() - outside.now().getTime()))
  }

  const sweep = async (): Promise<number> => {
    for (const abandoned of await outside.engine.claimAbandoned(graceSeconds, dueSetMax)) {
      outside.perform(effectOf(abandoned))
    }
    await catchUp(outside)
    return sweepEveryMs
  }

  // Each on its own, so that no sweep delays a timer.
  const { onError } = options
  const timers = repeat(round, { sleepAfterErrorMs: sleepLongestMs, onError })
  const sweeps = repeat(sweep, { sleepAfterErrorMs: sweepEveryMs, onError })
  return {
    async stop() {
      await Promise.all([timers.stop(), sweeps.stop()])
      await moving.allEnded()
    },
  }
}

export const effectOf = (abandoned: Abandoned): Effect =>
  abandoned.needs === 'send'
    ? { kind: 'dispatch', delivery: abandoned.delivery }
    : {
        kind: 'move',
        code: abandoned.code,
        // Whether another channel may be tried is seen from the recorded reason.
        event: { kind: 'failed', deliveryId: abandoned.delivery.id, fallback: true },
      }
