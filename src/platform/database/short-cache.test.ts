import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ShortCache } from './short-cache.ts'

describe('the short cache', () => {
  const counting = (load: (key: string) => Promise<string | undefined>) => {
    const loaded: string[] = []
    const cache = new ShortCache<string, string | undefined>({
      lastsMs: 60_000,
      load: (key) => {
        loaded.push(key)
        return load(key)
      },
      spell: (key) => key,
    })
    return { cache, loaded }
  }

  it('keeps who is known through a flood of unknown ones', async () => {
    const { cache, loaded } = counting(async (key) => (key === 'known' ? 'somebody' : undefined))
    assert.equal(await cache.get('known'), 'somebody')
    for (let n = 0; n < 20_000; n++) await cache.get(`unknown ${n}`)
    loaded.length = 0
    assert.equal(await cache.get('known'), 'somebody')
    assert.deepEqual(loaded, [])
  })

  it('keeps what does not exist too, forgets it when told, and keeps no failure', async () => {
    let isThere = false
    let isBroken = false
    const { cache, loaded } = counting(async () => {
      if (isBroken) throw new Error('away')
      return isThere ? 'here' : undefined
    })
    assert.equal(await cache.get('a'), undefined)
    assert.equal(await cache.get('a'), undefined)
    assert.equal(loaded.length, 1)
    isThere = true
    cache.forget('a')
    assert.equal(await cache.get('a'), 'here')
    isBroken = true
    cache.clear()
    await assert.rejects(cache.get('a'), /away/)
    isBroken = false
    assert.equal(await cache.get('a'), 'here')
  })
})
