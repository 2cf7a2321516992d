import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createFairGate, GateFull } from './fair-gate.ts'

describe('a gate that is shared', () => {
  const settled = () => new Promise((done) => setImmediate(done))
  function open(waitingMax = 1000, waitMaxMs = 60_000) {
    const gate = createFairGate({ size: 8, waitingMax, waitMaxMs })
    const inside = new Map<string, number>()
    const ends: (() => void)[] = []
    const enter = (owner: string) =>
      gate.run(owner, async () => {
        inside.set(owner, (inside.get(owner) ?? 0) + 1)
        await new Promise<void>((done) => ends.push(done))
        inside.set(owner, (inside.get(owner) as number) - 1)
      })
    const endAll = async (): Promise<void> => {
      while (ends.length > 0) {
        for (const end of ends.splice(0)) end()
        await settled()
      }
    }
    return { enter, inside, endAll, ends }
  }

  it('leaves room for another, whatever one asks for', async () => {
    const { enter, inside, endAll } = open()
    const greedy = Array.from({ length: 100 }, () => enter('greedy'))
    await settled()
    assert.equal(inside.get('greedy'), 4)
    const other = enter('other')
    await settled()
    assert.equal(inside.get('other'), 1, 'at once')
    await endAll()
    await Promise.all([...greedy, other])
    assert.deepEqual([...inside.values()], [0, 0], 'all came through')
  })

  it('lets everybody through one at least', async () => {
    const { enter, inside, endAll } = open()
    const all = Array.from({ length: 20 }, (_, number) => enter(`owner ${number}`))
    await settled()
    assert.equal(inside.size, 20)
    await endAll()
    await Promise.all(all)
  })

  it('turns away who has too many waiting, or waits too long', async () => {
    const { enter, endAll } = open(2, 20)
    const all = Array.from({ length: 7 }, () => enter('greedy'))
    const late = await Promise.allSettled(all.slice(4))
    assert.ok(late.every((one) => one.status === 'rejected' && one.reason instanceof GateFull))
    const again = enter('other')
    await settled()
    await endAll()
    await Promise.all([...all.slice(0, 4), again])
  })

  it('goes on after what failed', async () => {
    const gate = createFairGate({ size: 2, waitingMax: 10, waitMaxMs: 1000 })
    for (let turn = 0; turn < 5; turn++)
      await assert.rejects(
        gate.run('one', () => Promise.reject(new Error('no'))),
        /no/,
      )
    assert.equal(await gate.run('one', async () => 'yes'), 'yes')
  })
})
