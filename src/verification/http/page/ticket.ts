import { timingSafeEqual } from 'node:crypto'
import type { Keyring } from '#platform/keys/keyring.ts'

export type TicketKeys = Pick<Keyring, 'fingerprint'>

/** A ticket opens one verification's page, and nothing else. It is in the link, and the server keeps none. */
export interface Ticket {
  /** UUIDs. */
  readonly businessId: string
  readonly verificationId: string
  /** Where the person goes afterwards. */
  readonly returnUrl?: string
  /** The business's own, which its session remembers and the result repeats. */
  readonly nonce?: string
  /** Origin of the one site that may show the page in a frame. */
  readonly frameOrigin?: string
  readonly expiresAt: Date
}

const macOf = (keys: TicketKeys, payload: string): Buffer => Buffer.from(keys.fingerprint('hosted page', payload))

/** `payload.mac`, both base64url. */
export function spellTicket(keys: TicketKeys, ticket: Ticket): string {
  const { businessId, verificationId, returnUrl = '', frameOrigin = '', nonce = '', expiresAt } = ticket
  const fields = [businessId, verificationId, Math.floor(expiresAt.getTime() / 1000), returnUrl, frameOrigin, nonce]
  const payload = Buffer.from(JSON.stringify(fields)).toString('base64url')
  return `${payload}.${macOf(keys, payload).toString('base64url')}`
}

/** Undefined when it is not one of ours, or its time is over. */
export function readTicket(keys: TicketKeys, spelled: string, now: Date): Ticket | undefined {
  const [payload = '', given = ''] = spelled.split('.')
  const wanted = macOf(keys, payload)
  const mac = Buffer.from(given, 'base64url')
  if (mac.length !== wanted.length || !timingSafeEqual(mac, wanted)) return undefined
  const [businessId, verificationId, expires, returnUrl, frameOrigin, nonce] = JSON.parse(
    Buffer.from(payload, 'base64url').toString(),
  ) as [string, string, number, string, string, string]
  if (expires * 1000 <= now.getTime()) return undefined
  return {
    businessId,
    verificationId,
    expiresAt: new Date(expires * 1000),
    ...(returnUrl !== '' && { returnUrl }),
    ...(frameOrigin !== '' && { frameOrigin }),
    ...(nonce !== '' && { nonce }),
  }
}
