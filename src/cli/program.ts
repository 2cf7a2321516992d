import { Command, CommanderError } from 'commander'
import { readFileSync } from 'node:fs'
import { ConfigInvalid } from '#platform/setting-kit.ts'
import { tellSourceLines } from '#platform/source-lines.ts'
import { explainDatabase } from '#platform/database/explain-database.ts'
import { DataFolderInUse } from '#platform/database/embedded/data-folder-lock.ts'
import { addBackupCommands, addErasureCommands } from './backup-commands.ts'
import { addBusinessCommands, addMasterKeyCommands } from './commands.ts'
import { readEnvFile } from './env-file.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { addKeyCommands } from './key-commands.ts'
import { addLedgerCommands } from './ledger-commands.ts'
import { addListenCommand } from './listen.ts'
import { addSenderCommands } from './sender-commands.ts'
import { addSetUpCommands } from './set-up-commands.ts'
import { asTyped, tell } from './terminal.ts'
import { addVerificationCommands } from './verification-commands.ts'
import { addWebhookCommands } from './webhook-commands.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const afterHelp = `
Examples:
  $ npm start                                         the demo, which prints its test key
  $ export CENTANG_API_KEY=ck_test_…
  $ centang send +6281234567890 --wait
  $ centang listen                                    in another terminal
  $ centang backup centang.backup

Ends with
  0  done
  1  refused or failed; of check: the code is wrong
  2  wrong words, options, settings or a file: nothing was begun
  3  the server or the database does not answer
  4  the API key is unknown, revoked, or may not do that

Colours only on a terminal, and not with NO_COLOR. Results go to stdout, everything else to stderr; with --json errors
are JSON too.`

/** Every command there is. `isQuiet`: what is wrong with the arguments is told by whoever runs it. */
export function createProgram({ isQuiet = false } = {}): Command {
  const program = new Command('centang')
    .description('Proves that a phone is yours, over WhatsApp first.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => process.stdout.write(asTyped(text)),
      writeErr: (text) => void (isQuiet || process.stderr.write(asTyped(text))),
    })
    .showHelpAfterError('Add --help to see what there is.')
    .addHelpText('after', afterHelp)

  program.commandsGroup('With an API key, through a running server:')
  addVerificationCommands(program)
  addListenCommand(program)
  addWebhookCommands(program)
  addSetUpCommands(program)
  addKeyCommands(program.command('keys').description('API keys of a business'))

  program.commandsGroup("On the server's machine, with its settings:")
  // The server is most of what there is to load, and the other commands need little of it.
  program
    .command('serve')
    .description('start the server')
    .action(async () => (await import('./serve.ts')).serve())
  addBusinessCommands(program)
  addSenderCommands(program)
  addMasterKeyCommands(program.command('master-keys').description('the keys that codes are derived from'))
  addBackupCommands(program)
  addErasureCommands(program)
  addLedgerCommands(program)
  return program
}

/** Runs the command that the words name; what it ends with is in `process.exitCode`. */
export async function run(): Promise<void> {
  // Who reads no further, as `head`, ends us without a fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  try {
    readEnvFile(process.env, process.cwd())
    await createProgram({ isQuiet: isJson() }).parseAsync()
  } catch (error) {
    if (!(error instanceof CommanderError)) return fail(error)
    // Asking for help is no fault; what is one it has told itself, but not as JSON.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    if (error.exitCode !== 0 && isJson()) tell(JSON.stringify({ code: 'usage', title: error.message }))
  }
}

const isJson = (): boolean => process.argv.includes('--json')

function fail(error: unknown): void {
  const { exitCode, text, problem } = explain(error)
  tell(isJson() ? JSON.stringify(problem ?? { code: 'failed', title: text }) : text)
  process.exitCode = exitCode
}

interface Explained {
  readonly exitCode: number
  readonly text: string
  readonly problem?: object | undefined
}

/** Of the network; and what the driver says, without a code, of a host that is silent or hangs up. */
const isAway = /^(ECONN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|timeout expired|Connection terminated)/

/** What a person can act on; a stack only where nobody foresaw the fault. */
function explain(error: unknown): Explained {
  const { failed, usage, unreachable } = exitCodes
  if (!(error instanceof Error)) return { exitCode: failed, text: String(error) }
  const { code } = error as NodeJS.ErrnoException
  if (error instanceof CommandFailed) return { exitCode: error.exitCode, text: error.message, problem: error.problem }
  if (error instanceof ConfigInvalid) return { exitCode: usage, text: error.message }
  if (error instanceof DataFolderInUse) return { exitCode: failed, text: error.message }
  if (code === 'EADDRINUSE') {
    const text = `Port ${process.env['PORT'] ?? 3000} is in use. Stop what listens there, or choose another with PORT=3001.`
    return { exitCode: failed, text }
  }
  const ofDatabase = explainDatabase(error, process.env['DATABASE_URL'])
  if (ofDatabase) return { exitCode: ofDatabase.isAway ? unreachable : failed, text: ofDatabase.text }
  if (code === 'EACCES') return { exitCode: failed, text: `Not allowed: ${error.message}` }
  if (isAway.test(code ?? error.message)) {
    const text = `The database can't be reached (${error.message || code}). Check DATABASE_URL.`
    return { exitCode: unreachable, text }
  }
  const text =
    process.env['CENTANG_LOG_LEVEL'] === 'debug' ? tellSourceLines(error.stack ?? error.message) : error.message
  return { exitCode: failed, text }
}
