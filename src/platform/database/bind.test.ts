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

  /** Notes when it is run on which lane, and answers when it is told to. */
  function heldStatement(name: string) {
    const runs: { readonly lane: Lane; readonly count: number; readonly answer: () => void }[] = []
    const statement: Statement<Row, number> = {
      name,
      conflictKeys: () => [],
      run: (onLane, rows) =>
        new Promise((resolve) =>
          runs.push({ lane: onLane, count: rows.length, answer: () => resolve(rows.map(() => 0)) }),
        ),
    }
    return { runs, statement }
  }
  const lanes: Lane[] = [{ query: async () => [] }, { query: async () => [] }]
  const row = { key: 'a', value: 1 }

  /** Until all has happened that takes no time. */
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await new Promise((done) => setImmediate(done))
  }

  it('sends the sets of all statements to one lane as one round, and the next when all are answered', async () => {
    const binder = new Binder(lanes, { ...options, lanePatienceMs: 60_000 })
    const [first, second] = [heldStatement('first'), heldStatement('second')]
    const [runFirst, runSecond] = [binder.bind(first.statement), binder.bind(second.statement)]
    const answered = [runFirst(row), runFirst(row), runSecond(row)]
    await settle()
    assert.deepEqual([first.runs.map(({ count }) => count), second.runs.map(({ count }) => count)], [[2], [1]])
    assert.equal(first.runs[0]?.lane, second.runs[0]?.lane)
    answered.push(runFirst(row))
    first.runs[0]?.answer()
    await settle()
    assert.equal(first.runs.length, 1, 'the second statement is still under way')
    second.runs[0]?.answer()
    await settle()
    first.runs[1]?.answer()
    await Promise.all(answered)
  })

  it('takes the next lane while one has been at its round for too long, and not before', async ({ mock }) => {
    mock.timers.enable({ apis: ['setTimeout'] })
    const { runs, statement } = heldStatement('slow')
    const run = new Binder(lanes, { ...options, setSizeMax: 1, lanePatienceMs: 100 }).bind(statement)
    const answered = [run(row), run(row)]
    await settle()
    mock.timers.tick(99)
    await settle()
    assert.equal(runs.length, 1)
    mock.timers.tick(1)
    await settle()
    assert.equal(runs.length, 2)
    assert.notEqual(runs[0]?.lane, runs[1]?.lane)
    for (const { answer } of runs) answer()
    await Promise.all(answered)
  })

  it('runs a row again on the next lane when its own is still at its round', async ({ mock }) => {
    mock.timers.enable({ apis: ['setTimeout'] })
    const held = heldStatement('held')
    const answers: [number | undefined][] = [[undefined], [1]]
    const answerOf: ((answer: (number | undefined)[]) => void)[] = []
    const binder = new Binder(lanes, options)
    const runAgain = binder.bind<Row, number>({
      name: 'again',
      conflictKeys: () => [],
      run: () => new Promise((resolve) => answerOf.push(resolve)),
    })
    const answered = [binder.bind(held.statement)(row), runAgain(row)]
    await settle()
    mock.timers.tick(options.lanePatienceMs)
    for (const [n, answer] of answers.entries()) {
      answerOf[n]?.(answer)
      await settle()
    }
    assert.equal(answerOf.length, 2)
    held.runs[0]?.answer()
    assert.deepEqual(await Promise.all(answered), [0, 1])
  })

  it('lets rows that have patience wait for more of them, and for nobody once one has none', async ({ mock }) => {
    mock.timers.enable({ apis: ['setTimeout'] })
    const { runs, statement } = heldStatement('record')
    const run = new Binder(lanes, { ...options, lanePatienceMs: 60_000 }).bind({
      ...statement,
      patienceMs: ({ value }) => value,
    })
    const answered: Promise<number>[] = []
    for (let n = 0; n < 5; n++) {
      answered.push(run({ key: `${n}`, value: 100 }))
      await settle()
      mock.timers.tick(19)
    }
    await settle()
    assert.equal(runs.length, 0)
    mock.timers.tick(5)
    await settle()
    assert.deepEqual(
      runs.map(({ count }) => count),
      [5],
    )
    runs[0]?.answer()
    await Promise.all(answered)
    answered.push(run({ key: 'x', value: 60_000 }), run({ key: 'y', value: 0 }))
    await settle()
    assert.deepEqual(
      runs.map(({ count }) => count),
      [5, 2],
    )
    runs[1]?.answer()
    await Promise.all(answered)
  })
})
