import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { usageError } from './exit.ts'

const checkout = fileURLToPath(new URL('../../', import.meta.url))

/**
 * The settings of the file `.env`, for the server and every command alike. Only that of the checkout, and only where it is
 * run from there: the `.env` of somebody's own program, with its `DATABASE_URL`, is none of ours. What the environment says
 * itself stands.
 */
export function readEnvFile(environment: NodeJS.ProcessEnv, folder: string, home = checkout): void {
  if (relative(home, folder) !== '') return
  const file = join(home, '.env')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw usageError(`${file} can't be read: ${(error as Error).message}`)
  }
  for (const [name, value] of Object.entries(parseEnv(text))) environment[name] ??= value
}
