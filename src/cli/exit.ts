/** What a command ends with. The help and docs/reference/cli.md say the same. */
export const exitCodes = {
  ok: 0,
  /** The server refused, the code was wrong, or the work could not be done. */
  failed: 1,
  /** The words, options, settings or a file are wrong: nothing was begun. */
  usage: 2,
  /** The server or the database does not answer. */
  unreachable: 3,
  /** The API key is unknown, revoked or not allowed to do that. */
  credentials: 4,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** A foreseen end of a command: a text for the person, a code for the script. */
export class CommandFailed extends Error {
  readonly exitCode: ExitCode
  /** What `--json` prints instead of the text. */
  readonly problem: Readonly<Record<string, unknown>> | undefined

  constructor(exitCode: ExitCode, text: string, problem?: Readonly<Record<string, unknown>>) {
    super(text)
    this.name = 'CommandFailed'
    this.exitCode = exitCode
    this.problem = problem
  }
}

export const usageError = (text: string): CommandFailed => new CommandFailed(exitCodes.usage, text)

/** Of a file that was named and can't be read. */
export function unreadable(file: string, error: unknown): CommandFailed {
  const { code, message } = error as NodeJS.ErrnoException
  return usageError(code === 'ENOENT' ? `There is no file ${file}.` : `${file} can't be read: ${message}`)
}
