import { createInterface } from 'node:readline'
import { usageError } from './exit.ts'

/**
 * What a person types, line by line, asked for on a terminal; or the lines of a pipe, without a question. Empty lines
 * are passed over. Ends with Ctrl-D, Ctrl-C or the end of the pipe.
 */
export async function* readTypedLines(question: string): AsyncGenerator<string> {
  const isAsked = process.stdin.isTTY
  const lines = createInterface({ input: process.stdin, ...(isAsked && { output: process.stderr }), prompt: question })
  lines.on('SIGINT', () => lines.close())
  try {
    if (isAsked) lines.prompt()
    for await (const line of lines) {
      const typed = line.trim()
      if (typed !== '') yield typed
      if (isAsked) lines.prompt()
    }
  } finally {
    lines.close()
  }
}

/** Before something that cannot be undone. Where nobody can be asked, nothing is done. */
export async function askToGoOn(what: string): Promise<void> {
  if (!process.stdin.isTTY) throw usageError(`${what} Say --yes to do it without being asked.`)
  for await (const typed of readTypedLines(`${what} Go on? (y/N) `)) {
    if (/^y(es)?$/i.test(typed)) return
    break
  }
  throw usageError('Nothing was done.')
}
