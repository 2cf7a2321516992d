import type { CodeSource } from '#verification/core/engine.ts'

/** A set goes to PostgreSQL as one array a column. */
export const column = <Row, Value>(rows: readonly Row[], read: (row: Row) => Value): Value[] => rows.map(read)

export const optional = <Row, Value>(rows: readonly Row[], read: (row: Row) => Value | undefined): (Value | null)[] =>
  rows.map((row) => read(row) ?? null)

/** pg would turn an array into an array literal and an object inside an array into something else: always text. */
export const json = (value: unknown): string => JSON.stringify(value)

export const readCodeSource = (found: Record<string, unknown>): CodeSource => ({
  keyVersion: found['key_version'] as number,
  codeLength: found['code_length'] as number,
  ...(found['code_sealed'] !== null && { codeSealed: found['code_sealed'] as Uint8Array }),
})
