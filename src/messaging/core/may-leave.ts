import type { Channel } from '#platform/core/channel.ts'
import type { Refusal } from '#platform/core/refusal.ts'

/** What the business says of whoever made it send, where it knows. */
export interface Client {
  readonly ip?: string | undefined
  readonly userAgent?: string | undefined
  readonly deviceId?: string | undefined
}

/** A message that is about to leave, as far as whoever guards sends has to know it. */
export interface Leaving {
  readonly businessId: string
  readonly applicationId: string
  readonly live: boolean
  /** The verification, or the message of a chat. */
  readonly subjectId: string
  /** E.164, or an e-mail address. */
  readonly recipient: string
  /** What stands for the person (`People`), where it is known already: making it costs more than all the rest of a rule. */
  readonly person?: string | undefined
  readonly channel: Channel
  readonly senderId: string
  /** The first message of a verification, a further one of the same, or one of a chat. */
  readonly kind: 'start' | 'further' | 'chat'
  /** Nobody will tell us whether the code was right: an auth server made it and checks it. */
  readonly isCheckedElsewhere?: boolean | undefined
  readonly client?: Client | undefined
  /** Of codes: whether the person has entered what they were sent before, and leaves nothing unentered. */
  readonly hasProven?: (() => Promise<boolean>) | undefined
}

export interface Leave {
  /** Present: it does not leave. */
  readonly refusal?: Refusal
  /** Nothing left after all: what was counted for it is given back. It never throws. */
  readonly giveBack: () => Promise<void>
}

/** Asked before every message that leaves. It counts what it allows. */
export type MayLeave = (leaving: Leaving) => Promise<Leave>

export const granted: Leave = { giveBack: async () => undefined }

/** Where nobody guards what is sent. */
export const letAllLeave: MayLeave = () => Promise.resolve(granted)
