import type { ChatAddress } from '#messaging/core/chat.ts'
import type { ProviderRequest } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { CannotSend } from '#messaging/providers/cannot-send.ts'
import { configOf, graphRoot, secretsOf } from './config.ts'
import { isUserId } from './person.ts'

interface Addressed {
  readonly to: ChatAddress
  readonly reference: string
  readonly identityKeyHash?: string
}

/** `POST /{phone_number_id}/messages`: whatever it says, whom it is for and how its receipts are known. */
export function messageRequest(message: Addressed, sender: Sender, content: object): ProviderRequest {
  const config = configOf(sender)
  const { reference, identityKeyHash } = message
  return {
    method: 'POST',
    url: `${graphRoot(config)}/${config.phone_number_id}/messages`,
    headers: { authorization: `Bearer ${secretsOf(sender).access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      ...spellAddress(message.to),
      biz_opaque_callback_data: reference,
      ...(identityKeyHash !== undefined && { recipient_identity_key_hash: identityKeyHash }),
      ...content,
    }),
  }
}

/**
 * A user id in `to` is answered with 200 and a message id, and what is left of it without its letters is taken for a
 * number: somebody else's, or nobody's.
 */
function spellAddress(to: ChatAddress): object {
  if ('userId' in to) {
    if (!isUserId(to.userId)) throw new CannotSend('recipient_invalid', 'The recipient is no WhatsApp user id.')
    return { recipient: to.userId }
  }
  if (!/^\+[1-9]\d{5,19}$/.test(to.phone))
    throw new CannotSend('recipient_invalid', 'The recipient is no phone number.')
  // With the plus: without it the calling code of the business would be put in front.
  return { to: to.phone }
}
