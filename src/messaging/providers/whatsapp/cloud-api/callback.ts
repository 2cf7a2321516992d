import { messagingRefusals } from '#messaging/core/refusals.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { Refusal } from '#platform/core/refusal.ts'
import type { Denial, Callback, Receipt, ReceiptStatus, CallbackNews } from '#messaging/core/news.ts'
import type { Failure } from '#messaging/core/failure.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { vendorText } from '#messaging/providers/vendor-text.ts'
import { isSameSecret } from '#platform/net/same-secret.ts'
import { configOf, secretsOf } from './config.ts'
import { readMessage } from './chat.ts'
import { judgeGraphError } from './errors.ts'
import { type Fields, fieldsOf, listOf, timeOf } from './fields.ts'

/** Payload of the button under authentication messages. */
const denialPayload = 'DID_NOT_REQUEST_CODE'

const statuses: readonly string[] = ['sent', 'delivered', 'read', 'failed'] satisfies ReceiptStatus[]

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

/** Statuses, denials and faults of the account of one POST, whose bytes are signed with HMAC-SHA-256 under the app secret. */
export function readNews(callback: Callback, sender: Sender): CallbackNews {
  const signature = /^sha256=([0-9a-f]{64})$/i.exec(callback.headers['x-hub-signature-256'] ?? '')?.[1]
  const wanted = createHmac('sha256', secretsOf(sender).app_secret).update(callback.body).digest()
  if (signature === undefined || !timingSafeEqual(Buffer.from(signature, 'hex'), wanted)) {
    throw new Refusal(platformRefusals.webhook_signature_invalid)
  }
  const values = valuesOf(parse(callback.body))
  const written = values.flatMap((value) => listOf(value['messages']))
  const denials = written.flatMap(readDenial)
  const messages = values
    .filter((value) => isOfNumber(value, sender))
    .flatMap((value) =>
      listOf(value['messages'])
        .filter((one) => !isDenial(one))
        .flatMap(readMessage),
    )
  const accountFailures = values.flatMap((value) => listOf(value['errors']).map(readError))
  return {
    receipts: values.flatMap((value) => listOf(value['statuses']).flatMap(readStatus)),
    denials,
    ...(messages.length > 0 && { messages }),
    ...(accountFailures.length > 0 && { accountFailures }),
  }
}

function parse(body: Uint8Array): Fields {
  try {
    return fieldsOf(JSON.parse(Buffer.from(body).toString('utf8')))
  } catch {
    throw new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'body', problem: 'is not JSON' }] })
  }
}

/** Up to a thousand updates come in one POST, spread over entries and changes. */
const valuesOf = (body: Fields): Fields[] =>
  listOf(body['entry'])
    .flatMap((entry) => listOf(entry['changes']))
    .filter((change) => change['field'] === 'messages')
    .map((change) => fieldsOf(change['value']))

function readStatus(status: Fields): Receipt[] {
  const { id, status: word, biz_opaque_callback_data: reference } = status
  const at = timeOf(status['timestamp'])
  // New words come without notice; what is not understood changes nothing.
  if (typeof id !== 'string' || typeof word !== 'string' || !statuses.includes(word) || !at) return []
  const [error = {}] = listOf(status['errors'])
  return [
    {
      ...(typeof reference === 'string' && { reference }),
      providerMessageId: id,
      status: word as ReceiptStatus,
      at,
      ...(word === 'failed' && { failure: readError(error) }),
      raw: keep(status),
    },
  ]
}

function readError(error: Fields): Failure {
  const { details } = fieldsOf(error['error_data'])
  return judgeGraphError(error['code'], vendorText(details ?? error['title'])).failure
}

/** For support: everything but who it was. */
function keep(status: Fields): Fields {
  const { id, status: word, timestamp, pricing, conversation, errors } = status
  return JSON.parse(JSON.stringify({ id, status: word, timestamp, pricing, conversation, errors })) as Fields
}

/** An account with several numbers may send the news of all to one URL; what is said to one is not said to another. */
const isOfNumber = (value: Fields, sender: Sender): boolean =>
  fieldsOf(value['metadata'])['phone_number_id'] === configOf(sender).phone_number_id

const isDenial = (message: Fields): boolean => fieldsOf(message['button'])['payload'] === denialPayload

function readDenial(message: Fields): Denial[] {
  const { id } = fieldsOf(message['context'])
  const at = timeOf(message['timestamp'])
  if (!isDenial(message) || typeof id !== 'string' || !at) return []
  return [{ providerMessageId: id, at }]
}
