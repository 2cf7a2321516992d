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

  it('holds no more than so many bytes, however few there are, and gives back what it forgets', async () => {
    const loaded: string[] = []
    const cache = new ShortCache<string, string | undefined>({
      lastsMs: 60_000,
      load: async (key) => {
        loaded.push(key)
        return 'x'.repeat(Number(key.split(' ')[1]))
      },
      spell: (key) => key,
      bytesOf: (value) => value?.length ?? 0,
      bytesMax: 100,
    })
    for (const key of ['a 40', 'b 40', 'c 40']) await cache.get(key)
    loaded.length = 0
    for (const key of ['b 40', 'c 40', 'a 40']) await cache.get(key)
    assert.deepEqual(loaded, ['a 40'], 'the oldest went')
    for (let turn = 0; turn < 100; turn++) {
      cache.forget('a 40')
      await cache.get('a 40')
    }
    await cache.get('d 500')
    loaded.length = 0
    for (const key of ['a 40', 'e 10', 'e 10', 'a 40']) await cache.get(key)
    assert.deepEqual(loaded, ['e 10'], 'what was forgotten, or was too large, takes no room and drives nobody out')
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
