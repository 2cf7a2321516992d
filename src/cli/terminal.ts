import { styleText } from 'node:util'

/** In a clone a command is found by npx, or by npm's run; where it is installed, by its name. */
const spelled =
  process.env['npm_command'] === 'exec' || process.env['npm_lifecycle_event'] === 'centang' ? 'npx centang' : 'centang'

/** A text with commands as its reader types them. */
export const asTyped = (text: string): string =>
  spelled === 'centang' ? text : text.replaceAll(/(?<![\w./-]|npx )centang (?=[a-z])/g, `${spelled} `)

export const print = (line: string): void => void process.stdout.write(`${asTyped(line)}\n`)

/** For what is no result: hints, progress, prompts. A pipe carries results only. */
export const tell = (line: string): void => void process.stderr.write(`${asTyped(line)}\n`)

export const printJson = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`)

type Format = 'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold'

/** In colour on a terminal only; NO_COLOR (no-color.org) and a pipe leave the text alone. */
export const paint = (format: Format, text: string, stream: NodeJS.WriteStream = process.stdout): string =>
  styleText(format, text, { stream })

/** Hours, minutes and seconds here, where the reader is. */
export const timeOf = (iso: string): string => new Date(iso).toLocaleTimeString('en-GB', { hour12: false })

export function dateOf(iso: string): string {
  const date = new Date(iso)
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${timeOf(iso)}`
}

/** Rows under each other; the last column is not padded. Colours are put on by `paintCell`, which the width ignores. */
export function table(
  rows: readonly (readonly string[])[],
  paintCell: (cell: string, column: number) => string = (cell) => cell,
): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const gap = column === row.length - 1 ? '' : ' '.repeat((widths[column] ?? 0) - cell.length)
        return paintCell(cell, column) + gap
      })
      .join('  ')
      .trimEnd(),
  )
}

/** Progress of long work: one line that is written anew on a terminal, a line a step elsewhere. */
export interface Progress {
  /** Says how far a step is; on a terminal not more often than the eye can follow. */
  step(text: string): void
  done(text: string): void
  /** Takes the line away, for a result that is printed instead. */
  clear(): void
}

const everyMs = 100

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  let toldAt = 0
  return {
    step(text) {
      if (!stream.isTTY || performance.now() - toldAt < everyMs) return
      toldAt = performance.now()
      stream.write(`\r\u001b[2K${text}`)
    },
    done(text) {
      stream.write(`${stream.isTTY ? '\r\u001b[2K' : ''}${text}\n`)
    },
    clear() {
      if (stream.isTTY) stream.write('\r\u001b[2K')
    },
  }
}
