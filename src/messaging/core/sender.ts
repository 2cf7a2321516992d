import type { Channel } from '#platform/core/channel.ts'

export const senderPurposes = ['authentication', 'utility', 'marketing', 'service'] as const
export type SenderPurpose = (typeof senderPurposes)[number]

/** A number or sender id of one business on one channel, with what the provider needs to use it. */
export interface Sender {
  /** UUID. */
  readonly id: string
  /** UUID of the business that owns it. */
  readonly businessId: string
  /** False: only ever used with test keys, and only against the simulator. */
  readonly live: boolean
  readonly channel: Channel
  /** Key of the provider in `providers/registry.ts`. */
  readonly provider: string
  readonly purpose: SenderPurpose
  /** Lent by the operator to every business of the server, in its mode. */
  readonly shared?: boolean
  /** What may be shown: ids, template name, URLs. Its shape is the provider's `configSchema`. */
  readonly config: Readonly<Record<string, unknown>>
  /** E.164, as the provider told it: of a sender whose config holds only an id of its number. */
  readonly ownNumber?: string
  /** Tokens and secrets, decrypted; encrypted at rest. Its shape is the provider's `secretsSchema`. */
  readonly secrets: Readonly<Record<string, string>>
}
