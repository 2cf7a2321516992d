import type { CodeMessage, SendResult } from '#messaging/core/send.ts'
import type { Failure } from '#messaging/core/failure.ts'
import type { Receipt } from '#messaging/core/news.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { readReference } from '#messaging/core/reference.ts'
import { applyNews } from '#verification/flows/apply-receipts.ts'
import type { History, Seen } from './history.ts'

export const died = new Error('the server died here')

const failure = (reason: Failure['reason']): Failure => ({
  reason,
  providerCode: 'x',
  detail: '',
  alert: false,
  fallback: reason !== 'identity_changed',
})

export interface Surroundings {
  readonly now: () => number
  readonly note: (what: string) => void
  readonly codeOf: (verificationId: string) => string
  readonly later: (history: History, delayMs: number, run: () => Promise<void>) => void
}

/** The world outside: takes a message, or not, or takes it and loses the answer. */
export const createProvider =
  ({ now, note, codeOf, later }: Surroundings) =>
  async (history: History, message: CodeMessage, sender: Sender): Promise<SendResult> => {
    const deliveryId = readReference(message.reference)?.deliveryId as string
    const seen = history.deliveries.get(deliveryId) as Seen
    const { answer, receipts } = history.script.send(seen, seen.tries++)
    note(`provider: ${answer}`)
    if (answer === 'refused') return { outcome: 'refused', failure: failure('not_reachable_on_channel') }
    if (answer === 'changed') return { outcome: 'refused', failure: failure('identity_changed') }
    if (answer === 'down') return { outcome: 'deferred', retryAfterMs: 1000, failure: failure('provider_unavailable') }
    seen.messages++
    const verificationId = history.verifications[seen.verification] as string
    if (message.code !== codeOf(verificationId)) history.faults.push('a message carried another code')
    const providerMessageId = `m-${deliveryId}`
    for (const { status, isChanged, delayMs, isNamed } of receipts) {
      const receipt: Receipt = {
        ...(isNamed && { reference: message.reference }),
        providerMessageId,
        status,
        at: new Date(now()),
        raw: {},
        ...(status === 'failed' && { failure: failure(isChanged ? 'identity_changed' : 'unspecified') }),
      }
      const tell = async (): Promise<void> => {
        for (const fate of await applyNews(history.outside, sender, [{ kind: 'receipt', receipt }]))
          if (typeof fate === 'object') throw fate.error
      }
      if (delayMs > 0) later(history, delayMs, tell)
      else {
        note('receipts before the answer')
        await tell()
      }
    }
    if (answer === 'lost') return { outcome: 'unknown', detail: 'lost' }
    if (answer === 'died') throw died
    if (answer === 'held') return { outcome: 'refused', providerMessageId, failure: failure('held') }
    return { outcome: 'accepted', providerMessageId }
  }
