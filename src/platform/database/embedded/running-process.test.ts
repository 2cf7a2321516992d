import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, it } from 'node:test'
import { commandOf, isAlive, startOf } from './running-process.ts'

describe('a process that runs', () => {
  // As on macOS, where there is no /proc.
  for (const platform of [process.platform, 'darwin'] as const) {
    it(`is known by its command (${platform})`, async () => {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'mark-of-the-test'])
      assert.match(commandOf(child.pid as number, platform) ?? '', /mark-of-the-test/)
      assert.doesNotMatch(commandOf(process.pid, platform) ?? '', /mark-of-the-test/)
      const gone = new Promise((done) => child.once('exit', done))
      child.kill('SIGKILL')
      await gone
      assert.equal(commandOf(child.pid as number, platform), '')
      assert.ok(!isAlive(child.pid as number))
    })
  }

  it('is told from a later one with its number', { skip: process.platform !== 'linux' && 'there is no /proc' }, () => {
    assert.match(startOf(process.pid) ?? '', /^\d+$/)
    assert.equal(startOf(2 ** 30), undefined)
  })
})
