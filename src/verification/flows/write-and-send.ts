import type { Application } from '#access/core/business.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { ClaimedDelivery, QueuedDelivery } from '#verification/core/engine.ts'
import type { Outside } from './outside.ts'

export interface Outgoing {
  readonly delivery: QueuedDelivery
  readonly sender: Sender | undefined
  readonly application: Application | undefined
}

/**
 * Writes a decision that sends a message, and lets the message go once it is committed. With room for it, the decision
 * claims it as well and it leaves at once; without, it is queued and claimed when its turn comes.
 */
export async function writeAndSend<Answer>(
  outside: Pick<Outside, 'perform' | 'reserve'>,
  { delivery, sender, application }: Outgoing,
  write: (atOnce: boolean) => Promise<Answer>,
  /** The message to be sent now; undefined when the decision was against it. */
  claimedBy: (answer: Answer) => ClaimedDelivery | undefined,
): Promise<Answer> {
  const room = sender && outside.reserve(sender.id)
  let answer: Answer
  try {
    answer = await write(room !== undefined)
  } catch (error) {
    // The decision may have been written all the same: then a sweep calls its message unknown (docs/decisions/0003).
    room?.release()
    throw error
  }
  const claimed = claimedBy(answer)
  if (!claimed) room?.release()
  else if (room) room.send(claimed, sender, application)
  else outside.perform({ kind: 'dispatch', delivery })
  return answer
}
