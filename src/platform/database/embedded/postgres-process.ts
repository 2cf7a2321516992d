import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export type Log = (line: string, level: 'debug' | 'info' | 'warn' | 'error') => void

export interface PostgresProcess {
  readonly command: string
  readonly cluster: string
  readonly port: number
  readonly settings: Readonly<Record<string, string>>
  readonly spawn: { readonly uid?: number; readonly gid?: number; readonly env: Record<string, string> }
  /** A file that stays open in it and in every process of its. */
  readonly inherited: number
  readonly log: Log
  /** It ended and would not start again. */
  readonly onGivenUp?: ((detail: string) => void) | undefined
}

export interface Keeper {
  readonly pid: number
  stop(): Promise<void>
}

/** Ctrl-C on a terminal goes to a whole group: the database has to outlast the requests that are under way. */
export const ownGroup = { detached: process.platform !== 'win32' } as const

const readyWithinMs = 60_000
export const stopWithinMs = 15_000
/** This often in a minute it is started again; after that something is wrong that a start does not mend. */
const restartsMax = 5
const restartsWithinMs = 60_000

/** Starts PostgreSQL and starts it again when it ends unasked; nothing that was committed is lost by it. */
export async function keepRunning(options: PostgresProcess): Promise<Keeper> {
  const restarts: number[] = []
  let isStopping = false
  let running: Running

  const onExit = (detail: string): void => {
    if (isStopping) return
    const now = Date.now()
    restarts.push(now)
    const recent = restarts.filter((at) => at > now - restartsWithinMs)
    options.log(`The embedded database ended unexpectedly (${detail})`, 'error')
    if (recent.length > restartsMax) {
      options.onGivenUp?.(detail)
      return
    }
    startPatiently(options, onExit).then(
      (started) => {
        running = started
        options.log('The embedded database is running again', 'info')
        if (isStopping) void stop(running)
      },
      (error: unknown) => options.onGivenUp?.((error as Error).message),
    )
  }

  running = await startPatiently(options, onExit)
  return {
    get pid() {
      return running.child.pid as number
    },
    async stop() {
      isStopping = true
      await stop(running)
    },
  }
}

/** Sessions of a postmaster that was killed need a moment to notice; until then its memory is in use. */
async function startPatiently(options: PostgresProcess, onExit: (detail: string) => void): Promise<Running> {
  const until = Date.now() + stopWithinMs
  for (;;) {
    try {
      return await start(options, onExit)
    } catch (error) {
      const isInUse = /is still in use|already exists|being used by another/.test((error as Error).message)
      if (!isInUse || Date.now() > until) throw error
      await sleep(100)
    }
  }
}

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<void>
}

async function start(options: PostgresProcess, onExit: (detail: string) => void): Promise<Running> {
  const { command, cluster, port, settings } = options
  const child = spawn(
    command,
    [
      '-D',
      cluster,
      '-p',
      String(port),
      '-c',
      'unix_socket_directories=',
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    { ...options.spawn, ...ownGroup, cwd: '/', stdio: ['ignore', 'ignore', 'pipe', options.inherited] },
  )
  const lines: string[] = []
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    for (const line of chunk.split('\n').filter(Boolean)) {
      lines.push(line)
      if (lines.length > 50) lines.shift()
      options.log(line, /\bPANIC\b/.test(line) ? 'error' : 'debug')
    }
  })
  let isReady = false
  let hasEnded = false
  const ended = new Promise<void>((done) => {
    const end = (detail: string): void => {
      hasEnded = true
      if (isReady) onExit(detail)
      done()
    }
    child.once('exit', (code, signal) => end(`${signal ?? `exit code ${code}`}: ${lines.at(-1) ?? ''}`))
    child.once('error', (error) => end(error.message))
  })
  const until = Date.now() + readyWithinMs
  while (!saysReady(cluster, child.pid)) {
    if (hasEnded) throw new Error(`The embedded database did not start: ${lines.slice(-3).join(' ')}`)
    if (Date.now() > until) throw new Error('The embedded database did not become ready within a minute.')
    await sleep(5)
  }
  isReady = true
  return { child, ended }
}

/** The eighth line of postmaster.pid says `ready` once connections are accepted. */
function saysReady(cluster: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')
    return Number(lines[0]) === pid && lines[7]?.trim() === 'ready'
  } catch {
    return false
  }
}

/** A fast shutdown: sessions are ended, everything is written. */
async function stop({ child, ended }: Running): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGINT')
  const timer = setTimeout(() => child.kill('SIGQUIT'), stopWithinMs)
  await ended
  clearTimeout(timer)
}
