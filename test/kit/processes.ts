import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fetchFrom } from './fetch-from.ts'

export const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

export interface ServerProcess {
  readonly child: ChildProcess
  readonly url: string
  /** Everything it wrote. */
  readonly output: () => string
  readonly exited: Promise<number | null>
  /** When `/readyz` says so; rejects when the process ends first. */
  readonly ready: Promise<void>
}

export function temporaryFolder(mode = 0o755): string {
  const folder = mkdtempSync(join(tmpdir(), 'centang-test-'))
  chmodSync(folder, mode)
  return folder
}

/** For a process that is told where to listen. */
export const freePort = async (): Promise<number> => (await fetchFrom<{ port: number }>('port')).port

/** Waits until somebody listens there; rejects with what a process said that ended first. */
export async function untilListening(port: number, child: ChildProcess): Promise<void> {
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const answers = (): Promise<boolean> =>
    new Promise((done) => {
      const socket = connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false))
      socket.once('connect', () => socket.destroy())
    })
  while (!(await answers())) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`It ended: ${said}`)
    await new Promise((done) => setTimeout(done, 20))
  }
}

/** A server in a process of its own, as `npm start` would run it; `within`: a command that runs it, `entry`: another's. */
export function spawnServer(
  port: number,
  environment: Record<string, string>,
  options: { uid?: number; gid?: number; detached?: boolean; within?: readonly string[]; entry?: string } = {},
): ServerProcess {
  const { PATH = '', TMPDIR } = process.env
  const { within = [], entry = main, ...spawnOptions } = options
  const [command, ...words] = [...within, process.execPath, entry, 'serve']
  const child = spawn(command, words, {
    ...spawnOptions,
    cwd: '/',
    env: {
      PATH,
      ...(TMPDIR !== undefined && { TMPDIR }),
      PORT: String(port),
      CENTANG_DRAIN_SECONDS: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)))
  const url = `http://127.0.0.1:${port}`
  const ready = waitUntilReady(url, exited, () => output)
  ready.catch(() => undefined)
  return { child, url, output: () => output, exited, ready }
}

async function waitUntilReady(url: string, exited: Promise<number | null>, output: () => string): Promise<void> {
  let hasExited = false
  void exited.then(() => (hasExited = true))
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    if (answer?.status === 200) return
    if (hasExited) throw new Error(`The server ended: ${output()}`)
    await new Promise((done) => setTimeout(done, 20))
  }
}

export async function stopServer({ child, exited }: ServerProcess): Promise<void> {
  child.kill('SIGTERM')
  await exited
}
