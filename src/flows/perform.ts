import { catchUp } from './apply-receipts.ts'
import { dispatch } from './dispatch.ts'
import { moveOn } from './move-on.ts'
import type { Effect, World } from './ports.ts'

/** Sendings under way at once; more wait in memory and, for a crash, in the database. */
const concurrencyMax = 256

export interface Performer {
  perform(effect: Effect, delayMs?: number): void
  /** Waits for what is under way; what is still queued stays in the database for the next start. */
  drain(): Promise<void>
}

/** Carries effects out, so many at a time. A failure is reported and costs nothing but its own effect. */
export function createPerformer(world: () => World, onError: (error: unknown, effect: Effect) => void): Performer {
  const waiting: Effect[] = []
  const underWay = new Set<Promise<void>>()
  const timers = new Set<NodeJS.Timeout>()
  let isStopped = false

  const pump = (): void => {
    while (waiting.length > 0 && underWay.size < concurrencyMax && !isStopped) {
      const effect = waiting.shift() as Effect
      const running: Promise<void> = carryOut(world(), effect)
        .catch((error: unknown) => onError(error, effect))
        .finally(() => {
          underWay.delete(running)
          pump()
        })
      underWay.add(running)
    }
  }

  return {
    perform(effect, delayMs = 0) {
      if (isStopped) return
      if (delayMs > 0) {
        const timer = setTimeout(() => {
          timers.delete(timer)
          this.perform(effect)
        }, delayMs)
        timers.add(timer)
        return
      }
      waiting.push(effect)
      pump()
    },
    async drain() {
      isStopped = true
      for (const timer of timers) clearTimeout(timer)
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}

async function carryOut(world: World, effect: Effect): Promise<void> {
  if (effect.kind === 'dispatch') await dispatch(world, effect.delivery)
  else if (effect.kind === 'catch-up') await catchUp(world)
  else await moveOn(world, effect.verification, effect.event)
}
