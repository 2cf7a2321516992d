import type { NewsItem } from './news.ts'

/** What one part of a callback tells. Where reading it fails, that is an item too, and whatever stands beside it is read. */
export function* readPart(read: () => Iterable<NewsItem>): Generator<NewsItem> {
  try {
    yield* read()
  } catch (error) {
    yield { kind: 'unread', error }
  }
}
