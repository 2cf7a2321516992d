/**
 * Keeps what is read on every request for some seconds: applications, senders, callers. Short, because another server
 * may change them; a revoked key stops within it.
 */
export class ShortCache<Key, Value> {
  readonly #lastsMs: number
  readonly #load: (key: Key) => Promise<Value>
  readonly #spell: (key: Key) => string
  readonly #entries = new Map<string, { readonly value: Promise<Value>; readonly until: number }>()

  constructor(options: { lastsMs: number; load: (key: Key) => Promise<Value>; spell: (key: Key) => string }) {
    this.#lastsMs = options.lastsMs
    this.#load = options.load
    this.#spell = options.spell
  }

  get(key: Key): Promise<Value> {
    const spelled = this.#spell(key)
    const now = performance.now()
    const kept = this.#entries.get(spelled)
    if (kept && kept.until > now) return kept.value
    // Unknown keys are kept too, so the map is emptied before a flood of them fills the memory.
    if (this.#entries.size >= 10_000) this.#entries.clear()
    const value = this.#load(key)
    this.#entries.set(spelled, { value, until: now + this.#lastsMs })
    value.catch(() => this.#entries.delete(spelled))
    return value
  }

  clear(): void {
    this.#entries.clear()
  }

  forget(key: Key): void {
    this.#entries.delete(this.#spell(key))
  }
}
