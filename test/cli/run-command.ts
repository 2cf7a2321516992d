import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { main } from '../kit/processes.ts'

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Command {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  readonly ended: Promise<Ran>
}

/** A command as a process of its own, without anything of our environment. */
export function spawnCommand(words: readonly string[], environment: Record<string, string> = {}): Command {
  const child = spawn(process.execPath, [main, ...words], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  // Who ends before it has read everything leaves a broken pipe.
  child.stdin.on('error', () => undefined)
  const ended = new Promise<Ran>((done) => child.once('close', (code) => done({ code, out, err })))
  return { child, out: () => out, err: () => err, ended }
}

/** Runs a command to its end; whatever it says, it shows no stack and, through a pipe, no colour. */
export async function runCommand(
  words: readonly string[],
  environment: Record<string, string> = {},
  input = '',
): Promise<Ran> {
  const { child, ended } = spawnCommand(words, environment)
  child.stdin?.end(input)
  const ran = await ended
  assert.doesNotMatch(ran.out + ran.err, /\n\s+at |node:internal/, 'a stack trace')
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(ran.out + ran.err, /\u001b/, 'colours or control characters in a pipe')
  return ran
}
