/** One connection, lent to one round at a time; what it is asked at once it answers in that order. */
export interface Lane {
  query(name: string, text: string, values: unknown[]): Promise<Record<string, unknown>[]>
}

export interface Statement<Row, Answer> {
  readonly name: string
  /** Rows that share a key never stand in the same set; the later one waits for the next. */
  conflictKeys(row: Row): readonly string[]
  /** How long a row that nobody waits for may be held back to fill a set, in milliseconds. Absent: not at all. */
  patienceMs?(row: Row): number
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
  /** Runs while all that wait have patience. */
  timer: NodeJS.Timeout | undefined
}

export interface BinderOptions {
  /** Rows a set holds at most. 1 switches binding off. */
  readonly setSizeMax: number
  /** A lane is taken beside a busy one only when that one has been at its round for longer than this, in milliseconds. */
  readonly lanePatienceMs: number
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
 * Binds requests of the same moment into sets, and the sets of all statements into a round: it goes to one lane at once,
 * and each set is a transaction of its own. While the lane is busy, rows wait; the moment it is free, it takes all that has
 * come: an idle server adds no delay, a busy one forms larger sets by itself. Only rows nobody waits for are held back.
 *
 * One lane is the best as long as the database has something to compute: two share the same processors and halve the sets.
 * When it is slow (a lock, a disk, a network), the next lane helps.
 */
export class Binder {
  readonly #options: BinderOptions
  readonly #free: Lane[] = []
  readonly #queues: Queue[] = []
  #waitingCount = 0
  #isScheduled = false
  /** Rounds that have not used up the patience of the next lane. */
  #youngRounds = 0

  constructor(lanes: readonly Lane[], options: BinderOptions) {
    this.#options = options
    this.#free.push(...lanes)
  }

  get waitingCount(): number {
    return this.#waitingCount
  }

  /** Makes the function that runs one row of a statement. */
  bind<Row, Answer>(statement: Statement<Row, Answer>): (row: Row) => Promise<Answer> {
    const queue: Queue = { statement, waiting: [], timer: undefined }
    this.#queues.push(queue)
    return (row) =>
      new Promise<Answer>((resolve, reject) => {
        if (this.#waitingCount >= this.#options.waitingMax) {
          reject(this.#options.onOverload())
          return
        }
        this.#waitingCount++
        const waiting = { row, resolve: resolve as (answer: unknown) => void, reject, runs: 0 }
        this.#add(queue, waiting, statement.patienceMs?.(row) ?? 0)
      })
  }

  /** The first row's patience is that of all who come while it lasts; a row without ends it. */
  #add(queue: Queue, waiting: Waiting, patienceMs: number): void {
    queue.waiting.push(waiting)
    const isPatient = patienceMs > 0 && queue.waiting.length < this.#options.setSizeMax
    if (isPatient && queue.timer) return
    if (isPatient && queue.waiting.length === 1) {
      queue.timer = setTimeout(() => this.#hurry(queue), patienceMs)
      return
    }
    this.#hurry(queue)
  }

  #hurry(queue: Queue): void {
    clearTimeout(queue.timer)
    queue.timer = undefined
    this.#schedule()
  }

  /** Rows that arrive in the same turn of the event loop belong together. */
  #schedule(): void {
    if (this.#isScheduled || this.#youngRounds > 0 || this.#free.length === 0) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#pump()
    })
  }

  #pump(): void {
    while (this.#youngRounds === 0 && this.#free.length > 0) {
      const queues = this.#queues.filter(({ waiting, timer }) => waiting.length > 0 && timer === undefined)
      if (queues.length === 0) return
      const lane = this.#free.pop() as Lane
      void this.#runRound(lane, queues).finally(() => {
        this.#free.push(lane)
        this.#pump()
      })
    }
  }

  async #runRound(lane: Lane, queues: readonly Queue[]): Promise<void> {
    const isOver = this.#ageRound()
    try {
      await Promise.all(queues.map((queue) => this.#runSet(lane, queue, this.#takeSet(queue))))
    } finally {
      isOver()
    }
  }

  /** Keeps the other lanes back as long as they have patience, or until the round ends and tells so. */
  #ageRound(): () => void {
    const { lanePatienceMs } = this.#options
    if (lanePatienceMs <= 0) return () => undefined
    this.#youngRounds++
    let isYoung = true
    const age = (): void => {
      if (isYoung) this.#youngRounds--
      isYoung = false
    }
    const timer = setTimeout(() => {
      age()
      this.#pump()
    }, lanePatienceMs)
    return () => {
      clearTimeout(timer)
      age()
    }
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

  /** Retried rows go to any free lane at once: their own round may take long, and newer rows must not hold them back. */
  #again(queue: Queue, waiting: Waiting): void {
    this.#waitingCount++
    queue.waiting.push(waiting)
    this.#hurry(queue)
  }
}
