import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
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

  for (const platform of [process.platform, 'darwin'] as const) {
    it(`does not run any more as a zombie (${platform})`, async () => {
      // The shell turns into a sleep, which never asks after the child that it does not know of.
      const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'])
      const [line] = (await once(parent.stdout, 'data')) as [Buffer]
      const zombie = Number(line.toString())
      const isNoZombie = (): boolean =>
        !spawnSync('ps', ['-o', 'stat=', '-p', String(zombie)], { encoding: 'utf8' }).stdout.startsWith('Z')
      for (const until = Date.now() + 5000; isNoZombie() && Date.now() < until;) await sleep(20)
      assert.ok(process.kill(zombie, 0), 'it still has its number')
      assert.equal(isAlive(zombie, platform), false)
      assert.equal(isAlive(parent.pid as number, platform), true)
      parent.kill('SIGKILL')
    })
  }

  it('is told from a later one with its number', { skip: process.platform !== 'linux' && 'there is no /proc' }, () => {
    assert.match(startOf(process.pid) ?? '', /^\d+$/)
    assert.equal(startOf(2 ** 30), undefined)
  })
})
