import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from './connection.ts'
import { type Flow, flowOf, type Pending, type Target } from './flows.ts'
import { type Latency, latencyOf } from './statistics.ts'

/** The load generator: a process of its own, so that its CPU is told apart from that of the servers. */
export interface LoadPlan {
  readonly target: Target
  readonly warmUpSeconds: number
  readonly seconds: number
  /** Numbers of the recipients begin here; no two loads of a database may share one. */
  readonly firstNumber: number
  readonly load:
    /** Each connection starts its next flow when the one before is done; a check follows `lag` starts later. */
    | { readonly kind: 'closed'; readonly connections: number; readonly lag: number }
    /**
     * Flows come by chance at this rate, however slow the answers are; a check follows `thinkMs` after its start. A
     * request that finds all of the pool's connections in use waits for one, and its wait counts.
     */
    | { readonly kind: 'open'; readonly flowsPerSecond: number; readonly thinkMs: number }
    /** So many starts unmeasured, then their checks alone. */
    | { readonly kind: 'checks'; readonly connections: number; readonly count: number }
}

export interface LoadResult {
  /** Checks answered within the window. */
  readonly flows: number
  readonly seconds: number
  readonly start: Latency
  readonly check: Latency
}

export type LoadMessage =
  | { readonly kind: 'measuring' }
  | { readonly kind: 'measured' }
  | { readonly kind: 'done'; readonly result: LoadResult }
  | { readonly kind: 'failed'; readonly detail: string }

const post = (message: LoadMessage): void => {
  process.send?.(message)
}

class Recorder {
  readonly starts: number[] = []
  readonly checks: number[] = []
  #beganAt = 0
  #endedAt = 0
  #isOn = false

  begin(): void {
    this.#isOn = true
    this.#beganAt = performance.now()
    post({ kind: 'measuring' })
  }

  end(): void {
    this.#isOn = false
    this.#endedAt = performance.now()
    post({ kind: 'measured' })
  }

  /** @param since when the request was sent, or in an open load when it should have been */
  add(to: number[], since: number): void {
    if (this.#isOn) to.push(performance.now() - since)
  }

  result(): LoadResult {
    const seconds = (this.#endedAt - this.#beganAt) / 1000
    return { flows: this.checks.length, seconds, start: latencyOf(this.starts), check: latencyOf(this.checks) }
  }
}

async function run(plan: LoadPlan): Promise<LoadResult> {
  const flow = flowOf(plan.target)
  const recorder = new Recorder()
  switch (plan.load.kind) {
    case 'closed':
      await closedLoad(plan, plan.load, flow, recorder)
      break
    case 'open':
      await openLoad(plan, plan.load, flow, recorder)
      break
    case 'checks':
      await checksOnly(plan, plan.load, flow, recorder)
      break
  }
  return recorder.result()
}

const openConnections = (port: number, count: number): Promise<Connection[]> =>
  Promise.all(Array.from({ length: count }, () => Connection.open(port)))

async function closedLoad(
  { target, firstNumber, warmUpSeconds, seconds }: LoadPlan,
  { connections: count, lag }: { connections: number; lag: number },
  flow: Flow,
  recorder: Recorder,
): Promise<void> {
  const connections = await openConnections(target.port, count)
  let n = firstNumber
  let isOver = false

  const work = async (connection: Connection): Promise<void> => {
    const pending: Pending[] = []
    const checkOldest = async (): Promise<void> => {
      const from = performance.now()
      await flow.check(connection, pending.shift() as Pending)
      recorder.add(recorder.checks, from)
    }
    while (!isOver) {
      const from = performance.now()
      pending.push(await flow.start(connection, n++))
      recorder.add(recorder.starts, from)
      if (pending.length > lag) await checkOldest()
    }
    // None is left pending: its timers would fall into somebody else's round.
    while (pending.length > 0) await checkOldest()
  }

  const working = Promise.all(connections.map(work))
  const clock = async (): Promise<void> => {
    await sleep(warmUpSeconds * 1000)
    recorder.begin()
    await sleep(seconds * 1000)
    recorder.end()
    isOver = true
  }
  await Promise.all([working, clock()])
  for (const connection of connections) connection.close()
}

/** What one client of the API keeps open in an open load. */
const poolSize = 128

async function openLoad(
  { target, firstNumber, warmUpSeconds, seconds }: LoadPlan,
  { flowsPerSecond, thinkMs }: { flowsPerSecond: number; thinkMs: number },
  flow: Flow,
  recorder: Recorder,
): Promise<void> {
  const idle = await openConnections(target.port, poolSize)
  const waiting: ((connection: Connection) => void)[] = []
  const underWay = new Set<Promise<void>>()
  const onConnection = async <Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> => {
    const connection = idle.pop() ?? (await new Promise<Connection>((resolve) => waiting.push(resolve)))
    const result = await work(connection)
    const next = waiting.shift()
    if (next) next(connection)
    else idle.push(connection)
    return result
  }
  const one = async (n: number, due: number): Promise<void> => {
    const pending = await onConnection((connection) => flow.start(connection, n))
    recorder.add(recorder.starts, due)
    await sleep(thinkMs)
    const from = performance.now()
    await onConnection((connection) => flow.check(connection, pending))
    recorder.add(recorder.checks, from)
  }

  const from = performance.now()
  const measureAt = from + warmUpSeconds * 1000
  const endAt = measureAt + seconds * 1000
  let isMeasuring = false
  let hasFailed = false
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  failed.catch(() => (hasFailed = true))
  let due = from
  for (let n = firstNumber; due < endAt && !hasFailed; n++) {
    // Exponential gaps make a Poisson process: real people do not take turns.
    due += (-Math.log(1 - Math.random()) * 1000) / flowsPerSecond
    const waitMs = due - performance.now()
    if (waitMs > 0.5) await sleep(waitMs)
    if (!isMeasuring && due >= measureAt) {
      isMeasuring = true
      recorder.begin()
    }
    const running: Promise<void> = one(n, due)
      .catch(fail)
      .finally(() => underWay.delete(running))
    underWay.add(running)
  }
  recorder.end()
  await Promise.race([failed, Promise.all(underWay)])
  for (const connection of idle) connection.close()
}

async function checksOnly(
  { target, firstNumber, seconds }: LoadPlan,
  { connections: count, count: starts }: { connections: number; count: number },
  flow: Flow,
  recorder: Recorder,
): Promise<void> {
  const connections = await openConnections(target.port, count)
  const pending: Pending[] = []
  let n = firstNumber
  const everywhere = (work: (connection: Connection) => Promise<void>): Promise<void[]> =>
    Promise.all(connections.map(work))
  await everywhere(async (connection) => {
    while (n < firstNumber + starts) pending.push(await flow.start(connection, n++))
  })
  // What follows from the starts is to be over before the checks are measured.
  await sleep(1000)
  recorder.begin()
  const until = performance.now() + seconds * 1000
  await everywhere(async (connection) => {
    while (pending.length > 0 && performance.now() < until) {
      const from = performance.now()
      await flow.check(connection, pending.pop() as Pending)
      recorder.add(recorder.checks, from)
    }
  })
  recorder.end()
  await everywhere(async (connection) => {
    while (pending.length > 0) await flow.check(connection, pending.pop() as Pending)
    connection.close()
  })
}

process.once('message', (plan: LoadPlan) => {
  run(plan).then(
    (result) => {
      post({ kind: 'done', result })
      process.disconnect()
    },
    (error: unknown) => {
      post({ kind: 'failed', detail: (error as Error).message })
      process.exit(1)
    },
  )
})
