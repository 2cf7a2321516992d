import type { Database } from './database.ts'

const measureEveryMs = 60_000
/** Clocks this close are the same clock; correcting them would only add noise. */
const toleranceMs = 50

/**
 * The time by which everything is decided: our clock, corrected by what the database's says, so that several servers
 * agree on what is due.
 */
export class DatabaseClock {
  readonly #database: Database
  #offsetMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(database: Database) {
    this.#database = database
  }

  readonly now = (): Date => new Date(Date.now() + this.#offsetMs)

  async start(): Promise<void> {
    await this.#measure()
    this.#timer = setInterval(() => this.#measure().catch(() => undefined), measureEveryMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #measure(): Promise<void> {
    const before = Date.now()
    const theirs = await this.#database.ping()
    const offsetMs = theirs.getTime() - (before + Date.now()) / 2
    this.#offsetMs = Math.abs(offsetMs) > toleranceMs ? Math.round(offsetMs) : 0
  }
}
