import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

/** What every benchmark understands; numbers only, so that a command line is short. */
const common = { rounds: 5, seconds: 4, 'warm-up': 1.5 }

/**
 * Reads `--name number` for the common options and those in `own`, whose values are the defaults.
 * Ends the process with a usage line when there is another one or no number.
 */
export function readOptions<Own extends Readonly<Record<string, number>>>(own: Own): typeof common & Own {
  const defaults: Record<string, number> = { ...common, ...own }
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' }] as const))
  try {
    const { values } = parseArgs({ options })
    for (const [name, text] of Object.entries(values)) {
      const number = Number(text)
      if (!(number >= 0)) throw new Error(`--${name} must be a number`)
      defaults[name] = number
    }
  } catch (error) {
    const usage = Object.entries(defaults).map(([name, value]) => `[--${name} ${value}]`)
    process.stderr.write(`${(error as Error).message}\nOptions: ${usage.join(' ')}\n`)
    process.exit(2)
  }
  return defaults as typeof common & Own
}

const tmpfsMagic = 0x01021994

/** On a memory file system an fsync costs nothing, and every figure would flatter everybody. */
export function warnOfMemoryDisk(): void {
  if (statfsSync(tmpdir()).type !== tmpfsMagic) return
  process.stderr.write(`Note: ${tmpdir()} is in memory, so fsync is free. Set TMPDIR to a folder on a disk.\n`)
}
