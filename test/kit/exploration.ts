/**
 * Long explorations run a fixed share of themselves each time, with a fresh seed, and all of it with `npm run explore`.
 * `SEED=…` runs one again: it is printed with the name of what it belongs to.
 */
const isWhole = process.env['EXPLORE'] === 'all'

export const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

/** How much of an exploration this run does. */
export const shareOf = <Much>(whole: Much, usual: Much): Much => (isWhole ? whole : usual)

/** mulberry32: numbers below 1, the same for the same state. */
export function random(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
