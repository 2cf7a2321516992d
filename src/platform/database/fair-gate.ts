/** Lets so many through at once, shared among those who ask. */
export interface FairGate {
  /** Runs it when it is its owner's turn; throws `GateFull` when too many of the owner's wait, or one waits too long. */
  run<Result>(owner: string, work: () => Promise<Result>): Promise<Result>
}

export class GateFull extends Error {}

interface FairGateOptions {
  readonly size: number
  /** Of one owner. */
  readonly waitingMax: number
  readonly waitMaxMs: number
}

interface Owner {
  underWay: number
  readonly waiting: Set<() => void>
}

/**
 * Of `n` owners with something under way each may have one part of `n + 1` of the gate, and one in any case: an owner
 * that asks for everything at once waits for itself, and whoever comes next finds room.
 */
export function createFairGate({ size, waitingMax, waitMaxMs }: FairGateOptions): FairGate {
  const owners = new Map<string, Owner>()
  const shareOf = (): number => Math.max(1, Math.floor(size / (owners.size + 1)))

  /** Takes the place at once, or waits until it is given one. */
  const begin = async (owner: Owner): Promise<void> => {
    if (owner.underWay < shareOf()) {
      owner.underWay++
      return
    }
    if (owner.waiting.size >= waitingMax) throw new GateFull()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    owner.waiting.add(resolve)
    const timer = setTimeout(() => {
      if (owner.waiting.delete(resolve)) reject(new GateFull())
    }, waitMaxMs)
    await promise.finally(() => clearTimeout(timer))
  }
  /** As many of its own as have room by now; an owner of whom nothing is left is forgotten. */
  const end = (name: string, owner: Owner): void => {
    owner.underWay--
    for (const next of owner.waiting) {
      if (owner.underWay >= shareOf()) return
      owner.waiting.delete(next)
      owner.underWay++
      next()
    }
    if (owner.underWay === 0) owners.delete(name)
  }

  return {
    async run(name, work) {
      const owner = owners.get(name) ?? { underWay: 0, waiting: new Set<() => void>() }
      owners.set(name, owner)
      await begin(owner)
      try {
        return await work()
      } finally {
        end(name, owner)
      }
    },
  }
}
