import type { Database } from './database.ts'

const measureEveryMs = 60_000
/** Clocks this close are the same clock; correcting them would only add noise. */
const toleranceMs = 50
/** A slower answer had to wait, for a connection or on the way, and nobody knows on which side of the reading. */
const roundTripMaxMs = 50
const readingsMax = 5

/**
 * The time by which everything is decided: our clock, corrected by what the database's says, so that several servers
 * agree on what is due.
 */
export class DatabaseClock {
  readonly #database: Pick<Database, 'ping'>
  #offsetMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(database: Pick<Database, 'ping'>) {
    this.#database = database
  }

  readonly now = (): Date => new Date(Date.now() + this.#offsetMs)

  async start(): Promise<void> {
    await this.measure()
    this.#timer = setInterval(() => this.measure().catch(() => undefined), measureEveryMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** The quickest of a few readings; when none was quick, what was known before stays. */
  async measure(): Promise<void> {
    let best: Reading | undefined
    for (let count = 0; count < readingsMax; count++) {
      const reading = await this.#read()
      if (best === undefined || reading.roundTripMs < best.roundTripMs) best = reading
      // Half a round trip is the most that it can be wrong by.
      if (best.roundTripMs < toleranceMs / 10) break
    }
    if (best === undefined || best.roundTripMs > roundTripMaxMs) return
    this.#offsetMs = Math.abs(best.offsetMs) > toleranceMs ? Math.round(best.offsetMs) : 0
  }

  async #read(): Promise<Reading> {
    const before = performance.now()
    const theirs = await this.#database.ping()
    const roundTripMs = performance.now() - before
    return { roundTripMs, offsetMs: theirs.getTime() - (Date.now() - roundTripMs / 2) }
  }
}

interface Reading {
  readonly roundTripMs: number
  readonly offsetMs: number
}
