import type { Charge } from './charge.ts'

/** What is kept of a counter. */
export interface Counter {
  /** As it stood at `at`. Below nothing: good times that are remembered. */
  readonly level: number
  readonly at: Date
  /** The sends that still count, oldest first; of a window only. */
  readonly times: readonly Date[]
}

/** How full a counter is now. */
export function usedOf(counter: Counter | undefined, charge: Pick<Charge, CountingMember>, now: Date): number {
  if (!counter) return 0
  const { falls, seconds, limit, creditMax } = charge
  const passed = (now.getTime() - counter.at.getTime()) / 1000
  switch (falls) {
    case 'window':
      return timesOf(counter, seconds, now).length
    case 'clock':
      return turnOf(counter.at, seconds) === turnOf(now, seconds) ? counter.level : 0
    case 'drain':
      return counter.level > 0
        ? Math.max(0, counter.level - (limit * passed) / seconds)
        : Math.min(0, counter.level + (creditMax * passed) / seconds)
  }
}

type CountingMember = 'falls' | 'seconds' | 'limit' | 'creditMax' | 'send'

export const isOver = (used: number, { limit }: Pick<Charge, 'limit'>): boolean => used + 1 > limit

/** The counter with one send more. */
export function spend(counter: Counter | undefined, charge: Pick<Charge, CountingMember>, now: Date): Counter {
  const { falls, seconds, send, creditMax } = charge
  const times = falls === 'window' ? [...timesOf(counter, seconds, now), now] : []
  return { level: Math.max(-creditMax, usedOf(counter, charge, now) + send), at: now, times }
}

/** Seconds until a send would fit in again. */
export function retryAfter(counter: Counter | undefined, charge: Pick<Charge, CountingMember>, now: Date): number {
  const { falls, seconds, limit } = charge
  const inMs = now.getTime()
  if (limit < 1) return seconds
  switch (falls) {
    case 'window': {
      const times = timesOf(counter, seconds, now)
      const leaves = times[Math.max(0, times.length - Math.floor(limit))]
      return leaves ? Math.ceil((leaves.getTime() - inMs) / 1000) + seconds : seconds
    }
    case 'clock':
      return Math.ceil((turnOf(now, seconds) + 1) * seconds - inMs / 1000)
    case 'drain':
      return Math.ceil(((usedOf(counter, charge, now) + 1 - limit) * seconds) / limit)
  }
}

const turnOf = (at: Date, seconds: number): number => Math.floor(at.getTime() / 1000 / seconds)

const timesOf = (counter: Counter | undefined, seconds: number, now: Date): readonly Date[] =>
  (counter?.times ?? []).filter((at) => at.getTime() > now.getTime() - seconds * 1000)
