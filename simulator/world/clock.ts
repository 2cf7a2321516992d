import { createQueueByTime, type QueueByTime } from './queue-by-time.ts'

export type Cancel = () => void

/** Time as the simulated world sees it; tests move it forward. */
export interface SimulatorClock {
  /** Unix milliseconds. */
  now(): number
  setTimer(at: number, run: () => void): Cancel
  /** Moves time forward and runs what falls due on the way, in order. */
  advance(ms: number): void
  readonly offsetMs: number
  /** Timers that have not run. */
  readonly timerCount: number
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
  handle: NodeJS.Timeout | undefined
}

/** @param options.startsAt a manual clock that starts here and stands still until it is advanced; absent: real time */
export function createClock(options: { readonly startsAt?: number } = {}): SimulatorClock {
  const { startsAt } = options
  const isManual = startsAt !== undefined
  const timers = new Set<Timer>()
  let offsetMs = 0
  let order = 0
  /** While time is moved forward: what falls due on the way, also what was set on the way. */
  let ahead: QueueByTime<Timer> | undefined

  const base = (): number => (isManual ? startsAt : Date.now())
  const now = (): number => base() + offsetMs

  const fire = (timer: Timer): void => {
    if (!timers.delete(timer)) return
    clearTimeout(timer.handle)
    timer.run()
  }
  const arm = (timer: Timer): void => {
    if (isManual) return
    clearTimeout(timer.handle)
    timer.handle = setTimeout(() => fire(timer), Math.max(0, timer.at - now()))
    // A world nobody looks at any more does not keep a process alive.
    timer.handle.unref()
  }

  return {
    now,
    get offsetMs() {
      return offsetMs
    },
    get timerCount() {
      return timers.size
    },
    setTimer(at, run) {
      const timer: Timer = { at, order: order++, run, handle: undefined }
      timers.add(timer)
      arm(timer)
      ahead?.push(timer)
      return () => {
        timers.delete(timer)
        clearTimeout(timer.handle)
      }
    },
    advance(ms) {
      const target = now() + ms
      const queue = createQueueByTime<Timer>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order))
      for (const timer of timers) queue.push(timer)
      ahead = queue
      for (let due = queue.shift(); due && due.at <= target; due = queue.shift()) {
        if (!timers.has(due)) continue
        offsetMs += Math.max(0, due.at - now())
        fire(due)
      }
      ahead = undefined
      offsetMs += Math.max(0, target - now())
      for (const timer of timers) arm(timer)
    },
  }
}
