import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { runInHalves } from './run-in-halves.ts'

test('only the items at fault fail, and everything else is kept once, in its order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (isBad) => {
      const kept: number[] = []
      const errors = await runInHalves(
        isBad.map((_, n) => n),
        async (items) => {
          if (items.some((n) => isBad[n])) throw new Error('bad')
          kept.push(...items)
        },
        () => false,
      )
      assert.deepEqual(
        kept,
        isBad.flatMap((bad, n) => (bad ? [] : [n])),
      )
      assert.deepEqual(
        errors.map((error) => error !== undefined),
        isBad,
      )
    }),
  )
})

test('what passes by itself is not run again here', async () => {
  let runs = 0
  const errors = await runInHalves(
    [1, 2, 3],
    async () => {
      runs++
      throw new Error('away')
    },
    () => true,
  )
  assert.deepEqual([runs, errors.length], [1, 3])
})
