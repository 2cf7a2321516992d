import type { NewsFate, NewsItem, NewsListener } from '#messaging/core/news.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { isForGood } from '#platform/core/passing-fault.ts'

/** What taking news needs of the outside. */
export interface NewsTakes {
  /** The modules that news may be about. */
  readonly listeners: () => readonly NewsListener[]
  /** Lets whatever else waits have its turn. */
  readonly yieldToOthers: () => Promise<void>
  /** Told of an item that is lost for good. */
  readonly onLost: (sender: Sender, item: NewsItem, error: unknown) => void
}

/** Items that are handled together; others have their turn after each slice. */
export const sliceSize = 200

/**
 * Hands on what a callback told, slice by slice, however much it is. Each item is kept by itself.
 * @returns what stood in the way of items that may be kept later, so that the vendor is to come again; undefined when
 * every one is kept, or never can be
 */
export async function takeNews(takes: NewsTakes, sender: Sender, news: Iterable<NewsItem>): Promise<unknown> {
  let obstacle: unknown
  for (const slice of slicesOf(news, sliceSize)) {
    const fates = await takeSlice(takes, sender, slice)
    const again = fates.filter(({ error, isLost }) => error !== undefined && !isLost)
    for (const { item, error, isLost } of fates) if (isLost) takes.onLost(sender, item, error)
    obstacle ??= again[0]?.error
    // The database is away for the rest as well, and they all come again.
    if (again.length === slice.length) return obstacle
    await takes.yieldToOthers()
  }
  return obstacle
}

interface Taken {
  readonly item: NewsItem
  /** What may yet go well, before what never will: a module that may yet keep it is asked again. */
  readonly error?: unknown
  /**
   * The database can never keep it, or nobody can read it. Whatever else goes wrong may be our own fault, and be mended
   * while the vendor still comes again; its neighbours are kept meanwhile.
   */
  readonly isLost?: boolean
}

async function takeSlice(takes: NewsTakes, sender: Sender, slice: readonly NewsItem[]): Promise<Taken[]> {
  const told = await Promise.all(
    takes
      .listeners()
      .map((listen) => listen(sender, slice).catch((error: unknown): NewsFate[] => slice.map(() => ({ error })))),
  )
  return slice.map((item, index) => {
    if (item.kind === 'unreadable') return { item, error: new TypeError(item.what), isLost: true }
    const errors = told.flatMap((fates) => {
      const fate = fates[index]
      return typeof fate === 'object' ? [fate.error] : []
    })
    const hope = errors.find((error) => !isForGood(error))
    return hope === undefined ? { item, error: errors[0], isLost: errors.length > 0 } : { item, error: hope }
  })
}

function* slicesOf<Item>(items: Iterable<Item>, size: number): Generator<Item[]> {
  let slice: Item[] = []
  for (const item of items) {
    slice.push(item)
    if (slice.length < size) continue
    yield slice
    slice = []
  }
  if (slice.length > 0) yield slice
}
