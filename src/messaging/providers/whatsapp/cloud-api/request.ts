import type { ProviderRequest } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { configOf, graphRoot, secretsOf } from './config.ts'

/** `POST /{phone_number_id}/messages`: whatever it says, whom it is for and how its receipts are known. */
export function messageRequest(
  { to, reference }: { readonly to: string; readonly reference: string },
  sender: Sender,
  content: object,
): ProviderRequest {
  const config = configOf(sender)
  return {
    method: 'POST',
    url: `${graphRoot(config)}/${config.phone_number_id}/messages`,
    headers: { authorization: `Bearer ${secretsOf(sender).access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      // With the plus: without it the calling code of the business would be put in front.
      to,
      biz_opaque_callback_data: reference,
      ...content,
    }),
  }
}
