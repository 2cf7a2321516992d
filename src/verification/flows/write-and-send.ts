import type { Application } from '#access/core/business.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { ClaimedDelivery, QueuedDelivery } from '#verification/core/engine.ts'
import type { World } from './ports.ts'

const putBackAgainMs = 3000
/** Half a minute: then a sweep takes the message for one whose server died while it sent it. */
const putBackTriesMax = 10

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
  world: World,
  { delivery, sender, application }: Outgoing,
  write: (atOnce: boolean) => Promise<Answer>,
  /** What is to be sent now; undefined when the decision was against it. */
  claimedBy: (answer: Answer) => ClaimedDelivery | undefined,
): Promise<Answer> {
  const room = sender && world.reserve(sender.id)
  let answer: Answer
  try {
    answer = await write(room !== undefined)
  } catch (error) {
    room?.release()
    // Whether it was written nobody knows; that it was not sent, we do.
    if (room && !(error instanceof Refusal)) world.perform({ kind: 'put-back', delivery, triesLeft: putBackTriesMax })
    throw error
  }
  const claimed = claimedBy(answer)
  if (!claimed) room?.release()
  else if (room) room.send(claimed, sender, application)
  else world.perform({ kind: 'dispatch', delivery })
  return answer
}

/**
 * Lets a message go that may have been claimed by a decision whose answer was lost. When it was not, nothing happens; but
 * the database may still be at it, as long as a statement takes at most.
 */
export async function putBack(world: World, delivery: QueuedDelivery, triesLeft: number): Promise<void> {
  const { businessId, id } = delivery
  let isBack = false
  try {
    isBack = await world.engine.putBack({ businessId, id })
  } finally {
    if (!isBack && triesLeft > 1)
      world.perform({ kind: 'put-back', delivery, triesLeft: triesLeft - 1 }, putBackAgainMs)
  }
  if (isBack) world.perform({ kind: 'dispatch', delivery })
}
