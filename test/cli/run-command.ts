import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { Readable, Writable } from 'node:stream'
import { run } from '#cli/program.ts'
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

/** A command as a process of its own, without anything of our environment: for what is typed into it, or ended from outside. */
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

let last: Promise<unknown> = Promise.resolve()

/**
 * Runs a command to its end, in this process but with words, environment, input and output of its own, one at a time.
 * Whatever it says, it shows no stack and, through a pipe, no colour.
 */
export async function runCommand(
  words: readonly string[],
  environment: Record<string, string> = {},
  input = '',
): Promise<Ran> {
  const turn = last.then(() => runHere(words, environment, input))
  last = turn.catch(() => undefined)
  const ran = await turn
  assert.doesNotMatch(ran.out + ran.err, /\n\s+at |node:internal/, 'a stack trace')
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(ran.out + ran.err, /\u001b/, 'colours or control characters in a pipe')
  return ran
}

async function runHere(words: readonly string[], environment: Record<string, string>, input: string): Promise<Ran> {
  const [stdout, stderr] = [collect(), collect()]
  const own = {
    argv: [process.execPath, main, ...words],
    env: { PATH: process.env['PATH'], ...environment },
    stdin: Readable.from([input]),
    stdout: stdout.stream,
    stderr: stderr.stream,
  }
  const names = Object.keys(own) as (keyof typeof own)[]
  const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(process, name)] as const)
  const [exitCode, folder] = [process.exitCode, process.cwd()]
  for (const name of names)
    Object.defineProperty(process, name, { value: own[name], configurable: true, writable: true })
  process.exitCode = undefined
  process.chdir(tmpdir())
  try {
    await run()
    return { code: exitCodeNow(), out: stdout.text(), err: stderr.text() }
  } finally {
    for (const [name, described] of before) Object.defineProperty(process, name, described as PropertyDescriptor)
    process.exitCode = exitCode
    process.chdir(folder)
  }
}

const exitCodeNow = (): number => Number(process.exitCode ?? 0)

function collect() {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  return { stream, text: () => Buffer.concat(chunks).toString() }
}
