import type { NewsItem, ReceiptStatus } from '#messaging/core/news.ts'
import type { Failure } from '#messaging/core/failure.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { vendorId } from '#messaging/providers/vendor-text.ts'
import { configOf } from './config.ts'
import { type Fields, listOf, timeOf } from './fields.ts'
import { judgeGraphError, wordsOfError } from './errors.ts'
import { phoneOf, userIdOf } from './person.ts'

const statuses: readonly string[] = ['sent', 'delivered', 'read', 'failed'] satisfies ReceiptStatus[]

/** What became of a message; where the sender asks for it, also which account is behind the number. */
export function* readStatus(status: Fields, sender: Sender): Generator<NewsItem> {
  const { id, status: word, biz_opaque_callback_data: reference } = status
  const at = timeOf(status['timestamp'])
  // New words come without notice (`played`, `warning`); what is not understood changes nothing.
  if (typeof word === 'string' && !statuses.includes(word)) return
  if (typeof id !== 'string' || id === '' || typeof word !== 'string' || !at) {
    yield { kind: 'unreadable', what: 'a status without id, word or time' }
    return
  }
  const [error = {}] = listOf(status['errors'])
  const phone = phoneOf(status['recipient_id'])
  const userId = userIdOf(status['recipient_user_id'])
  yield {
    kind: 'receipt',
    receipt: {
      ...(typeof reference === 'string' && { reference }),
      providerMessageId: vendorId(id),
      status: word as ReceiptStatus,
      at,
      ...(word === 'failed' && { failure: readError(error, sender) }),
      // Of a group there is no one person.
      ...(status['recipient_type'] !== 'group' &&
        phone !== undefined &&
        userId !== undefined && { person: { phone, userId } }),
      raw: keep(status),
    },
  }
  const { recipient_identity_key_hash: keyHash } = status
  if (configOf(sender).identity_check === true && phone !== undefined && typeof keyHash === 'string')
    yield { kind: 'identity', identity: { ...(typeof reference === 'string' && { reference }), phone, keyHash, at } }
}

export const readError = (error: Fields, sender: Sender): Failure =>
  judgeGraphError(error['code'], wordsOfError(error), { purpose: sender.purpose }).failure

/** For support: everything but who it was. */
function keep(status: Fields): Fields {
  const { id, status: word, timestamp, pricing, conversation, errors } = status
  return { id, status: word, timestamp, pricing, conversation, errors }
}
