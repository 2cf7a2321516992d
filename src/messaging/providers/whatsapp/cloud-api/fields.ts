/** JSON of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}
export const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : [])

/** A simple value as text; `?` where there is none. */
export const wordOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '?'

/** Unix seconds, as a string. */
export function timeOf(timestamp: unknown): Date | undefined {
  const seconds = Number(timestamp)
  return Number.isSafeInteger(seconds) && seconds > 0 && seconds < 4e9 ? new Date(seconds * 1000) : undefined
}
