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
  /** How many wait in memory at most, over all queues. All stand in the database too: a sweep brings back the rest. */
  readonly waitingMax: number
  readonly onError: (error: unknown, task: Task) => void
}

interface Queue {
  readonly add: (task: Task) => void
  readonly reserve: () => Room | undefined
  /** Drops the waiting tasks that may be left. */
  readonly leave: () => void
  readonly running: () => readonly Promise<void>[]
}

interface QueueOptions {
  readonly concurrencyMax: number
  readonly onError: QueuesOptions['onError']
  /** Asks for a place to wait in, of those that all queues share; `onTaken` gives it back. */
  readonly mayWait: () => boolean
  readonly onTaken: () => void
  readonly onEmpty: () => void
}

/** Tasks by their keys, so many under way at once, and room that is kept for those that are being decided on. */
function openQueue({ concurrencyMax, onError, mayWait, onTaken, onEmpty }: QueueOptions): Queue {
  const waiting = new Map<string, Task>()
  // Tasks that run, by their keys, and room that is held, which has none yet. Two of one key may run: one came by room.
  const underWay = new Map<Promise<void>, string | undefined>()
  const isFull = (): boolean => underWay.size >= concurrencyMax

  const take = (task: Task): void => {
    waiting.delete(task.key)
    onTaken()
  }
  const begin = (task: Task): void => {
    // Async, so that what throws at once is told as what throws later.
    const running: Promise<void> = (async () => task.run())()
      .catch((error: unknown) => onError(error, task))
      .finally(() => {
        underWay.delete(running)
        pump()
      })
    underWay.set(running, task.key)
  }
  const pump = (): void => {
    for (const task of waiting.values()) {
      if (isFull()) return
      // The same again while it is under way is not the same: it comes after it.
      if ([...underWay.values()].includes(task.key)) continue
      take(task)
      begin(task)
    }
    if (underWay.size === 0) onEmpty()
  }

  return {
    add(task) {
      if (waiting.has(task.key) || !mayWait()) return
      waiting.set(task.key, task)
      pump()
    },
    reserve() {
      if (isFull()) return undefined
      const { promise, resolve } = Promise.withResolvers<void>()
      underWay.set(promise, undefined)
      const end = (): void => {
        underWay.delete(promise)
        resolve()
      }
      return {
        take(task) {
          end()
          // A server that stops does it too: it was decided on, and nobody else will.
          begin(task)
        },
        giveBack() {
          end()
          pump()
        },
      }
    },
    leave() {
      for (const task of waiting.values()) if (task.isLeftAtStop) take(task)
    },
    running: () => [...underWay.keys()],
  }
}

/** Queues that appear with their first task and go with their last; one that is slow holds up no other. */
export function createQueues({ concurrencyMax, waitingMax, onError }: QueuesOptions): Queues {
  const queues = new Map<string, Queue>()
  const timers = new Set<NodeJS.Timeout>()
  let waitingCount = 0
  let isStopped = false

  const queueOf = (name: string): Queue => {
    const found = queues.get(name)
    if (found) return found
    const queue = openQueue({
      concurrencyMax: concurrencyMax(name),
      onError,
      mayWait() {
        if (waitingCount >= waitingMax) return false
        waitingCount++
        return true
      },
      onTaken: () => waitingCount--,
      onEmpty: () => queues.delete(name),
    })
    queues.set(name, queue)
    return queue
  }
  const enqueue = (name: string, task: Task): void => {
    if (!(isStopped && task.isLeftAtStop)) queueOf(name).add(task)
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
    reserve: (name) => (isStopped ? undefined : queueOf(name).reserve()),
    async drain() {
      isStopped = true
      for (const timer of timers) clearTimeout(timer)
      for (const queue of queues.values()) queue.leave()
      // A task that ends may have another one follow it, in another queue.
      for (;;) {
        const running = [...queues.values()].flatMap((queue) => queue.running())
        if (running.length === 0) return
        await Promise.all(running)
      }
    },
  }
}
