import { messagingIds } from '#messaging/core/ids.ts'
import { spellId } from '#platform/core/id.ts'
import type { Failure } from '#messaging/core/failure.ts'
import type { NewsFate, NewsItem, NewsListener } from '#messaging/core/news.ts'
import type { SenderNotice } from '#messaging/core/notice.ts'
import { reasonText } from '#messaging/core/reasons.ts'
import type { Send } from '#messaging/core/send.ts'
import type { Sender } from '#messaging/core/sender.ts'

/** What alerts need of the outside. */
export interface AlertSurroundings {
  readonly log: Record<'error' | 'warn', (fields: object, text: string) => void>
  /** Counts every failure, also those of which the log was told a moment ago. */
  readonly count: (sender: Sender, failure: Failure) => void
  /** Whether `centang doctor` has something to say about it. */
  readonly canExamine: (sender: Sender) => boolean
  /** Keeps what is shown of a sender. */
  readonly keepNotice: (sender: Sender, notice: SenderNotice) => Promise<void>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface SenderAlerts {
  watchSend<Message>(send: Send<Message>): Send<Message>
  /** What a callback told, as a module that keeps what is to be shown of it. */
  takeNews: NewsListener
}

/** A sender that fails fails at every message; one line an hour says as much as one a message. */
const againAfterMs = 3_600_000
/** What is remembered of which was told when; a server of very many senders tells some twice rather than growing. */
const toldMax = 10_000

/**
 * Tells the operator of what only a person can mend: an expired token, a paused template, a locked account. Each
 * verification has gone on to its next channel by then, so nobody else would notice.
 */
export function createSenderAlerts(surroundings: AlertSurroundings): SenderAlerts {
  const { log, count, canExamine, now, keepNotice } = surroundings
  const isNews = createHourly(now)

  const tell = (sender: Sender, failure: Failure): void => {
    count(sender, failure)
    const { alert, reason, providerCode, detail, mend, isUnknown } = failure
    // Whoever makes codes up, or Meta with many new ones, gets one line for all of them.
    const code = isUnknown === true ? 'unknown' : providerCode
    if (!isNews(`${sender.id} ${reason} ${code}`)) return
    const id = spellId(messagingIds.sender, sender.id)
    const fields = { sender: id, provider: sender.provider, reason, providerCode, detail, ...(mend && { mend }) }
    if (!alert) return log.warn(fields, 'the provider reports a fault of the account')
    const next = canExamine(sender) ? `; examine it with: centang doctor ${id}` : ''
    log.error(fields, `messages of this sender fail until somebody acts${next}`)
    const said = [providerCode, detail].filter((one) => one !== '').join(': ')
    keepNotice(sender, {
      kind: 'failing',
      check: `sending ${isUnknown === true ? 'unknown' : `${reason} ${providerCode}`}`.trim(),
      state: 'problem',
      detail: said === '' ? reasonText(reason) : said,
      mend: mend ?? reasonText(reason),
      at: new Date(now()),
    }).catch((error: unknown) => log.error({ sender: id, err: error }, 'a notice of a sender was not kept'))
  }

  const takeNotice = async (sender: Sender, notice: SenderNotice): Promise<NewsFate> => {
    await keepNotice(sender, notice)
    const { kind, check, state, detail, mend } = notice
    if (state === 'ok' || !isNews(`${sender.id} ${kind} ${check} ${detail}`)) return 'kept'
    const id = spellId(messagingIds.sender, sender.id)
    const fields = { sender: id, provider: sender.provider, check, detail, ...(mend !== undefined && { mend }) }
    log[state === 'problem' ? 'error' : 'warn'](fields, 'the provider tells of a sender')
    return 'kept'
  }

  const take = async (sender: Sender, item: NewsItem): Promise<NewsFate> => {
    if (item.kind === 'notice') return takeNotice(sender, item.notice)
    if (item.kind === 'receipt' && item.receipt.failure?.alert) tell(sender, item.receipt.failure)
    if (item.kind !== 'fault') return 'not_mine'
    tell(sender, item.failure)
    return 'kept'
  }

  return {
    watchSend: (send) => async (message, sender) => {
      const result = await send(message, sender)
      if ('failure' in result && result.failure.alert) tell(sender, result.failure)
      return result
    },
    async takeNews(sender, items) {
      const fates: NewsFate[] = []
      for (const item of items) fates.push(await take(sender, item).catch((error: unknown) => ({ error })))
      return fates
    },
  }
}

/** Whether something was not told in the last hour; asking is telling. */
function createHourly(now: () => number): (key: string) => boolean {
  /** In the order of telling: the oldest first. */
  const told = new Map<string, number>()
  return (key) => {
    if (now() - (told.get(key) ?? -Infinity) < againAfterMs) return false
    told.delete(key)
    told.set(key, now())
    for (const [old, at] of told) {
      if (told.size <= toldMax && now() - at < againAfterMs) break
      told.delete(old)
    }
    return true
  }
}
