import type { AppliedMigration } from '#platform/database/migrate.ts'

/**
 * A backup is JSON lines, gzipped: the header; for each table its name and columns, then an array of texts a row; at
 * the end the number of rows a table. Values are what PostgreSQL writes and reads as text.
 */
export interface BackupHeader {
  readonly format: 'centang-backup'
  readonly format_version: 1
  /** Migrations of the database it was made from, with the hash of each. */
  readonly migrations: readonly AppliedMigration[]
  readonly made_at: string
}

export interface TableHead {
  readonly table: string
  readonly columns: readonly string[]
  /** Of a table that is split by time: where its rows lay, so that they lie there again. */
  readonly partitions?: readonly string[]
}

export interface BackupEnd {
  readonly end: Readonly<Record<string, number>>
}

export type BackupRow = readonly (string | null)[]
export type BackupLine = BackupHeader | TableHead | BackupRow | BackupEnd

export const isRow = (line: BackupLine): line is BackupRow => Array.isArray(line)

/** Told while it works: the table and how many of its rows are done. */
export type OnRows = (table: string, rows: number, isDone: boolean) => void

export class BackupUnreadable extends Error {
  constructor(problem: string, cause?: unknown) {
    super(problem, { cause })
    this.name = 'BackupUnreadable'
  }
}

export const spellLine = (line: BackupLine): string => `${JSON.stringify(line)}\n`

/** Not by node:readline, which takes U+2028 inside a text for the end of a line. */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<BackupLine> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  try {
    for await (const chunk of bytes) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() as string
      for (const line of lines) yield JSON.parse(line) as BackupLine
    }
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException
    if (code === 'Z_BUF_ERROR') throw new BackupUnreadable('The backup ends too early: it is not whole.', error)
    if (code?.startsWith('Z_') || name === 'SyntaxError' || code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new BackupUnreadable('This is no backup of Centang, or it is damaged.', error)
    throw error
  }
  if (rest !== '') throw new BackupUnreadable('The backup ends too early: it is not whole.')
}
