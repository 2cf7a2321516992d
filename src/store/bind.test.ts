import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Binder, type Lane, type Statement } from './bind.ts'

interface Row {
  readonly key: string
  readonly value: number
}

const lane: Lane = { query: async () => [] }
const options = { setSizeMax: 64, lanePatienceMs: 25, waitingMax: 1000, onOverload: () => new Error('busy') }
const stateError = (code: string) => Object.assign(new Error(code), { code })

/** Doubles values; notes the sets it was run with. */
const doubling = (sets: Row[][], act: (rows: readonly Row[]) => void = () => undefined): Statement<Row, number> => ({
  name: 'double',
  conflictKeys: (row) => [row.key],
  async run(_lane, rows) {
    sets.push([...rows])
    await sleep(2)
    act(rows)
    return rows.map(({ value }) => value * 2)
  },
})

describe('binding', () => {
  it('runs what comes in the same moment as one set, and answers each', async () => {
    const sets: Row[][] = []
    const double = new Binder([lane], options).bind(doubling(sets))
    const answers = await Promise.all(Array.from({ length: 50 }, (_, value) => double({ key: String(value), value })))
    assert.deepEqual(
      answers,
      Array.from({ length: 50 }, (_, value) => value * 2),
    )
    assert.equal(sets.length, 1)
  })

  it('never puts two rows of one key into a set, and keeps their order', async () => {
    const sets: Row[][] = []
    const double = new Binder([lane], options).bind(doubling(sets))
    await Promise.all(Array.from({ length: 30 }, (_, value) => double({ key: String(value % 3), value })))
    for (const set of sets) assert.equal(new Set(set.map(({ key }) => key)).size, set.length)
    const ofOne = sets
      .flat()
      .filter(({ key }) => key === '1')
      .map(({ value }) => value)
    assert.deepEqual(
      ofOne,
      ofOne.toSorted((a, b) => a - b),
    )
  })

  it('makes sets no larger than allowed, and one of each when switched off', async () => {
    const sets: Row[][] = []
    const double = new Binder([lane], { ...options, setSizeMax: 1 }).bind(doubling(sets))
    await Promise.all([1, 2, 3].map((value) => double({ key: String(value), value })))
    assert.deepEqual(
      sets.map((set) => set.length),
      [1, 1, 1],
    )
  })

  it('lets an error of one row be that row alone', async () => {
    const sets: Row[][] = []
    const double = new Binder([lane], options).bind(
      doubling(sets, (rows) => {
        if (rows.some(({ value }) => value === 13)) throw stateError('22P02')
      }),
    )
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, value) => double({ key: String(value), value })),
    )
    assert.deepEqual(
      answers.flatMap(({ status }, value) => (status === 'rejected' ? [value] : [])),
      [13],
    )
  })

  it('repeats nothing when nobody knows whether it was committed', async () => {
    const sets: Row[][] = []
    const double = new Binder([lane], options).bind(
      doubling(sets, () => {
        throw new Error('Connection terminated')
      }),
    )
    const answers = await Promise.allSettled([1, 2, 3].map((value) => double({ key: String(value), value })))
    assert.ok(answers.every(({ status }) => status === 'rejected'))
    assert.equal(sets.length, 1)
  })

  it('repeats a deadlock, which was rolled back whole', async () => {
    const sets: Row[][] = []
    let failures = 2
    const double = new Binder([lane], options).bind(
      doubling(sets, () => {
        if (failures-- > 0) throw stateError('40P01')
      }),
    )
    assert.equal(await double({ key: 'a', value: 4 }), 8)
    assert.equal(sets.length, 3)
  })

  it('refuses at once what is too much', async () => {
    const double = new Binder([lane], { ...options, waitingMax: 5 }).bind(doubling([]))
    const answers = await Promise.allSettled(
      Array.from({ length: 9 }, (_, value) => double({ key: String(value), value })),
    )
    assert.equal(answers.filter(({ status }) => status === 'rejected').length, 4)
  })
})
