import { messagingRefusals } from '#messaging/core/refusals.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { Refusal } from '#platform/core/refusal.ts'
import type { Failure } from '#messaging/core/failure.ts'
import type { Callback, NewsItem, Receipt, ReceiptStatus } from '#messaging/core/news.ts'
import { readPart } from '#messaging/core/read-part.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { parseCallback } from '#messaging/providers/callback-json.ts'
import { vendorId } from '#messaging/providers/vendor-text.ts'
import { storableJson } from '#platform/core/storable-text.ts'
import { isSameSecret } from '#platform/net/same-secret.ts'
import { configOf, type SmsHttpConfig } from './config.ts'
import { judgeCode, spellCode } from './errors.ts'
import { valueAt } from './json-path.ts'

/** Receipts as the configuration describes them; one object a POST, or a list of them, bare or wrapped, JSON or form. */
export function readNews(callback: Callback, sender: Sender): Iterable<NewsItem> {
  const config = configOf(sender)
  authenticate(callback, sender, config)
  const body = parse(callback)
  const { list_path: path } = config.receipts ?? {}
  const told = path === undefined ? body : valueAt(body, path)
  return itemsOf(Array.isArray(told) ? told : [told], config, callback.receivedAt)
}

function* itemsOf(told: readonly unknown[], config: SmsHttpConfig, receivedAt: Date): Generator<NewsItem> {
  for (const one of told)
    yield* readPart(() =>
      readReceipt(storableJson(one), config, receivedAt).map((receipt) => ({ kind: 'receipt', receipt })),
    )
}

/** Signed bytes, or a secret in the URL. A provider that can do neither gives no receipts. */
function authenticate(callback: Callback, sender: Sender, config: SmsHttpConfig): void {
  const { webhook: secret } = sender.secrets
  if (secret === undefined) throw new Refusal(platformRefusals.webhook_signature_invalid)
  const signature = config.receipts?.signature
  if (!signature) {
    if (!isSameSecret(callback.query['token'] ?? '', secret)) throw new Refusal(messagingRefusals.webhook_token_invalid)
    return
  }
  const { header, encoding = 'hex', prefix = '' } = signature
  const given = callback.headers[header.toLowerCase()] ?? ''
  const wanted = createHmac('sha256', secret).update(callback.body).digest()
  const bytes = Buffer.from(given.startsWith(prefix) ? given.slice(prefix.length) : '', encoding)
  if (bytes.length !== wanted.length || !timingSafeEqual(bytes, wanted))
    throw new Refusal(platformRefusals.webhook_signature_invalid)
}

function parse(callback: Callback): unknown {
  if (callback.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(Buffer.from(callback.body).toString('utf8')))
  return parseCallback(callback.body)
}

function readReceipt(told: unknown, config: SmsHttpConfig, receivedAt: Date): Receipt[] {
  const { receipts } = config
  if (!receipts) return []
  const read = (path: string | undefined): string | undefined => {
    const value = path === undefined ? undefined : valueAt(told, path)
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }
  const id = read(receipts.id_path)
  const word = read(receipts.status_path)
  const status =
    word !== undefined && Object.hasOwn(receipts.statuses, word)
      ? (receipts.statuses[word] as ReceiptStatus)
      : undefined
  if (id === undefined || word === undefined || !status) return []
  const code = read(receipts.error_path)
  const reference = read(receipts.reference_path)
  return [
    {
      ...(reference !== undefined && { reference }),
      providerMessageId: vendorId(id),
      status,
      at: timeOf(read(receipts.at_path)) ?? receivedAt,
      ...(status === 'failed' && { failure: failureOf(code, word, config) }),
      // A gateway may echo the text; what is kept says no more than what became of it.
      raw: { id, status: word, ...(code !== undefined && { error: spellCode(code) }) },
    },
  ]
}

const failureOf = (code: string | undefined, word: string, config: SmsHttpConfig): Failure =>
  judgeCode(code ?? word, config)?.failure ?? {
    reason: 'unspecified',
    providerCode: spellCode(code ?? word),
    detail: '',
    alert: false,
    fallback: true,
  }

function timeOf(text: string | undefined): Date | undefined {
  const at = /^\d{9,11}$/.test(text ?? '') ? new Date(Number(text) * 1000) : new Date(text ?? '')
  return Number.isNaN(at.getTime()) ? undefined : at
}
