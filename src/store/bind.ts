/** One connection, lent to one set at a time. */
export interface Lane {
  query(name: string, text: string, values: unknown[]): Promise<Record<string, unknown>[]>
}

export interface Statement<Row, Answer> {
  readonly name: string
  /** Rows that share a key never stand in the same set; the later one waits for the next. */
  conflictKeys(row: Row): readonly string[]
  /** Runs one set; the answers in the order of the rows. `undefined` asks for the row to be run again. */
  run(lane: Lane, rows: readonly Row[]): Promise<(Answer | undefined)[]>
}

interface Waiting {
  readonly row: unknown
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
  runs: number
}

interface Queue {
  readonly statement: Statement<unknown, unknown>
  readonly waiting: Waiting[]
}

export interface BinderOptions {
  /** Rows a set holds at most. 1 switches binding off. */
  readonly setSizeMax: number
  /** Requests that may wait; beyond it new ones are refused at once. */
  readonly waitingMax: number
  readonly onOverload: () => Error
}

const sqlState = (error: unknown): string => {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : ''
}

/**
 * Serialisation failures and deadlocks roll back whole; the same row may simply be run again. So may one that was beaten
 * to a unique key by another server: the next run sees what that one committed.
 */
const isRepeatable = (error: unknown): boolean => ['40P01', '40001', '23505'].includes(sqlState(error))

/**
 * The statement itself failed and rolled back, so its rows may be run one by one. Without a SQLSTATE, or with one of
 * a lost connection or a stopping server, nobody knows whether it committed: nothing is repeated blindly.
 */
const isRolledBack = (error: unknown): boolean => !/^(|08...|57P..|53...)$/.test(sqlState(error))

const runsMax = 8

/**
 * Binds requests of the same moment into sets. While every lane is busy, rows wait; the moment one is free, it takes
 * what has come. There is no timer: an idle server adds no delay, a busy one forms larger sets by itself.
 */
export class Binder {
  readonly #options: BinderOptions
  readonly #free: Lane[] = []
  readonly #queues: Queue[] = []
  #waitingCount = 0
  #turn = 0
  #isScheduled = false

  constructor(lanes: readonly Lane[], options: BinderOptions) {
    this.#options = options
    this.#free.push(...lanes)
  }

  get waitingCount(): number {
    return this.#waitingCount
  }

  /** Makes the function that runs one row of a statement. */
  bind<Row, Answer>(statement: Statement<Row, Answer>): (row: Row) => Promise<Answer> {
    const queue: Queue = { statement, waiting: [] }
    this.#queues.push(queue)
    return (row) =>
      new Promise<Answer>((resolve, reject) => {
        if (this.#waitingCount >= this.#options.waitingMax) {
          reject(this.#options.onOverload())
          return
        }
        this.#waitingCount++
        queue.waiting.push({ row, resolve: resolve as (answer: unknown) => void, reject, runs: 0 })
        this.#schedule()
      })
  }

  /** Rows that arrive in the same turn of the event loop belong together. */
  #schedule(): void {
    if (this.#isScheduled || this.#free.length === 0) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#pump()
    })
  }

  #pump(): void {
    while (this.#free.length > 0) {
      const queue = this.#nextQueue()
      if (!queue) return
      const lane = this.#free.pop() as Lane
      const set = this.#takeSet(queue)
      void this.#runSet(lane, queue, set).finally(() => {
        this.#free.push(lane)
        this.#pump()
      })
    }
  }

  /** Statements take turns, so that a storm of receipts does not starve checks. */
  #nextQueue(): Queue | undefined {
    for (let step = 1; step <= this.#queues.length; step++) {
      const index = (this.#turn + step) % this.#queues.length
      const queue = this.#queues[index]
      if (queue && queue.waiting.length > 0) {
        this.#turn = index
        return queue
      }
    }
    return undefined
  }

  #takeSet(queue: Queue): Waiting[] {
    const set: Waiting[] = []
    const later: Waiting[] = []
    const taken = new Set<string>()
    let index = 0
    for (; index < queue.waiting.length && set.length < this.#options.setSizeMax; index++) {
      const waiting = queue.waiting[index] as Waiting
      const keys = queue.statement.conflictKeys(waiting.row)
      if (keys.some((key) => taken.has(key))) later.push(waiting)
      else set.push(waiting)
      // Also the keys of a row that waits: rows of one key keep their order.
      for (const key of keys) taken.add(key)
    }
    queue.waiting.splice(0, index, ...later)
    this.#waitingCount -= set.length
    return set
  }

  async #runSet(lane: Lane, queue: Queue, set: Waiting[]): Promise<void> {
    for (const waiting of set) waiting.runs++
    try {
      const answers = await queue.statement.run(
        lane,
        set.map(({ row }) => row),
      )
      // Rows that wait for each other are settled one a run: as long as one is, waiting is no fault.
      const isMoving = answers.some((answer) => answer !== undefined)
      for (const [index, waiting] of set.entries()) {
        if (isMoving) waiting.runs = 0
        this.#settle(queue, waiting, answers[index])
      }
    } catch (error) {
      if (set.length > 1 && isRolledBack(error)) {
        // Alone, only the row that is at fault fails.
        for (const waiting of set) await this.#runSet(lane, queue, [waiting])
        return
      }
      for (const waiting of set) {
        if (isRepeatable(error) && waiting.runs < runsMax) this.#again(queue, waiting)
        else waiting.reject(error)
      }
    }
  }

  #settle(queue: Queue, waiting: Waiting, answer: unknown): void {
    if (answer !== undefined) waiting.resolve(answer)
    else if (waiting.runs < runsMax) this.#again(queue, waiting)
    else waiting.reject(this.#options.onOverload())
  }

  #again(queue: Queue, waiting: Waiting): void {
    this.#waitingCount++
    queue.waiting.push(waiting)
  }
}
