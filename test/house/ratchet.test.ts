import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isTooMuch, slownessNow, type Taken, tooSlow } from '../kit/ratchet.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const limits = { fileSeconds: 20, cpuSeconds: 100 }
const taken = (file: string, seconds: number): Taken => ({ file, seconds, cpuSeconds: 1 })

/** The runner as `.ci/run` starts it, on one file. */
async function runner(...words: string[]): Promise<{ code: number | null; out: string }> {
  const { NODE_TEST_CONTEXT: _inside, CENTANG_TEST_TIMES: _times, ...env } = process.env
  const child = spawn(process.execPath, ['test/kit/run.ts', ...words], { cwd: root, env })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  const code = await new Promise<number | null>((done) => child.once('close', done))
  return { code, out }
}

describe('the time that tests take', { concurrency: true }, () => {
  it('is judged file by file, and on a slow machine with patience', () => {
    const files = [taken('a', 20), taken('b', 20.5), taken('c', 61)]
    const names = (slowness?: number) => tooSlow(files, limits, slowness).map(({ file }) => file)
    assert.deepEqual([names(), names(3), names(0.1), names(4)], [['b', 'c'], ['c'], ['b', 'c'], []])
    assert.deepEqual([isTooMuch(100, limits), isTooMuch(101, limits)], [false, true])
    assert.ok(slownessNow() > 0.9)
  })

  it('turns a run red when a file takes too long twice, the second time alone', async () => {
    const slow = 'test/house/samples/slow.ts'
    const { code, out } = await runner('--ratchet', '--file-seconds', '0.1', slow)
    assert.equal(code, 1, out)
    assert.match(out, /once more by themselves:\n.*samples\/slow\.ts/)
    assert.match(out, /FAILED: these take longer than 0\.1 seconds\n.*samples\/slow\.ts/)
    const fine = await runner('--ratchet', slow)
    assert.equal(fine.code, 0, fine.out)
    const unwatched = await runner('--file-seconds', '0.1', slow)
    assert.equal(unwatched.code, 0, 'only who asks for it is judged')
  })

  it('turns a run red when all together work too much', async () => {
    const busy = 'test/house/samples/busy.ts'
    const { code, out } = await runner('--ratchet', '--cpu-seconds', '1', busy)
    assert.equal(code, 1, out)
    assert.match(out, /FAILED: \d+ seconds of processor time, 1 are allowed\n.*samples\/busy\.ts/)
    assert.equal((await runner('--ratchet', busy)).code, 0)
  })
})
