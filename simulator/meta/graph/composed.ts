import type { AccountNumber } from '../account.ts'
import type { Accepted } from '../message-life.ts'

/** A message that is fit to be sent: what it is, and how it will look. */
export interface Composed {
  readonly screen: Omit<Accepted['screen'], 'providerMessageId'>
  readonly ttlSeconds: number
  readonly category: Accepted['category']
  readonly failsWith?: number
}

/** What every message of the business has in common on the screen. */
export const fromBusiness = ({ displayPhoneNumber, verifiedName }: AccountNumber) =>
  ({
    channel: 'whatsapp',
    direction: 'out',
    from: displayPhoneNumber,
    brand: verifiedName,
    verified: true,
  }) as const
