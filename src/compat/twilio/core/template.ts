import type { Channel } from '#platform/core/channel.ts'

/** A template that a vendor approved for one of the senders that an application's codes go by. */
export interface CodeTemplate {
  /** UUID, the same each time it is asked for. */
  readonly id: string
  readonly senderId: string
  readonly name: string
  readonly channel: Channel
  /** By the vendor's spelling. */
  readonly languages: readonly string[]
}
