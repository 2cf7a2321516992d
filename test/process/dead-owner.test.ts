import assert from 'node:assert/strict'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { DataFolderInUse, lockDataFolder } from '#platform/database/embedded/data-folder-lock.ts'
import { eventually } from '../kit/api.ts'
import { freePort, spawnServer } from '../kit/processes.ts'
import { container, noContainers, noProc, patienceMs, processesWith } from './postgres-processes.ts'
import { createFolders, startDatabase } from './data-folders.ts'

describe('a data folder whose server is dead', { concurrency: 3 }, () => {
  const { folder } = createFolders()

  /** How long the folder takes to be had, at once let go again. */
  async function takesMs(dataFolder: string): Promise<number> {
    const begun = performance.now()
    const lock = await lockDataFolder(dataFolder, assert.fail)
    lock.release()
    return performance.now() - begun
  }

  it('and was in another container is had at once', { skip: noContainers || noProc }, async () => {
    const dataFolder = folder()
    const first = spawnServer(await freePort(), { CENTANG_DATA_DIR: dataFolder }, { within: container })
    await first.ready
    await assert.rejects(takesMs(dataFolder), DataFolderInUse)
    first.child.kill('SIGKILL')
    await eventually(async () => processesWith(dataFolder).length === 0, patienceMs)
    assert.ok((await takesMs(dataFolder)) < 2500)
  })

  /** A PATH without flock(1). */
  function pathWithoutLocks(): string {
    const path = folder()
    symlinkSync('/usr/bin/test', join(path, 'test'))
    return path
  }

  for (const [what, pathOf] of [
    ['', () => process.env['PATH']],
    [', also where the kernel gives no lock', pathWithoutLocks],
  ] as const) {
    it(`and not buried is had at once${what}`, { skip: noProc }, async () => {
      const dataFolder = folder()
      const PATH = pathOf()
      // A parent that never asks after its child, as the first process of many a container.
      const within = ['sh', '-c', '"$@" & exec sleep 600', 'sh', 'env', `PATH=${PATH}`]
      const server = spawnServer(await freePort(), { CENTANG_DATA_DIR: dataFolder }, { within })
      await server.ready
      const { pid } = JSON.parse(readFileSync(join(dataFolder, 'server.lock'), 'utf8')) as { pid: number }
      const { PATH: path } = process.env
      process.env['PATH'] = PATH
      try {
        await assert.rejects(takesMs(dataFolder), DataFolderInUse, 'while it lives')
        process.kill(pid, 'SIGKILL')
        await eventually(async () => /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')))
        assert.ok((await takesMs(dataFolder)) < 2500)
        assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^State:\s+Z/m, 'nobody has buried it meanwhile')
      } finally {
        process.env['PATH'] = path
      }
      await (await startDatabase(dataFolder)).stop()
      server.child.kill('SIGKILL')
    })
  }
})
