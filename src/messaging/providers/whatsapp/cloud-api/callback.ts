import { createHmac, timingSafeEqual } from 'node:crypto'
import { messagingRefusals } from '#messaging/core/refusals.ts'
import type { Callback, NewsItem } from '#messaging/core/news.ts'
import { readPart } from '#messaging/core/read-part.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { parseCallback } from '#messaging/providers/callback-json.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { storableJson } from '#platform/core/storable-text.ts'
import { isSameSecret } from '#platform/net/same-secret.ts'
import { readNotice } from './account-news.ts'
import { configOf, secretsOf } from './config.ts'
import { type Fields, fieldsOf, timeOf, wordOf } from './fields.ts'
import { type Contacts, contactsOf, readInbound } from './inbound.ts'
import { readError, readStatus } from './status.ts'

/** The GET with which Meta asks whether the URL is ours. */
export function answerHandshake(callback: Callback, sender: Sender): { status: number; body: string } | undefined {
  if (callback.method !== 'GET' || callback.query['hub.mode'] !== 'subscribe') return undefined
  const { verify_token: wanted } = secretsOf(sender)
  if (!isSameSecret(callback.query['hub.verify_token'] ?? '', wanted))
    throw new Refusal(messagingRefusals.webhook_token_invalid)
  const challenge = callback.query['hub.challenge'] ?? ''
  // It is echoed: nothing but what Meta sends may come back.
  if (!/^[\w-]{1,200}$/.test(challenge)) throw new Refusal(platformRefusals.body_invalid)
  return { status: 200, body: challenge }
}

/** What one POST tells, whose bytes are signed with HMAC-SHA-256 under the app secret. */
export function readNews(callback: Callback, sender: Sender, siblings: readonly Sender[] = []): Iterable<NewsItem> {
  const signature = /^sha256=([0-9a-f]{64})$/i.exec(callback.headers['x-hub-signature-256'] ?? '')?.[1]
  const wanted = createHmac('sha256', secretsOf(sender).app_secret).update(callback.body).digest()
  if (signature === undefined || !timingSafeEqual(Buffer.from(signature, 'hex'), wanted)) {
    throw new Refusal(platformRefusals.webhook_signature_invalid)
  }
  const { app_secret: secret } = secretsOf(sender)
  // Of the same app: what is signed for this one is signed for those.
  const others = siblings.filter((one) => isSameSecret(secretsOf(one).app_secret, secret))
  return itemsOf(fieldsOf(parseCallback(callback.body)), [sender, ...others], callback.receivedAt)
}

/** Meta sends up to a thousand updates in one POST, spread over entries and changes. */
function* itemsOf(body: Fields, senders: Signed, receivedAt: Date): Generator<NewsItem> {
  for (const entry of eachOf(body['entry'])) {
    const at = timeOf(entry['time']) ?? receivedAt
    for (const change of eachOf(entry['changes'])) {
      const value = fieldsOf(change['value'])
      yield* readPart(() =>
        change['field'] === 'messages'
          ? itemsOfNumber(value, senders, at)
          : readNotice(storableJson({ field: wordOf(change['field']), value }), at),
      )
    }
  }
}

/** Whose URL it came to, and after it the others whose signature it bears. */
type Signed = readonly [Sender, ...Sender[]]

/** An account may send the news of all its numbers to one URL. */
function* itemsOfNumber(value: Fields, [sender, ...others]: Signed, at: Date): Generator<NewsItem> {
  const to = isOfNumber(value, sender) ? undefined : others.find((one) => isOfNumber(value, one))
  if (!to) yield* itemsOfMessages(value, sender, at)
  else for (const item of itemsOfMessages(value, to, at)) yield { kind: 'handed', to, item }
}

/** One by one, so that a bad item spoils no other, and nobody waits while thousands are read. */
function* itemsOfMessages(value: Fields, sender: Sender, at: Date): Generator<NewsItem> {
  const isOurs = isOfNumber(value, sender)
  if (isOurs) yield* ownNumber(value, sender)
  else yield otherNumber(value, at)
  for (const status of eachOf(value['statuses'])) yield* readPart(() => readStatus(storableJson(status), sender))
  const contacts: Contacts = contactsOf(storableJson(listOfFew(value['contacts'])))
  for (const message of eachOf(value['messages'])) {
    // A denial names a message of ours, whichever number it is told of.
    for (const item of readPart(() => readInbound(storableJson(message), contacts, sender)))
      if (isOurs || item.kind === 'denial' || item.kind === 'unread') yield item
  }
  for (const error of eachOf(value['errors'])) yield { kind: 'fault', failure: readError(storableJson(error), sender) }
}

function* eachOf(value: unknown): Generator<Fields> {
  if (Array.isArray(value)) for (const one of value) yield fieldsOf(one)
}

const listOfFew = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** What is said to one number of an account is not said to another. */
function isOfNumber(value: Fields, sender: Sender): boolean {
  const { phone_number_id: told } = fieldsOf(value['metadata'])
  return told === undefined || told === configOf(sender).phone_number_id
}

/** Its config holds only an id of it; Meta prints it with or without a plus, and with what people write between digits. */
function* ownNumber(value: Fields, sender: Sender): Generator<NewsItem> {
  const { display_phone_number: shown } = fieldsOf(value['metadata'])
  if (typeof shown !== 'string' || !/^[+\d][\d\s().-]{7,24}$/.test(shown)) return
  const number = `+${shown.replaceAll(/\D/g, '')}`
  if (number !== sender.ownNumber) yield { kind: 'own_number', number }
}

const otherNumber = (value: Fields, at: Date): NewsItem => ({
  kind: 'notice',
  notice: {
    kind: 'other_number',
    check: 'webhook',
    state: 'problem',
    at,
    detail: `Meta sent news of the number with the id ${wordOf(storableJson(fieldsOf(value['metadata'])['phone_number_id'])).slice(0, 40)} here; nothing of it is kept.`,
    mend: 'Give each number a URL of its own: `centang senders subscribe`, or POST /{phone_number_id} with webhook_configuration; add a sender for the other number.',
  },
})
