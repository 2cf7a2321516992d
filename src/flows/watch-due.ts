import { catchUp } from './apply-receipts.ts'
import { moveOn } from './move-on.ts'
import type { World } from './ports.ts'

const dueSetMax = 200
/** Pushes a claimed due time this far, so that another server takes over when this one dies in between. */
const leaseSeconds = 5
/** A queued delivery this old has lost its server. */
const graceSeconds = 2
const abandonedEveryMs = 1000
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
 * Drives what time drives. The verification's row is the job: every server claims due rows by skip-locked, so they
 * share the work, and a restart in the middle of a timer loses nothing.
 */
export function watchDue(world: World, options: DueWatchOptions): DueWatch {
  let isStopped = false
  let wake: () => void = () => undefined
  let lastSweepMs = 0

  const round = async (): Promise<number> => {
    const due = await world.engine.claimDue(dueSetMax, leaseSeconds)
    const pickedAt = world.now().getTime()
    await Promise.all(
      due.map(async ({ dueAt, ...key }) => {
        options.onPicked?.(pickedAt - dueAt.getTime())
        await moveOn(world, key, { kind: 'due' }).catch(options.onError)
      }),
    )
    if (pickedAt - lastSweepMs >= abandonedEveryMs) {
      lastSweepMs = pickedAt
      for (const key of await world.engine.claimAbandoned(graceSeconds, dueSetMax)) {
        world.perform({ kind: 'dispatch', delivery: key })
      }
      await catchUp(world)
    }
    if (due.length === dueSetMax) return 0
    const next = await world.engine.nextDueAt()
    return next ? Math.min(sleepLongestMs, Math.max(0, next.getTime() - world.now().getTime())) : sleepLongestMs
  }

  const run = async (): Promise<void> => {
    while (!isStopped) {
      const sleepMs = await round().catch((error: unknown) => {
        options.onError(error)
        return sleepLongestMs
      })
      if (!isStopped && sleepMs > 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
          setTimeout(resolve, sleepMs)
        })
      }
    }
  }

  const running = run()
  return {
    async stop() {
      isStopped = true
      wake()
      await running
    },
  }
}
