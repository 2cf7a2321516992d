import { catchUp } from './apply-receipts.ts'
import { dispatch } from './dispatch.ts'
import { moveOn } from './move-on.ts'
import type { Effect, World } from './ports.ts'

/** Sendings of one sender under way at once: a provider that is slow holds up nobody else's messages. */
const perSenderMax = 128
/** Moves only ask the database; they never wait behind a provider. */
const movesMax = 64
/** What waits in memory at most. Everything stands in the database too: what is left out here, a sweep brings back. */
const waitingMax = 20_000

export interface Performer {
  perform(effect: Effect, delayMs?: number): void
  /** Moves on what has failed and waits for what is under way; what is still to be sent waits for the next start. */
  drain(): Promise<void>
}

interface Lane {
  readonly concurrencyMax: number
  /** By what they do, so that a sweep that finds the same delivery again adds nothing. */
  readonly waiting: Map<string, Effect>
  readonly underWay: Map<string, Promise<void>>
}

/** Carries effects out, so many at a time. A failure is reported and costs nothing but its own effect. */
export function createPerformer(world: () => World, onError: (error: unknown, effect: Effect) => void): Performer {
  const lanes = new Map<string, Lane>()
  const timers = new Set<NodeJS.Timeout>()
  let waitingCount = 0
  let isStopped = false

  const pump = (name: string, lane: Lane): void => {
    for (const [key, effect] of lane.waiting) {
      if (lane.underWay.size >= lane.concurrencyMax) return
      // The same again while it is under way (a catch-up, most of all) is not the same: it comes after it.
      if (lane.underWay.has(key)) continue
      lane.waiting.delete(key)
      waitingCount--
      const running = carryOut(world(), effect)
        .catch((error: unknown) => onError(error, effect))
        .finally(() => {
          lane.underWay.delete(key)
          pump(name, lane)
        })
      lane.underWay.set(key, running)
    }
    if (lane.underWay.size === 0) lanes.delete(name)
  }

  const enqueue = (effect: Effect): void => {
    // A move that a stopping server makes leaves its message to the next one.
    if (isStopped && effect.kind === 'dispatch') return
    const name = laneOf(effect)
    const lane = lanes.get(name) ?? {
      concurrencyMax: effect.kind === 'dispatch' ? perSenderMax : movesMax,
      waiting: new Map<string, Effect>(),
      underWay: new Map<string, Promise<void>>(),
    }
    lanes.set(name, lane)
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
    async drain() {
      isStopped = true
      for (const timer of timers) clearTimeout(timer)
      for (const { waiting } of lanes.values()) {
        for (const [key, { kind }] of waiting) if (kind === 'dispatch' && waiting.delete(key)) waitingCount--
      }
      // What ends may have something follow it, in another lane.
      for (;;) {
        const running = [...lanes.values()].flatMap(({ underWay }) => [...underWay.values()])
        if (running.length === 0) return
        await Promise.all(running)
      }
    },
  }
}

const laneOf = (effect: Effect): string => (effect.kind === 'dispatch' ? effect.delivery.senderId : effect.kind)

function keyOf(effect: Effect): string {
  if (effect.kind === 'dispatch') return effect.delivery.id
  return effect.kind === 'move' ? `${effect.verification.id} ${JSON.stringify(effect.event)}` : effect.kind
}

async function carryOut(world: World, effect: Effect): Promise<void> {
  if (effect.kind === 'dispatch') await dispatch(world, effect.delivery)
  else if (effect.kind === 'catch-up') await catchUp(world)
  else await moveOn(world, effect.verification, effect.event)
}
