/** A change made by another server is noticed after this at the latest; so is a revoked key. */
export const cacheLastsMs = 5000

interface Entry<Value> {
  readonly value: Promise<Value>
  readonly until: number
  /** Known when it is loaded. */
  bytes: number
}

const entriesMax = 10_000
const unknownMax = 1000
/** What one cache may hold when its values say how large they are. */
const bytesMaxDefault = 32 * 1024 * 1024

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
  readonly #bytesOf: (value: Value) => number
  readonly #bytesMax: number
  #bytes = 0
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #unknown = new Map<string, Entry<Value>>()

  constructor(options: {
    lastsMs: number
    load: (key: Key) => Promise<Value>
    spell: (key: Key) => string
    /** The answer to what need not be loaded, nor kept; consulted only about what is not kept already. */
    foregone?: (key: Key) => Promise<Value> | undefined
    /** About how much memory a value takes: for those that may be large. */
    bytesOf?: (value: Value) => number
    bytesMax?: number
  }) {
    this.#lastsMs = options.lastsMs
    this.#load = options.load
    this.#spell = options.spell
    this.#bytesOf = options.bytesOf ?? (() => 0)
    this.#bytesMax = options.bytesMax ?? bytesMaxDefault
    this.#foregone = options.foregone ?? (() => undefined)
  }

  get(key: Key): Promise<Value> {
    const spelled = this.#spell(key)
    const now = performance.now()
    const kept = this.#entries.get(spelled) ?? this.#unknown.get(spelled)
    if (kept && kept.until > now) return kept.value
    const foregone = this.#foregone(key)
    if (foregone) return foregone
    const entry = { value: this.#load(key), until: now + this.#lastsMs, bytes: 0 }
    // Until it is answered nobody can tell; so many at once are never under way.
    this.#drop(this.#entries.get(spelled))
    this.#drop(put(this.#entries, spelled, entry, entriesMax))
    entry.value.then(
      (found) => {
        if (this.#entries.get(spelled) !== entry) return
        if (found !== undefined) {
          this.#weigh(spelled, entry, found)
          return
        }
        this.#entries.delete(spelled)
        put(this.#unknown, spelled, entry, unknownMax)
      },
      () => {
        if (this.#entries.get(spelled) === entry) this.#entries.delete(spelled)
      },
    )
    return entry.value
  }

  /** What tenants write may be large: the oldest go until all fit, and what fits by no means drives nobody out. */
  #weigh(spelled: string, entry: Entry<Value>, value: Value): void {
    const bytes = this.#bytesOf(value)
    if (bytes > this.#bytesMax) {
      this.#entries.delete(spelled)
      return
    }
    entry.bytes = bytes
    this.#bytes += entry.bytes
    for (const [name, oldest] of this.#entries) {
      if (this.#bytes <= this.#bytesMax) return
      this.#entries.delete(name)
      this.#drop(oldest)
    }
  }

  #drop(entry: Entry<Value> | undefined): void {
    if (!entry) return
    this.#bytes -= entry.bytes
    entry.bytes = 0
  }

  clear(): void {
    this.#bytes = 0
    this.#entries.clear()
    this.#unknown.clear()
  }

  forget(key: Key): void {
    this.#drop(this.#entries.get(this.#spell(key)))
    this.#entries.delete(this.#spell(key))
    this.#unknown.delete(this.#spell(key))
  }
}

/** A map remembers the order of insertion: the first is the oldest. Returns what had to go. */
function put<Value>(map: Map<string, Value>, name: string, value: Value, sizeMax: number): Value | undefined {
  map.delete(name)
  const [oldest] = map.entries()
  const isFull = map.size >= sizeMax && oldest !== undefined
  if (isFull) map.delete(oldest[0])
  map.set(name, value)
  return isFull ? oldest[1] : undefined
}
