import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** What a child needs to run at all, and nothing of the settings or secrets of whoever runs the benchmark. */
export const plainEnvironment = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  TMPDIR: process.env['TMPDIR'] ?? '/tmp',
  NODE_ENV: 'production',
})

export interface Child {
  readonly pid: number
  readonly process: ChildProcess
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()

/** However the benchmark ends, what it started ends with it. */
export function ownChild(child: ChildProcess): ChildProcess {
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const forkChild = (path: string, environment: Record<string, string>): ChildProcess =>
  ownChild(
    fork(new URL(`../${path}`, import.meta.url), {
      env: { ...plainEnvironment(), ...environment },
      execArgv: [],
      // JSON knows no NaN, which is the latency of what was not asked.
      serialization: 'advanced',
    }),
  )

/** Starts a script of bench/ that tells its port when it listens. */
export async function startListening(
  path: string,
  environment: Record<string, string> = {},
): Promise<Child & { readonly port: number }> {
  const child = forkChild(path, environment)
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: number }).port))
    child.once('exit', (code) => reject(new Error(`${path} ended with ${code} before it listened.`)))
  })
  return { pid: child.pid as number, port, process: child, stop: () => stopChild(child) }
}

export const startScript = (path: string): ChildProcess => forkChild(path, {})

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** Asks a child that answers every message with one. */
export function ask<Reply>(child: ChildProcess, question: object): Promise<Reply> {
  return new Promise((resolve) => {
    child.once('message', (answer) => resolve(answer as Reply))
    child.send(question)
  })
}
