import { messagingIds } from '#messaging/core/ids.ts'
import { spellId } from '#platform/core/id.ts'
import type { Failure } from '#messaging/core/failure.ts'
import type { CallbackNews } from '#messaging/core/news.ts'
import type { Send } from '#messaging/core/send.ts'
import type { Sender } from '#messaging/core/sender.ts'

/** What alerts need of the outside. */
export interface AlertSurroundings {
  readonly log: Record<'error' | 'warn', (fields: object, text: string) => void>
  /** Counts every failure, also those of which the log was told a moment ago. */
  readonly count: (sender: Sender, failure: Failure) => void
  /** Whether `centang doctor` has something to say about it. */
  readonly canExamine: (sender: Sender) => boolean
  /** Milliseconds of any clock. */
  readonly now: () => number
}

export interface SenderAlerts {
  watchSend<Message>(send: Send<Message>): Send<Message>
  watchNews(news: CallbackNews, sender: Sender): CallbackNews
}

/** A sender that fails fails at every message; one line an hour says as much as one a message. */
const againAfterMs = 3_600_000

/**
 * Tells the operator of what only a person can mend: an expired token, a paused template, a locked account. Each
 * verification has gone on to its next channel by then, so nobody else would notice.
 */
export function createSenderAlerts({ log, count, canExamine, now }: AlertSurroundings): SenderAlerts {
  /** When each sender and code was last told. */
  const told = new Map<string, number>()

  const tell = (sender: Sender, failure: Failure): void => {
    count(sender, failure)
    const { alert, reason, providerCode, detail } = failure
    const key = `${sender.id} ${reason} ${providerCode}`
    if (now() - (told.get(key) ?? -Infinity) < againAfterMs) return
    told.set(key, now())
    const id = spellId(messagingIds.sender, sender.id)
    const fields = { sender: id, provider: sender.provider, reason, providerCode, detail }
    if (!alert) return log.warn(fields, 'the provider reports a fault of the account')
    const next = canExamine(sender) ? `; examine it with: centang doctor ${id}` : ''
    log.error(fields, `messages of this sender fail until somebody acts${next}`)
  }

  return {
    watchSend: (send) => async (message, sender) => {
      const result = await send(message, sender)
      if ('failure' in result && result.failure.alert) tell(sender, result.failure)
      return result
    },
    watchNews(news, sender) {
      for (const { failure } of news.receipts) if (failure?.alert) tell(sender, failure)
      for (const failure of news.accountFailures ?? []) tell(sender, failure)
      return news
    },
  }
}
