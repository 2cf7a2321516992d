import { Counter, type Registry } from 'prom-client'
import type { Logger } from 'pino'
import type { CloudApiNews } from '#messaging/providers/whatsapp/cloud-api-webhook.ts'
import { spellId } from '#platform/core/id.ts'
import type { Failure, Send, Sender, WebhookNews } from '#messaging/core/channel.ts'
import { messagingIds } from '#messaging/core/ids.ts'

export interface SenderAlerts {
  watchSend<Message>(send: Send<Message>): Send<Message>
  watchNews(news: CloudApiNews, sender: Sender): WebhookNews
}

/** A sender that fails fails at every message; one line an hour says as much as one a message. */
const againAfterMs = 3_600_000

/**
 * Tells the operator of what only a person can mend: an expired token, a paused template, a locked account. Each
 * verification has gone on to its next channel by then, so nobody else would notice.
 */
export function createSenderAlerts(
  log: Pick<Logger, 'error' | 'warn'>,
  registry: Registry,
  now: () => number = Date.now,
): SenderAlerts {
  const count = new Counter({
    name: 'centang_sender_alerts_total',
    help: 'Failures that stay until somebody acts, and faults of a whole account.',
    labelNames: ['channel', 'provider', 'reason'],
    registers: [registry],
  })
  /** When each sender and code was last told. */
  const told = new Map<string, number>()

  const tell = ({ id, channel, provider }: Sender, { alert, reason, providerCode, detail }: Failure): void => {
    count.inc({ channel, provider, reason })
    const key = `${id} ${reason} ${providerCode}`
    if (now() - (told.get(key) ?? -Infinity) < againAfterMs) return
    told.set(key, now())
    const sender = spellId(messagingIds.sender, id)
    log[alert ? 'error' : 'warn'](
      { sender, provider, reason, providerCode, detail },
      alert
        ? `messages of this sender fail until somebody acts; examine a WhatsApp sender with: centang doctor ${sender}`
        : 'the provider reports a fault of the account',
    )
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
