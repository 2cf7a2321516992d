import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { createKeyUse } from './key-use.ts'

describe('the last use of a key', () => {
  it('is written once in a while, however often it is used, and for many keys at once', async () => {
    const written: string[][] = []
    const write = mock.fn(async (uses: readonly { readonly keyId: string }[]) => {
      written.push(uses.map(({ keyId }) => keyId))
    })
    const use = createKeyUse({ write, now: () => new Date(), onceInMs: 60_000, afterMs: 0 })
    for (let turn = 0; turn < 1000; turn++)
      for (const keyId of ['one', 'two']) use.note({ businessId: 'business', keyId })
    await use.stop()
    for (let turn = 0; turn < 1000; turn++) use.note({ businessId: 'business', keyId: 'one' })
    await use.stop()
    assert.deepEqual(written, [['one', 'two']])
  })

  it('is written again when its time has come', async () => {
    const written: number[] = []
    const write = async (uses: readonly unknown[]): Promise<void> => void written.push(uses.length)
    const use = createKeyUse({ write, now: () => new Date(), onceInMs: 0, afterMs: 1000 })
    use.note({ businessId: 'business', keyId: 'one' })
    await use.stop()
    use.note({ businessId: 'business', keyId: 'one' })
    await use.stop()
    assert.deepEqual(written, [1, 1])
  })

  it('stops nobody when it cannot be written', async () => {
    const use = createKeyUse({ write: () => Promise.reject(new Error('away')), now: () => new Date() })
    use.note({ businessId: 'business', keyId: 'one' })
    await use.stop()
  })
})
