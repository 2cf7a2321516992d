/** Something to do, by a key that says what: the same twice is done once. */
export interface Task {
  readonly key: string
  readonly run: () => Promise<void>
  /** Left undone by a server that stops: it stands in the database, and the next one finds it there. */
  readonly isLeftAtStop?: boolean
}

/** Room in a queue for one task that is still being decided on. Ends with exactly one of the two. */
export interface Room {
  take(task: Task): void
  giveBack(): void
}

export interface Queues {
  add(queue: string, task: Task, delayMs?: number): void
  /** Undefined while others wait in the same queue, because then it has none to spare, and of a server that stops. */
  reserve(queue: string): Room | undefined
  /** Does what waits and may not be left, and waits for what is under way and for room that is held. Delayed tasks go. */
  drain(): Promise<void>
}

export interface QueuesOptions {
  /** How many tasks of a queue are under way at once. */
  readonly concurrencyMax: (queue: string) => number
  /** What waits in memory at most, over all queues. Everything stands in the database too: a sweep brings back the rest. */
  readonly waitingMax: number
  readonly onError: (error: unknown, task: Task) => void
}

interface Queue {
  readonly concurrencyMax: number
  readonly waiting: Map<string, Task>
  /** Tasks that run, by their keys, and room that is held, which has none yet. */
  readonly underWay: Map<Promise<void>, string | undefined>
}

/** Queues that appear with their first task and go with their last; one that is slow holds up no other. */
export function createQueues(options: QueuesOptions): Queues {
  const queues = new Map<string, Queue>()
  const timers = new Set<NodeJS.Timeout>()
  let waitingCount = 0
  let isStopped = false

  const queueOf = (name: string): Queue => {
    const found = queues.get(name)
    if (found) return found
    const concurrencyMax = options.concurrencyMax(name)
    const queue: Queue = { concurrencyMax, waiting: new Map(), underWay: new Map() }
    queues.set(name, queue)
    return queue
  }

  const pump = (name: string, queue: Queue): void => {
    for (const [key, task] of queue.waiting) {
      if (isFull(queue)) return
      // The same again while it is under way is not the same: it comes after it.
      if ([...queue.underWay.values()].includes(key)) continue
      queue.waiting.delete(key)
      waitingCount--
      begin(name, queue, task)
    }
    if (queue.underWay.size === 0) queues.delete(name)
  }

  const begin = (name: string, queue: Queue, task: Task): void => {
    const running: Promise<void> = task
      .run()
      .catch((error: unknown) => options.onError(error, task))
      .finally(() => {
        queue.underWay.delete(running)
        pump(name, queue)
      })
    queue.underWay.set(running, task.key)
  }

  const enqueue = (name: string, task: Task): void => {
    if (isStopped && task.isLeftAtStop) return
    const queue = queueOf(name)
    if (queue.waiting.has(task.key) || waitingCount >= options.waitingMax) return
    queue.waiting.set(task.key, task)
    waitingCount++
    pump(name, queue)
  }

  return {
    add(name, task, delayMs = 0) {
      if (delayMs <= 0) return enqueue(name, task)
      if (isStopped) return
      const timer = setTimeout(() => {
        timers.delete(timer)
        enqueue(name, task)
      }, delayMs)
      timers.add(timer)
    },
    reserve(name) {
      if (isStopped) return undefined
      const queue = queueOf(name)
      if (isFull(queue)) return undefined
      const end = hold(queue)
      return {
        take(task) {
          end()
          // Also of a server that stops: it was decided on, and nobody else will do it.
          begin(name, queue, task)
        },
        giveBack() {
          end()
          pump(name, queue)
        },
      }
    },
    async drain() {
      isStopped = true
      for (const timer of timers) clearTimeout(timer)
      for (const { waiting } of queues.values()) {
        for (const [key, { isLeftAtStop }] of waiting) if (isLeftAtStop && waiting.delete(key)) waitingCount--
      }
      // What ends may have something follow it, in another queue.
      for (;;) {
        const running = [...queues.values()].flatMap(({ underWay }) => [...underWay.keys()])
        if (running.length === 0) return
        await Promise.all(running)
      }
    },
  }
}

/** Answers how it ends. */
function hold(queue: Queue): () => void {
  const { promise, resolve } = Promise.withResolvers<void>()
  queue.underWay.set(promise, undefined)
  return () => {
    queue.underWay.delete(promise)
    resolve()
  }
}

const isFull = ({ underWay, concurrencyMax }: Queue): boolean => underWay.size >= concurrencyMax
