import { phoneOf } from '../../handsets/phone-number.ts'
import type { Account, AccountNumber } from '../account.ts'
import { phoneOfUserId, waIdOf } from '../wa-id.ts'
import { badParameter, GraphError } from './errors.ts'
import type { Fields } from './fields.ts'

export interface Recipient {
  /** Digits of the phone, as people write them. */
  readonly digits: string
  /** How the answer names the person. */
  readonly contact: object
}

/** Who a message is for: by number, or by business-scoped user id. With both, the number wins. */
export function readRecipient(body: Fields, account: Account, sending: AccountNumber): Recipient {
  const { to, recipient } = body
  const found = to === undefined && recipient !== undefined ? byUserId(recipient) : byNumber(to, account)
  if (found.digits === sending.displayPhoneNumber) throw new GraphError(131021, 'Recipient phone number is the sender.')
  return found
}

function byNumber(to: unknown, { recipientMode, callingCode }: Account): Recipient {
  if (typeof to !== 'string' && typeof to !== 'number') throw badParameter('The parameter to is required.')
  const input = String(to)
  const given = input.replaceAll(/[\s()+-]/g, '')
  // The documented rule. In practice, and by default here, digits are international with or without the plus.
  const dialled = recipientMode === 'strict' && !input.trimStart().startsWith('+') ? callingCode + given : given
  if (!/^[1-9]\d{6,14}$/.test(dialled)) throw badParameter('Param to must be a valid phone number or WhatsApp ID.')
  const digits = phoneOf(dialled)
  return { digits, contact: { input, wa_id: waIdOf(digits) } }
}

function byUserId(recipient: unknown): Recipient {
  const digits = typeof recipient === 'string' ? phoneOfUserId(recipient) : undefined
  if (digits === undefined) throw badParameter('Param recipient must be the user id of somebody known.')
  return { digits, contact: { input: recipient, user_id: recipient } }
}
