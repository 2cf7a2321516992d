import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseClock } from './database-clock.ts'

/** A database whose clock is ahead; each answer waits first, as for a connection, and the last wait comes again. */
function databaseOf(aheadMs: number, waits: number[]): { ping(): Promise<Date>; waits: number[] } {
  return {
    waits,
    async ping() {
      const wait = this.waits.length > 1 ? (this.waits.shift() as number) : (this.waits[0] as number)
      await sleep(wait)
      return new Date(Date.now() + aheadMs)
    },
  }
}

const offsetOf = (clock: DatabaseClock): number => Math.round((clock.now().getTime() - Date.now()) / 10) * 10

describe('the clock of the database', () => {
  it('is followed when it differs from ours, and not when it is the same', async () => {
    for (const [ahead, wanted] of [
      [4000, 4000],
      [-90_000, -90_000],
      [20, 0],
    ] as const) {
      const clock = new DatabaseClock(databaseOf(ahead, [0]))
      await clock.measure()
      assert.equal(offsetOf(clock), wanted)
    }
  })

  it('is not what a reading says that had to wait for a connection', async () => {
    // Half of 400 ms, the error of a reading that waits before it asks, is far beyond what is tolerated.
    const waiting = new DatabaseClock(databaseOf(0, [400, 0]))
    await waiting.measure()
    assert.equal(offsetOf(waiting), 0)
  })

  it('stays as it was known while every reading is slow', async () => {
    const database = databaseOf(4000, [0])
    const clock = new DatabaseClock(database)
    await clock.measure()
    database.waits = [120]
    await clock.measure()
    assert.equal(offsetOf(clock), 4000)
  })
})
