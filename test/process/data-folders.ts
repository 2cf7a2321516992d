import { rmSync } from 'node:fs'
import { after } from 'node:test'
import { startEmbeddedPostgres } from '#platform/database/embedded/embedded-postgres.ts'
import { temporaryFolder } from '../kit/processes.ts'

/** Folders of a suite, which are taken away with it. */
export function createFolders() {
  const folders: string[] = []
  const removeAtEnd = (folder: string): string => {
    folders.push(folder)
    return folder
  }
  after(() => {
    for (const one of folders) rmSync(one, { recursive: true, force: true })
  })
  return { folder: (mode?: number): string => removeAtEnd(temporaryFolder(mode)), removeAtEnd }
}

/** The embedded database of this folder, which says nothing. */
export const startDatabase = (dataFolder: string) => startEmbeddedPostgres({ dataFolder, log: () => undefined })
