import { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { ConfigInvalid } from '../config.ts'
import { DataFolderInUse } from '#store/data-folder-lock.ts'
import { addCommands } from './commands.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}
const program = new Command('centang')
  .description('Proves that a phone is yours, over WhatsApp first.')
  .version(version)

// The server is most of what there is to load, and the other commands need little of it.
program
  .command('serve')
  .description('start the server')
  .action(async () => (await import('./serve.ts')).serve())
addCommands(program)

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exitCode = 1
}

/** What a person can act on; a stack only where nobody foresaw the fault. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as NodeJS.ErrnoException
  if (error instanceof ConfigInvalid || error instanceof DataFolderInUse) return error.message
  if (code === 'EADDRINUSE')
    return `Port ${process.env['PORT'] ?? 3000} is in use. Stop what listens there, or choose another with PORT=3001.`
  if (code === 'EACCES') return `Not allowed: ${error.message}`
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND')
    return `The database can't be reached (${error.message || code}). Check DATABASE_URL.`
  if (code === '28P01' || code === '28000' || code === '3D000')
    return `The database refuses: ${error.message}. Check DATABASE_URL.`
  return process.env['CENTANG_LOG_LEVEL'] === 'debug' ? (error.stack ?? error.message) : error.message
}
