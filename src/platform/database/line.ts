import { readdirSync } from 'node:fs'

/**
 * What a module has in the database: `migrations/` in its folder make its tables, `functions/` are the current text of
 * its SQL functions. Lines come in the order in which modules stand on each other.
 */
export interface Line {
  readonly name: string
  readonly folder: URL
}

/** The SQL files of a folder, by name; none when there is no such folder: a module need not have tables or functions. */
export function sqlFilesIn(folder: URL): URL[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
    return names.toSorted().map((name) => new URL(name, folder))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
