import { catchUp } from './apply-receipts.ts'
import { dispatch, sendClaimed } from './dispatch.ts'
import { moveOn } from './move-on.ts'
import type { Effect, Reservation, World } from './ports.ts'
import { putBack } from './write-and-send.ts'

/** Sendings of one sender under way at once: a provider that is slow holds up nobody else's messages. */
const perSenderMax = 128
/** Moves only ask the database; they never wait behind a provider. */
const movesMax = 64
/** What waits in memory at most. Everything stands in the database too: what is left out here, a sweep brings back. */
const waitingMax = 20_000

export interface Performer {
  perform(effect: Effect, delayMs?: number): void
  /** None while others wait for the same sender, because then it has none to spare, and none of a server that stops. */
  reserve(senderId: string): Reservation | undefined
  /** Moves on what has failed and waits for what is under way; what is still to be sent waits for the next start. */
  drain(): Promise<void>
}

interface Lane {
  readonly concurrencyMax: number
  /** By what they do, so that a sweep that finds the same delivery again adds nothing. */
  readonly waiting: Map<string, Effect>
  readonly underWay: Map<string, Promise<void>>
  /** Room that is kept for messages whose decision is being written. */
  readonly reserved: Set<Promise<void>>
}

/** Carries effects out, so many at a time. A failure is reported and costs nothing but its own effect. */
export function createPerformer(world: () => World, onError: (error: unknown, effect: Effect) => void): Performer {
  const lanes = new Map<string, Lane>()
  const timers = new Set<NodeJS.Timeout>()
  let waitingCount = 0
  let isStopped = false

  const pump = (name: string, lane: Lane): void => {
    for (const [key, effect] of lane.waiting) {
      if (isFull(lane)) return
      // The same again while it is under way (a catch-up, most of all) is not the same: it comes after it.
      if (lane.underWay.has(key)) continue
      lane.waiting.delete(key)
      waitingCount--
      begin(name, lane, effect)
    }
    if (lane.underWay.size === 0 && lane.reserved.size === 0) lanes.delete(name)
  }

  const begin = (name: string, lane: Lane, effect: Effect): void => {
    const key = keyOf(effect)
    const running = carryOut(world(), effect)
      .catch((error: unknown) => onError(error, effect))
      .finally(() => {
        lane.underWay.delete(key)
        pump(name, lane)
      })
    lane.underWay.set(key, running)
  }

  const laneFor = (name: string, concurrencyMax: number): Lane => {
    const found = lanes.get(name)
    if (found) return found
    const lane: Lane = { concurrencyMax, waiting: new Map(), underWay: new Map(), reserved: new Set() }
    lanes.set(name, lane)
    return lane
  }

  const enqueue = (effect: Effect): void => {
    // A move that a stopping server makes leaves its message to the next one.
    if (isStopped && effect.kind === 'dispatch') return
    const name = laneOf(effect)
    const lane = laneFor(name, effect.kind === 'dispatch' ? perSenderMax : movesMax)
    const key = keyOf(effect)
    if (lane.waiting.has(key) || waitingCount >= waitingMax) return
    lane.waiting.set(key, effect)
    waitingCount++
    pump(name, lane)
  }

  return {
    perform(effect, delayMs = 0) {
      if (delayMs <= 0) return enqueue(effect)
      if (isStopped) return
      const timer = setTimeout(() => {
        timers.delete(timer)
        enqueue(effect)
      }, delayMs)
      timers.add(timer)
    },
    reserve(senderId) {
      if (isStopped) return undefined
      const lane = laneFor(senderId, perSenderMax)
      if (isFull(lane)) return undefined
      const { promise, resolve } = Promise.withResolvers<void>()
      lane.reserved.add(promise)
      const end = (): void => {
        lane.reserved.delete(promise)
        resolve()
      }
      return {
        send(delivery, sender, application) {
          end()
          // Also of a server that stops: it is claimed, and nobody else will send it.
          begin(senderId, lane, { kind: 'send', delivery, sender, application })
        },
        release() {
          end()
          pump(senderId, lane)
        },
      }
    },
    async drain() {
      isStopped = true
      for (const timer of timers) clearTimeout(timer)
      for (const { waiting } of lanes.values()) {
        for (const [key, { kind }] of waiting) if (kind === 'dispatch' && waiting.delete(key)) waitingCount--
      }
      // What ends may have something follow it, in another lane. Who asked for a decision may have gone: it is waited for.
      for (;;) {
        const running = [...lanes.values()].flatMap(({ underWay, reserved }) => [...underWay.values(), ...reserved])
        if (running.length === 0) return
        await Promise.all(running)
      }
    },
  }
}

const isFull = ({ underWay, reserved, concurrencyMax }: Lane): boolean =>
  underWay.size + reserved.size >= concurrencyMax

const isSending = (effect: Effect): effect is Extract<Effect, { kind: 'dispatch' | 'send' }> =>
  effect.kind === 'dispatch' || effect.kind === 'send'

const laneOf = (effect: Effect): string => (isSending(effect) ? effect.delivery.senderId : effect.kind)

function keyOf(effect: Effect): string {
  if (isSending(effect)) return effect.delivery.id
  if (effect.kind === 'put-back') return `${effect.delivery.id} ${effect.kind}`
  return effect.kind === 'move' ? `${effect.verification.id} ${JSON.stringify(effect.event)}` : effect.kind
}

async function carryOut(world: World, effect: Effect): Promise<void> {
  if (effect.kind === 'dispatch') await dispatch(world, effect.delivery)
  else if (effect.kind === 'send') await sendClaimed(world, effect.delivery, effect.sender, effect.application)
  else if (effect.kind === 'put-back') await putBack(world, effect.delivery, effect.triesLeft)
  else if (effect.kind === 'catch-up') await catchUp(world)
  else await moveOn(world, effect.verification, effect.event)
}
