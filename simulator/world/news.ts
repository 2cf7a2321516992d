import { createHmac } from 'node:crypto'
import { Agent, request } from 'undici'
import type { SimulatorClock } from './clock.ts'

/** Something to tell a business: how it is put into a body, and how the body is signed. */
export interface News {
  readonly url: string
  readonly secret: string
  readonly signatureHeader: string
  readonly userAgent: string
  /** News of one kind and URL travel together. */
  readonly kind: string
  readonly item: unknown
  /** The body of several items. */
  readonly compose: (items: readonly unknown[]) => unknown
  readonly itemsMax: number
}

export interface WebhookQueue {
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

export function createWebhookQueue(
  clock: SimulatorClock,
  retryDelaysMs: readonly number[] = retryDelaysDefaultMs,
): WebhookQueue {
  const agent = new Agent({
    connections: 32,
    pipelining: 1,
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
    connect: { timeout: 3000 },
  })
  const batches = new Map<string, News[]>()
  const underWay = new Set<Promise<void>>()
  let waiting = 0
  let delivered = 0
  let isClosed = false

  const post = async (news: News, body: string): Promise<boolean> => {
    try {
      const answer = await request(news.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': news.userAgent,
          [news.signatureHeader]: `sha256=${createHmac('sha256', news.secret).update(body).digest('hex')}`,
        },
        body,
        dispatcher: agent,
      })
      await answer.body.dump()
      return answer.statusCode === 200
    } catch {
      return false
    }
  }

  const deliver = (news: readonly News[], retry: number): void => {
    const [first] = news
    if (!first || isClosed) return
    const body = spellJson(first.compose(news.map(({ item }) => item)))
    const running: Promise<void> = post(first, body).then((isTaken) => {
      underWay.delete(running)
      const delay = queue.retryDelaysMs[retry]
      if (isTaken) delivered += news.length
      if (isTaken || delay === undefined) waiting -= news.length
      else clock.setTimer(clock.now() + delay, () => deliver(news, retry + 1))
    })
    underWay.add(running)
  }

  const add = (news: News): void => {
    const key = `${news.kind} ${news.url}`
    const batch = batches.get(key)
    if (batch && batch.length < news.itemsMax) {
      batch.push(news)
      return
    }
    const fresh = [news]
    batches.set(key, fresh)
    clock.setTimer(clock.now() + batchWithinMs, () => {
      if (batches.get(key) === fresh) batches.delete(key)
      deliver(fresh, 0)
    })
  }

  const queue: WebhookQueue = {
    retryDelaysMs,
    enqueue(news, delayMs = 0) {
      // What nobody takes is lost in the end, as on the real platform.
      if (waiting >= waitingMax || isClosed) return
      waiting++
      if (delayMs > 0) clock.setTimer(clock.now() + delayMs, () => add(news))
      else add(news)
    },
    async settled() {
      await Promise.all(underWay)
    },
    async close() {
      isClosed = true
      await queue.settled()
      await agent.close()
    },
    get delivered() {
      return delivered
    },
  }
  return queue
}

/** As Meta spells it: ASCII only, lower-case escapes, and slashes escaped too. */
const spellJson = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replaceAll(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
