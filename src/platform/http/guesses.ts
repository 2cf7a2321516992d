import { neighbourhoodOf } from '#platform/core/address-range.ts'

/** Wrong keys by where they came from. */
export interface Guesses {
  /** Seconds until another key is tried for this address; 0: now. */
  waitSeconds(address: string): number
  /** A key was wrong. */
  count(address: string): void
}

interface GuessesOptions {
  readonly max: number
  readonly windowMs: number
  /** Addresses that are remembered; the ones that guessed longest ago go first. */
  readonly addressesMax: number
  readonly now: () => number
}

/** So many wrong keys in a window, then none until it ends, the right one neither: an answer would tell which it is. */
export function createGuesses({ max, windowMs, addressesMax, now }: GuessesOptions): Guesses {
  const windows = new Map<string, { readonly until: number; count: number }>()
  return {
    waitSeconds(address) {
      const window = windows.get(neighbourhoodOf(address))
      if (!window || window.count < max || window.until <= now()) return 0
      return Math.ceil((window.until - now()) / 1000)
    },
    count(address) {
      const name = neighbourhoodOf(address)
      const before = windows.get(name)
      const window = before && before.until > now() ? before : { until: now() + windowMs, count: 0 }
      window.count++
      windows.delete(name)
      windows.set(name, window)
      const [oldest] = windows.keys()
      if (windows.size > addressesMax && oldest !== undefined) windows.delete(oldest)
    },
  }
}
