import type { NewsListener } from '#messaging/core/news.ts'
import type { Sender } from '#messaging/core/sender.ts'

/** Keeps the number that a provider tells of a sender. */
export const createKeepOwnNumber =
  (keep: (sender: Sender, number: string) => Promise<void>): NewsListener =>
  async (sender, items) =>
    Promise.all(
      items.map(async (item) => {
        if (item.kind !== 'own_number') return 'not_mine'
        return keep(sender, item.number).then(
          () => 'kept' as const,
          (error: unknown) => ({ error }),
        )
      }),
    )
