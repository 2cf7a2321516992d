/** xorshift32: the same seed, the same ids. Nothing here is a secret. */
export function createRandom(seed: number): { hex(length: number): string } {
  let state = seed >>> 0 || 1
  const next = (): number => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
  return {
    hex(length) {
      let text = ''
      while (text.length < length) text += next().toString(16).padStart(8, '0')
      return text.slice(0, length).toUpperCase()
    },
  }
}
