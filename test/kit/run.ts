import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { enableCompileCache } from 'node:module'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cpuSeconds } from './measure.ts'
import { describeTaken, isTooMuch, limits, slownessNow, type Taken, tooSlow } from './ratchet.ts'

/**
 * `npm test`: every test, in one run with one count. With files or patterns: those. `--ratchet`: red when a file or the
 * whole takes longer than it may.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ratchet: { type: 'boolean', default: false },
    'file-seconds': { type: 'string', default: String(limits.fileSeconds) },
    'cpu-seconds': { type: 'string', default: String(limits.cpuSeconds) },
    concurrency: { type: 'string', default: String(availableParallelism() + 1) },
    /** A file for what each took. */
    times: { type: 'string' },
    'test-name-pattern': { type: 'string' },
  },
})
const root = fileURLToPath(new URL('../../', import.meta.url))
const kept = join(root, 'node_modules/.cache/centang-test')
const durationsFile = join(kept, 'durations.json')
const together = 'test/kit/together.ts'
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

// Every process of the run takes what another has compiled already.
const compiled = join(kept, 'compiled')
mkdirSync(compiled, { recursive: true })
enableCompileCache(compiled)
process.env['NODE_COMPILE_CACHE'] = compiled

const wanted =
  positionals.length > 0 ? globSync(positionals, { cwd: root }) : globSync('test/**/*.test.ts', { cwd: root })
const files = positionals.length > 0 ? wanted : [together, ...wanted]
const known = existsSync(durationsFile)
  ? (JSON.parse(readFileSync(durationsFile, 'utf8')) as Record<string, Omit<Taken, 'file'>>)
  : {}
const lastSeconds = (file: string): number => known[file]?.seconds ?? Number.POSITIVE_INFINITY
// The longest first, so that none of them is left at the end with nobody beside it.
const inOrder = files.toSorted((a, b) => lastSeconds(b) - lastSeconds(a) || a.localeCompare(b))

// Of Node since 24.0, and not of its types yet.
const setup: object = { globalSetupPath: here('postgres-setup.ts') }

/** Runs files, shows what they say, and tells what they took. */
async function runFiles(
  names: readonly string[],
  concurrency: number,
): Promise<{ hasFailed: boolean; taken: Taken[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'centang-test-times-'))
  process.env['CENTANG_TEST_TIMES'] = folder
  let hasFailed = false
  const pattern = values['test-name-pattern']
  const stream = run({
    files: names.map((name) => resolve(root, name)),
    concurrency,
    execArgv: ['--import', here('measure.ts')],
    ...setup,
    ...(pattern !== undefined && { testNamePatterns: [pattern] }),
  })
  stream.on('test:fail', ({ todo }) => (hasFailed ||= todo === undefined || todo === false))
  const shown = stream.compose(spec)
  shown.pipe(process.stdout)
  await new Promise<void>((done, fail) => shown.once('end', done).once('error', fail))
  const taken = readdirSync(folder).map((name) => {
    const one = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Taken
    return { ...one, file: relative(root, one.file) }
  })
  rmSync(folder, { recursive: true, force: true })
  return { hasFailed, taken }
}

/** Whether a file, or all together, took longer than they may. A slow one gets a second chance, alone. */
function hasSlowed(taken: readonly Taken[], cpu: number): boolean {
  const allowed = { fileSeconds: Number(values['file-seconds']), cpuSeconds: Number(values['cpu-seconds']) }
  const suspects = tooSlow(taken, allowed)
  let slow: readonly Taken[] = []
  if (suspects.length > 0) {
    console.log(
      `\nAbove ${allowed.fileSeconds} seconds, and now once more by themselves:\n${describeTaken(suspects)}\n`,
    )
    const before = slownessNow()
    const times = join(mkdtempSync(join(tmpdir(), 'centang-test-again-')), 'times.json')
    // In a runner of its own: node:test sets up what files share once a process.
    const words = ['--concurrency', '1', '--times', times, ...suspects.map(({ file }) => file)]
    spawnSync(process.execPath, [here('run.ts'), ...words], { stdio: 'inherit' })
    const again = existsSync(times) ? (JSON.parse(readFileSync(times, 'utf8')) as readonly Taken[]) : suspects
    rmSync(join(times, '..'), { recursive: true, force: true })
    slow = tooSlow(again, allowed, Math.max(before, slownessNow()))
  }
  if (slow.length > 0)
    console.log(`\nFAILED: these take longer than ${allowed.fileSeconds} seconds\n${describeTaken(slow)}`)
  const isMuch = isTooMuch(cpu, allowed)
  if (isMuch)
    console.log(
      `\nFAILED: ${Math.round(cpu)} seconds of processor time, ${allowed.cpuSeconds} are allowed\n${describeTaken(taken)}`,
    )
  return slow.length > 0 || isMuch
}

const { hasFailed, taken } = await runFiles(inOrder, Number(values.concurrency))
if (values.times !== undefined) writeFileSync(values.times, JSON.stringify(taken))
const cpu = cpuSeconds()
if (!hasFailed && positionals.length === 0)
  writeFileSync(
    durationsFile,
    JSON.stringify(Object.fromEntries(taken.map(({ file, ...one }) => [file, one])), null, 1),
  )
console.log(`\nThe longest of ${taken.length} files, ${Math.round(cpu)} seconds of processor time in all:`)
console.log(describeTaken(taken.toSorted((a, b) => b.seconds - a.seconds).slice(0, 5)))
const isSlow = values.ratchet && hasSlowed(taken, cpu)
process.exitCode = hasFailed || isSlow ? 1 : 0
