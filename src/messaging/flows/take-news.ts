import type { NewsFate, NewsItem, NewsListener } from '#messaging/core/news.ts'
import { readPart } from '#messaging/core/read-part.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { isForGood, isPassing } from '#platform/core/passing-fault.ts'

/** What taking news needs of the outside. */
export interface NewsTakes {
  /** The modules that news may be about. */
  readonly listeners: () => readonly NewsListener[]
  /** Lets whatever else waits have its turn. */
  readonly yieldToOthers: () => Promise<void>
  /** Told of an item that is lost for good. */
  readonly onLost: (sender: Sender, item: NewsItem, error: unknown) => void
  /** Told of items that a fault of ours keeps out: they come again until it is mended, or the vendor gives up. */
  readonly onFault: (sender: Sender, faults: readonly Fault[]) => void
}

export interface Fault {
  readonly item: NewsItem
  readonly error: unknown
}

/** Items that are handled together; others have their turn after each slice. */
export const sliceSize = 200

/**
 * Hands on what a callback told, slice by slice, however much it is. Each item is kept by itself, whatever becomes of those
 * beside it. An item is lost only when it can never be kept: its data can't be stored, a refusal of ours says no, or it lacks
 * what makes it one. Anything else comes again, because of a database that is away or of a fault of ours: what is kept by then
 * is kept once.
 * @returns what stood in the way of items that may be kept later, so that the vendor is to come again; undefined when
 * every one is kept, or never can be
 */
export async function takeNews(takes: NewsTakes, sender: Sender, news: Iterable<NewsItem>): Promise<unknown> {
  let obstacle: unknown
  for (const { to, items } of slicesOf(sender, news, sliceSize)) {
    const failed = await takeSlice(takes, to, items)
    for (const { item, error } of failed.filter(isLost)) takes.onLost(to, item, error)
    const toCome = failed.filter((one) => !isLost(one))
    const faults = toCome.filter(({ error }) => !isPassing(error))
    if (faults.length > 0) takes.onFault(to, faults)
    obstacle ??= toCome[0]?.error
    // The database is away for the rest as well, and they all come again.
    if (toCome.length - faults.length === items.length) return obstacle
    await takes.yieldToOthers()
  }
  return obstacle
}

const isLost = ({ item, error }: Fault): boolean => item.kind === 'unreadable' || isForGood(error)

/** Of each item that was not kept, what stood in the way; what may pass goes before what is for good. */
async function takeSlice(takes: NewsTakes, sender: Sender, slice: readonly NewsItem[]): Promise<Fault[]> {
  const told = await Promise.all(
    takes
      .listeners()
      .map((listen) => listen(sender, slice).catch((error: unknown): NewsFate[] => slice.map(() => ({ error })))),
  )
  return slice.flatMap((item, index): Fault[] => {
    if (item.kind === 'unreadable') return [{ item, error: new TypeError(item.what) }]
    if (item.kind === 'unread') return [{ item, error: item.error }]
    const errors = told.flatMap((fates) => {
      const fate = fates[index]
      return typeof fate === 'object' ? [fate.error] : []
    })
    if (errors.length === 0) return []
    return [{ item, error: errors.find(isPassing) ?? errors.find((error) => !isForGood(error)) ?? errors[0] }]
  })
}

interface Slice {
  readonly to: Sender
  readonly items: NewsItem[]
}

/** Each for one sender. Where reading breaks off, what was read before it is kept all the same. */
function* slicesOf(sender: Sender, news: Iterable<NewsItem>, size: number): Generator<Slice> {
  let slice: Slice = { to: sender, items: [] }
  for (const told of readPart(() => news)) {
    const { to, item } = told.kind === 'handed' ? told : { to: sender, item: told }
    if (slice.items.length === size || (slice.items.length > 0 && slice.to !== to)) {
      yield slice
      slice = { to, items: [] }
    }
    slice = { to, items: slice.items }
    slice.items.push(item)
  }
  if (slice.items.length > 0) yield slice
}
