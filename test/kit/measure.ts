import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Preloaded into the process of every test file: when it ends, what it took is written down for the runner. */
const folder = process.env['CENTANG_TEST_TIMES']
const file = process.argv[1]

if (folder !== undefined && file !== undefined)
  process.once('exit', () => {
    // A process that a test left behind may end after the run.
    if (!existsSync(folder)) return
    const seconds = performance.now() / 1000
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify({ file, seconds, cpuSeconds: cpuSeconds() }))
  })

/** What is still open then never closes: better red than a run without an end. */
const lifetimeMaxMs = 240_000
if (folder !== undefined && process.env['EXPLORE'] === undefined)
  setTimeout(() => {
    console.error(`${file} did not end within ${lifetimeMaxMs / 1000} seconds.`)
    process.exit(1)
  }, lifetimeMaxMs).unref()

/** Processor time of this process and of those that it started and that have ended, where `/proc` tells. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  const own = (user + system) / 1e6
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    // Behind the name, which may hold anything: cutime and cstime are the 16th and 17th field of all, in hundredths.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return own + (Number(fields[13]) + Number(fields[14])) / 100
  } catch {
    return own
  }
}
