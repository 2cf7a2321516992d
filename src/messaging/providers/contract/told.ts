import type { NewsItem } from '#messaging/core/news.ts'

type Of<Kind extends NewsItem['kind']> = Extract<NewsItem, { kind: Kind }>

/** What a callback told, by kind; for tests. */
export function told(news: Iterable<NewsItem>) {
  const items = [...news]
  const of = <Kind extends NewsItem['kind']>(kind: Kind): Of<Kind>[] =>
    items.filter((item): item is Of<Kind> => item.kind === kind)
  return {
    items,
    receipts: of('receipt').map((one) => one.receipt),
    denials: of('denial').map((one) => one.denial),
    messages: of('message').map((one) => one.message),
    changes: of('person').map((one) => one.change),
    identities: of('identity').map((one) => one.identity),
    faults: of('fault').map((one) => one.failure),
    notices: of('notice').map((one) => one.notice),
    unreadable: of('unreadable').map((one) => one.what),
  }
}
