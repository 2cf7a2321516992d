import type { Caller } from '#platform/core/caller.ts'

type Use = Pick<Caller, 'businessId' | 'keyId'>

export interface KeyUse {
  note(use: Use): void
  /** Writes what is still unwritten. */
  stop(): Promise<void>
}

interface KeyUseOptions {
  readonly write: (uses: readonly (Use & { readonly at: Date })[]) => Promise<void>
  readonly now: () => Date
  /** A key's use is written at most once in so long. */
  readonly onceInMs?: number
  /** What is used in one moment is written together. */
  readonly afterMs?: number
}

const remembersMax = 10_000

/** When keys were last used, written behind the requests: what a request pays is a look into a map. */
export function createKeyUse({ write, now, onceInMs = 60_000, afterMs = 1000 }: KeyUseOptions): KeyUse {
  const writtenAt = new Map<string, number>()
  let waiting = new Map<string, Use & { readonly at: Date }>()
  let timer: NodeJS.Timeout | undefined

  const flush = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const uses = [...waiting.values()]
    waiting = new Map()
    // It is only told, and decides nothing: a database that is away costs the time of one use.
    if (uses.length > 0) await write(uses).catch(() => undefined)
  }

  return {
    note({ businessId, keyId }) {
      const moment = performance.now()
      const before = writtenAt.get(keyId)
      if (before !== undefined && moment - before < onceInMs) return
      writtenAt.delete(keyId)
      writtenAt.set(keyId, moment)
      const [oldest] = writtenAt.keys()
      if (writtenAt.size > remembersMax && oldest !== undefined) writtenAt.delete(oldest)
      waiting.set(keyId, { businessId, keyId, at: now() })
      timer ??= setTimeout(() => void flush(), afterMs).unref()
    },
    stop: flush,
  }
}
