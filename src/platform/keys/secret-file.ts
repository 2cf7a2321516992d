import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * A secret that is made on the first start and kept, readable by its owner only. It is there whole or not at all: a
 * server that is killed while it writes leaves no half of one, and of two that start together both get the same.
 */
export function keptSecret(path: string, make: () => string): string {
  const kept = read(path)
  if (kept !== undefined) return kept
  mkdirSync(dirname(path), { recursive: true })
  const unfinished = `${path}.${randomBytes(4).toString('hex')}`
  try {
    const file = openSync(unfinished, 'wx', 0o600)
    writeFileSync(file, `${make()}\n`)
    fsyncSync(file)
    closeSync(file)
    linkSync(unfinished, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(unfinished, { force: true })
  }
  return read(path) as string
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
