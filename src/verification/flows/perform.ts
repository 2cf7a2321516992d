import { createQueues, type Task } from '#platform/work/queues.ts'
import { catchUp } from './apply-receipts.ts'
import { dispatch, sendClaimed } from './dispatch.ts'
import { moveOn } from './move-on.ts'
import type { Effect, Outside, Performer } from './outside.ts'

/** Sendings of one sender under way at once: a provider that is slow holds up nobody else's messages. */
const perSenderMax = 128
/** Moves only ask the database; they never wait behind a provider. */
const movesMax = 64
const waitingMax = 20_000
const senderQueue = 'sender '

/** Carries effects out, in a queue for each sender and one for each other kind. */
export function createPerformer(outside: () => Outside, onError: (error: unknown, what: string) => void): Performer {
  const queues = createQueues({
    concurrencyMax: (queue) => (queue.startsWith(senderQueue) ? perSenderMax : movesMax),
    waitingMax,
    onError: (error, task) => onError(error, task.key.split(' ')[0] as string),
  })
  const taskOf = (effect: Effect): Task => ({
    key: keyOf(effect),
    run: () => carryOut(outside(), effect),
    isLeftAtStop: effect.kind === 'dispatch',
  })
  return {
    perform: (effect, delayMs) => queues.add(queueOf(effect), taskOf(effect), delayMs),
    reserve(senderId) {
      const room = queues.reserve(senderQueue + senderId)
      return (
        room && {
          send: (delivery, sender, application) => room.take(taskOf({ kind: 'send', delivery, sender, application })),
          release: () => room.giveBack(),
        }
      )
    },
    drain: () => queues.drain(),
  }
}

const isSending = (effect: Effect): effect is Extract<Effect, { kind: 'dispatch' | 'send' }> =>
  effect.kind === 'dispatch' || effect.kind === 'send'

const queueOf = (effect: Effect): string => (isSending(effect) ? senderQueue + effect.delivery.senderId : effect.kind)

/** By what they do, so that a sweep that finds the same delivery again adds nothing. */
function keyOf(effect: Effect): string {
  if (isSending(effect)) return `send ${effect.delivery.id}`
  return effect.kind === 'move' ? `move ${effect.code.id} ${JSON.stringify(effect.event)}` : effect.kind
}

export async function carryOut(outside: Outside, effect: Effect): Promise<void> {
  if (effect.kind === 'dispatch') await dispatch(outside, effect.delivery)
  else if (effect.kind === 'send') await sendClaimed(outside, effect.delivery, effect.sender, effect.application)
  else if (effect.kind === 'catch-up') await catchUp(outside)
  else await moveOn(outside, effect.code, effect.event)
}
