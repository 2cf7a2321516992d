import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import fc from 'fast-check'
import { createLeased } from './leased.ts'
import { createQueues, type Task } from './queues.ts'
import { repeat } from './repeat.ts'

/** Lets everything go on that waits for nothing but its turn. */
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

const fails = (error: unknown): void => assert.fail(String(error))

/** Work that ends when it is told to. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { run: () => promise, open: resolve }
}

describe('repeating', () => {
  it('sleeps as long as the work asks for, and not at all after 0', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const sleeps = [0, 0, 500, 500]
      let count = 0
      const repeating = repeat(async () => sleeps[count++] ?? 10_000, { sleepAfterErrorMs: 1, onError: fails })
      await turns()
      assert.equal(count, 3)
      mock.timers.tick(499)
      await turns()
      assert.equal(count, 3)
      mock.timers.tick(1)
      await turns()
      assert.equal(count, 4)
      await repeating.stop()
    } finally {
      mock.timers.reset()
    }
  })

  it('goes on after an error, which is reported, and sleeps longer', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const errors: unknown[] = []
      let count = 0
      const fail = (): Promise<number> => (++count, Promise.reject(new Error('away')))
      const repeating = repeat(fail, { sleepAfterErrorMs: 2000, onError: (error) => errors.push(error) })
      await turns()
      mock.timers.tick(1999)
      await turns()
      assert.deepEqual([count, errors.length], [1, 1])
      mock.timers.tick(1)
      await turns()
      assert.deepEqual([count, errors.length], [2, 2])
      await repeating.stop()
    } finally {
      mock.timers.reset()
    }
  })

  it('wakes early for what it waits for, whether that ends well or not, and in time when nothing comes', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const [well, badly] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const sleeps = [well.promise, badly.promise, new Promise(() => undefined)]
      let count = 0
      const repeating = repeat(async () => ({ ms: 1000, orUntil: sleeps[count++] as Promise<unknown> }), {
        sleepAfterErrorMs: 1,
        onError: fails,
      })
      await turns()
      assert.equal(count, 1)
      well.resolve()
      await turns()
      assert.equal(count, 2)
      badly.reject(new Error('away'))
      await turns()
      assert.equal(count, 3)
      // The timers of the sleeps that ended early are gone: a thousand milliseconds count from here.
      mock.timers.tick(999)
      await turns()
      assert.equal(count, 3)
      const stopped = repeating.stop()
      await turns()
      await stopped
    } finally {
      mock.timers.reset()
    }
  })

  it('stops after the work that is under way, which is told of it, and from its sleep at once', async () => {
    const { run, open } = gate()
    let seen: AbortSignal | undefined
    const repeating = repeat(async (signal) => ((seen = signal), await run(), 1), {
      sleepAfterErrorMs: 1,
      onError: fails,
    })
    let isStopped = false
    const stopped = repeating.stop().then(() => (isStopped = true))
    await turns()
    assert.deepEqual([seen?.aborted, isStopped], [true, false])
    open()
    await stopped
    const asleep = repeat(async () => 1_000_000, { sleepAfterErrorMs: 1, onError: fails })
    await turns()
    await asleep.stop()
  })
})

describe('what is leased', () => {
  it('has room for so many, and says whose they are', async () => {
    const leased = createLeased<string>(2, fails)
    const [one, two] = [gate(), gate()]
    leased.begin('a', one.run)
    leased.begin('b', two.run)
    assert.deepEqual([leased.room(), leased.marks()], [0, ['a', 'b']])
    one.open()
    await leased.oneEnded()
    assert.deepEqual([leased.room(), leased.marks()], [1, ['b']])
    two.open()
    await leased.allEnded()
    await leased.oneEnded()
    assert.equal(leased.room(), 2)
  })

  it('fails by itself', async () => {
    const errors: unknown[] = []
    const leased = createLeased<number>(2, (error) => errors.push(error))
    leased.begin(1, () => Promise.reject(new Error('no')))
    await leased.allEnded()
    assert.deepEqual([errors.length, leased.room()], [1, 2])
  })
})

describe('queues', () => {
  const task = (key: string, run: Task['run'], isLeftAtStop = false): Task => ({ key, run, isLeftAtStop })
  const queuesOf = (concurrencyMax: number, waitingMax = 100) =>
    createQueues({ concurrencyMax: () => concurrencyMax, waitingMax, onError: fails })

  /** A task that a queue is given, or room that is asked for and, after some turns, used or given back. */
  const steps = fc.array(
    fc.record({
      queue: fc.constantFrom('a', 'b'),
      kind: fc.constantFrom('add', 'take', 'give back'),
      key: fc.constantFrom('x', 'y', 'z'),
      lastsTurns: fc.nat(4),
      isBad: fc.boolean(),
    }),
    { maxLength: 60 },
  )

  it('never do more of one at once than they may, whatever comes, and end with all of it done and all room free', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (concurrencyMax, all) => {
        const counts = { begun: 0, ended: 0, bad: 0, errors: 0, taken: 0 }
        const queues = createQueues({
          concurrencyMax: () => concurrencyMax,
          waitingMax: 100,
          onError: () => counts.errors++,
        })
        const underWay = new Map<string, number>()
        let highest = 0
        const count = (queue: string, by: number): void => {
          underWay.set(queue, (underWay.get(queue) ?? 0) + by)
          highest = Math.max(highest, underWay.get(queue) as number)
        }
        for (const { queue, kind, key, lastsTurns, isBad } of all) {
          const rest = async (): Promise<void> => {
            for (let turn = 0; turn < lastsTurns; turn++) await turns()
          }
          const run = async (): Promise<void> => {
            counts.begun++
            count(queue, 1)
            await rest()
            count(queue, -1)
            counts.ended++
            if (isBad) throw (counts.bad++, new Error('no'))
          }
          if (kind === 'add') {
            queues.add(queue, task(key, run))
            continue
          }
          const room = queues.reserve(queue)
          if (!room) continue
          count(queue, 1)
          void rest().then(() => {
            count(queue, -1)
            if (kind === 'give back') return room.giveBack()
            counts.taken++
            return room.take(task(key, run))
          })
        }
        await queues.drain()
        assert.ok(highest <= concurrencyMax, `${highest} at once`)
        assert.deepEqual(
          [...underWay.values()].filter((left) => left !== 0),
          [],
        )
        assert.deepEqual([counts.ended, counts.errors], [counts.begun, counts.bad])
        const hasWork = counts.taken > 0 || all.some(({ kind }) => kind === 'add')
        assert.equal(counts.begun > 0, hasWork)
      }),
      { numRuns: 300 },
    ))

  it('do the same once while it waits, and again after it while it is under way', async () => {
    const queues = queuesOf(1)
    const { run, open } = gate()
    let count = 0
    queues.add('q', task('first', run))
    for (let n = 0; n < 5; n++)
      queues.add(
        'q',
        task('same', async () => void count++),
      )
    open()
    await queues.drain()
    assert.equal(count, 1)
    const again = queuesOf(2)
    const held = gate()
    let runs = 0
    const twice = task('same', () => (++runs, held.run()))
    again.add('q', twice)
    again.add('q', twice)
    await turns()
    assert.equal(runs, 1)
    held.open()
    await again.drain()
    assert.equal(runs, 2)
  })

  it('leave out what is beyond what may wait', async () => {
    const queues = queuesOf(1, 2)
    const { run, open } = gate()
    const done: string[] = []
    queues.add('q', task('held', run))
    for (const key of ['a', 'b', 'c'])
      queues.add(
        'q',
        task(key, async () => void done.push(key)),
      )
    open()
    await queues.drain()
    assert.deepEqual(done, ['a', 'b'])
  })

  it('give room as long as nobody waits, take it back, and wait for who holds it', async () => {
    const queues = queuesOf(2)
    const [first, second] = [queues.reserve('q'), queues.reserve('q')]
    assert.ok(first && second)
    assert.equal(queues.reserve('q'), undefined)
    let isDone = false
    queues.add(
      'q',
      task('waits', async () => void (isDone = true)),
    )
    assert.equal(isDone, false)
    first.giveBack()
    await turns()
    assert.ok(isDone)
    let isDrained = false
    const drained = queues.drain().then(() => (isDrained = true))
    assert.equal(queues.reserve('q'), undefined)
    await turns()
    assert.ok(!isDrained)
    second.take(task('decided', async () => undefined, true))
    await drained
  })

  it('of a server that stops leave what may be left, and do the rest', async () => {
    const queues = queuesOf(1)
    const { run, open } = gate()
    const done: string[] = []
    const note = (key: string, isLeft: boolean): Task => task(key, async () => void done.push(key), isLeft)
    queues.add('q', task('held', run))
    queues.add('q', note('left', true))
    queues.add('q', note('done', false))
    queues.add('q', note('later', false), 1000)
    const drained = queues.drain()
    queues.add('q', note('left too', true))
    open()
    await drained
    assert.deepEqual(done, ['done'])
  })
})

it('what throws at once is told as what throws later, by every kind of work', async () => {
  const told: string[] = []
  const onError = (error: unknown): void => void told.push((error as Error).message)
  const throws = (what: string) => (): Promise<never> => {
    throw new Error(what)
  }
  const queues = createQueues({ concurrencyMax: () => 1, waitingMax: 9, onError })
  queues.add('q', { key: 'a', run: throws('task') })
  queues.add('q', { key: 'b', run: throws('next task') })
  queues.reserve('r')?.take({ key: 'c', run: throws('task of a room') })
  await queues.drain()
  const leased = createLeased<number>(1, onError)
  leased.begin(1, throws('leased'))
  await leased.allEnded()
  assert.equal(leased.room(), 1)
  const repeating = repeat(throws('repeated'), { sleepAfterErrorMs: 60_000, onError })
  await turns()
  await repeating.stop()
  assert.deepEqual(told.toSorted(), ['leased', 'next task', 'repeated', 'task', 'task of a room'])
})
