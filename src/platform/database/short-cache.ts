/** A change made by another server is noticed after this at the latest; so is a revoked key. */
export const cacheLastsMs = 5000

interface Entry<Value> {
  readonly value: Promise<Value>
  readonly until: number
}

const entriesMax = 10_000
const unknownMax = 1000

/**
 * Keeps what is read on every request for some seconds: applications, senders, callers. Short, because another server
 * may change them; a revoked key stops within it. What turned out not to exist is kept apart, in less space: a flood of
 * unknown keys pushes out other unknown ones and nobody who is known.
 */
export class ShortCache<Key, Value> {
  readonly #lastsMs: number
  readonly #load: (key: Key) => Promise<Value>
  readonly #spell: (key: Key) => string
  readonly #foregone: (key: Key) => Promise<Value> | undefined
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #unknown = new Map<string, Entry<Value>>()

  constructor(options: {
    lastsMs: number
    load: (key: Key) => Promise<Value>
    spell: (key: Key) => string
    /** The answer to what need not be loaded, nor kept; consulted only about what is not kept already. */
    foregone?: (key: Key) => Promise<Value> | undefined
  }) {
    this.#lastsMs = options.lastsMs
    this.#load = options.load
    this.#spell = options.spell
    this.#foregone = options.foregone ?? (() => undefined)
  }

  get(key: Key): Promise<Value> {
    const spelled = this.#spell(key)
    const now = performance.now()
    const kept = this.#entries.get(spelled) ?? this.#unknown.get(spelled)
    if (kept && kept.until > now) return kept.value
    const foregone = this.#foregone(key)
    if (foregone) return foregone
    const entry = { value: this.#load(key), until: now + this.#lastsMs }
    // Until it is answered nobody can tell; so many at once are never under way.
    put(this.#entries, spelled, entry, entriesMax)
    entry.value.then(
      (found) => {
        if (found !== undefined || this.#entries.get(spelled) !== entry) return
        this.#entries.delete(spelled)
        put(this.#unknown, spelled, entry, unknownMax)
      },
      () => {
        if (this.#entries.get(spelled) === entry) this.#entries.delete(spelled)
      },
    )
    return entry.value
  }

  clear(): void {
    this.#entries.clear()
    this.#unknown.clear()
  }

  forget(key: Key): void {
    this.#entries.delete(this.#spell(key))
    this.#unknown.delete(this.#spell(key))
  }
}

/** A map remembers the order of insertion: the first is the oldest. */
function put<Value>(map: Map<string, Value>, name: string, value: Value, sizeMax: number): void {
  map.delete(name)
  const [oldest] = map.keys()
  if (map.size >= sizeMax && oldest !== undefined) map.delete(oldest)
  map.set(name, value)
}
