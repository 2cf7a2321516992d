import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { plainEnvironment } from './child.ts'
import { planning } from '#platform/database/lanes.ts'
import { cpuSecondsOf, machineCpuSeconds } from './process-tree.ts'

/** pgbench of the newest PostgreSQL of this machine, or the one in the path; undefined when there is none. */
export async function findPgbench(): Promise<string | undefined> {
  const folder = '/usr/lib/postgresql'
  const versions = existsSync(folder) ? readdirSync(folder).toSorted((a, b) => Number(b) - Number(a)) : []
  const found = versions.map((version) => join(folder, version, 'bin', 'pgbench')).find((path) => existsSync(path))
  if (found !== undefined) return found
  try {
    await promisify(execFile)('pgbench', ['--version'])
    return 'pgbench'
  } catch {
    return undefined
  }
}

export interface PgbenchResult {
  readonly transactionsPerSecond: number
  /** CPU microseconds of PostgreSQL a transaction. */
  readonly databaseUs: number
  readonly foreignShare: number
}

export interface PgbenchRun {
  readonly command: string
  readonly databaseUrl: string
  readonly databasePid: number
  readonly script: string
  readonly clients: number
  readonly seconds: number
  /** `-D` variables. */
  readonly variables: Readonly<Record<string, number | string>>
}

/** One run with prepared statements, in the role and with the settings of the server's own. */
export async function runPgbench(run: PgbenchRun): Promise<PgbenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'centang-pgbench-'))
  const script = join(folder, 'flow.sql')
  writeFileSync(script, run.script)
  const url = new URL(run.databaseUrl)
  const args = [
    ['-n', '-M', 'prepared', '-f', script, '-c', String(run.clients), '-j', '1', '-T', String(run.seconds)],
    Object.entries(run.variables).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
    ['-h', url.hostname, '-p', url.port, '-U', url.username, url.pathname.slice(1)],
  ].flat()
  const options = Object.entries({ role: 'centang_engine', ...planning })
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ')
  const environment = { ...plainEnvironment(), PGPASSWORD: url.password, PGOPTIONS: options }
  try {
    // What it did before its first and after its last transaction is little; the window is the run without its start.
    const child = spawn(run.command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => (output += bytes.toString()))
    await sleep(100)
    const [before, oursBefore, from] = [machineCpuSeconds(), cpuSecondsOf(process.pid), cpuSecondsOf(run.databasePid)]
    const [code] = (await once(child, 'exit')) as [number]
    const [after, ours, to] = [machineCpuSeconds(), cpuSecondsOf(process.pid), cpuSecondsOf(run.databasePid)]
    const count = Number(/actually processed: (\d+)/.exec(output)?.[1])
    const transactionsPerSecond = Number(/tps = ([\d.]+) \(without/.exec(output)?.[1])
    if (code !== 0 || !(count > 0)) throw new Error(`pgbench ended with ${code}: ${output.slice(0, 2000)}`)
    return {
      transactionsPerSecond,
      databaseUs: ((to - from) * 1e6) / count,
      foreignShare: Math.max(0, (after.busy - before.busy - (ours - oursBefore)) / (after.total - before.total)),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
