import { createHash } from 'node:crypto'

/** The id that a key of a request always stands for, of the n-th transfer that it asks for: UUIDv8 (RFC 9562 §5.8). */
export function idOfKey(space: string, key: string, n: number): string {
  const hex = createHash('sha256').update(`${space}\n${n}\n${key}`).digest('hex')
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`
}
