import type { SimulatorClock } from './clock.ts'
import { createNewsPost, type News } from './post-news.ts'

export interface NewsQueue {
  enqueue(news: News, delayMs?: number): void
  /** When nothing is under way; what waits for its time is not. */
  settled(): Promise<void>
  close(): Promise<void>
  readonly delivered: number
  /** Pauses before what was not taken is tried again. */
  retryDelaysMs: readonly number[]
}

/** Meta goes on for days; a simulated world has less patience unless it is told to. */
const retryDelaysDefaultMs: readonly number[] = [500, 1000, 2000, 4000, 8000, 16_000, 32_000]
const batchWithinMs = 10
const waitingMax = 100_000
const waitingBytesMax = 64 * 1024 * 1024

/** What the simulated providers have to tell businesses, on its way to them. */
export function createNewsQueue(
  clock: SimulatorClock,
  retryDelaysMs: readonly number[] = retryDelaysDefaultMs,
): NewsQueue {
  const post = createNewsPost()
  const underWay = new Set<Promise<void>>()
  let waiting = 0
  let waitingBytes = 0
  let delivered = 0
  let isClosed = false

  const leave = (batch: Batch): void => {
    waiting -= batch.length
    for (const { item } of batch) waitingBytes -= bytesOf(item)
  }
  const deliver = (batch: Batch, retry: number): void => {
    if (isClosed) return
    const running: Promise<void> = post.send(batch).then((isTaken) => {
      underWay.delete(running)
      const delay = queue.retryDelaysMs[retry]
      if (isTaken) delivered += batch.length
      if (isTaken || delay === undefined) leave(batch)
      else clock.setTimer(clock.now() + delay, () => deliver(batch, retry + 1))
    })
    underWay.add(running)
  }
  const gather = createGatherer(clock, (batch) => deliver(batch, 0))

  const queue: NewsQueue = {
    retryDelaysMs,
    enqueue(news, delayMs = 0) {
      // What nobody takes is lost in the end, as on the real platform.
      const bytes = bytesOf(news.item)
      if (waiting >= waitingMax || waitingBytes + bytes > waitingBytesMax || isClosed) return
      waiting++
      waitingBytes += bytes
      if (delayMs > 0) clock.setTimer(clock.now() + delayMs, () => gather(news))
      else gather(news)
    },
    async settled() {
      await Promise.all(underWay)
    },
    async close() {
      isClosed = true
      await queue.settled()
      await post.close()
    },
    get delivered() {
      return delivered
    },
  }
  return queue
}

/** In memory, a character may take two. */
const bytesOf = (item: unknown): number => JSON.stringify(item).length * 2

type Batch = [News, ...News[]]

/** Binds news of one kind and URL that come within a moment into one batch. */
function createGatherer(clock: SimulatorClock, onBatch: (batch: Batch) => void): (news: News) => void {
  const batches = new Map<string, Batch>()
  return (news) => {
    const key = `${news.kind} ${news.url}`
    const batch = batches.get(key)
    if (batch && batch.length < news.itemsMax) {
      batch.push(news)
      return
    }
    const fresh: Batch = [news]
    batches.set(key, fresh)
    clock.setTimer(clock.now() + batchWithinMs, () => {
      if (batches.get(key) === fresh) batches.delete(key)
      onBatch(fresh)
    })
  }
}
