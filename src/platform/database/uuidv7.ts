import { createHash, randomFillSync } from 'node:crypto'

/** Random bytes are drawn in bulk: one call into the system for a few hundred ids. */
const pool = new Uint8Array(4096)
let used = pool.length

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/**
 * UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, 74 random bits. New rows land side by side in an index.
 * An identifier, never a secret.
 */
export function uuidv7(nowMs: number): string {
  if (used + 10 > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const at = (index: number): string => hex[pool[used + index] as number] as string
  const version = hex[0x70 | ((pool[used] as number) & 0x0f)] as string
  const variant = hex[0x80 | ((pool[used + 2] as number) & 0x3f)] as string
  const time = nowMs.toString(16).padStart(12, '0')
  const id =
    `${time.slice(0, 8)}-${time.slice(8)}-${version}${at(1)}-${variant}${at(3)}-` +
    `${at(4)}${at(5)}${at(6)}${at(7)}${at(8)}${at(9)}`
  used += 10
  return id
}

/** The one that a moment and a text always make: a row of what is named by it is found again by its id. */
export function uuidv7Of(atMs: number, text: string): string {
  const digest = createHash('sha256').update(text).digest('hex')
  const variant = hex[0x80 | (Number.parseInt(digest.slice(0, 2), 16) & 0x3f)] as string
  const time = atMs.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${digest.slice(2, 5)}-${variant}${digest.slice(5, 7)}-${digest.slice(7, 19)}`
}
