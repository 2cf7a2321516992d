import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NewsFate, NewsItem, NewsListener } from '#messaging/core/news.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { sliceSize, takeNews } from './take-news.ts'

const sender = { id: 's' } as Sender
const denial = (n: number): NewsItem => ({ kind: 'denial', denial: { providerMessageId: `m-${n}`, at: new Date(0) } })
const passing = Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' })
const lasting = Object.assign(new Error('invalid byte sequence'), { code: '22021' })

async function take(listeners: NewsListener[], items: Iterable<NewsItem>) {
  const lost: unknown[] = []
  let turns = 0
  const obstacle = await takeNews(
    {
      listeners: () => listeners,
      yieldToOthers: async () => void turns++,
      onLost: (_sender, _item, error) => lost.push(error),
    },
    sender,
    items,
  )
  return { obstacle, lost, turns }
}

const answering =
  (fateOf: (item: NewsItem, index: number) => NewsFate): NewsListener =>
  async (_sender, items) =>
    items.map(fateOf)

describe('news of a callback', () => {
  it('is handed on in slices, each after the one before, with a turn for others in between', async () => {
    const sizes: number[] = []
    let read = 0
    function* many(): Generator<NewsItem> {
      for (; read < 75_000; read++) yield denial(read)
    }
    const listen: NewsListener = async (_sender, items) => {
      sizes.push(items.length)
      assert.ok(read <= sizes.length * sliceSize, 'nothing is read before its turn')
      return items.map(() => 'kept')
    }
    const { obstacle, turns } = await take([listen], many())
    assert.equal(obstacle, undefined)
    assert.deepEqual([sizes.length, turns, Math.max(...sizes)], [75_000 / sliceSize, 75_000 / sliceSize, sliceSize])
  })

  it('is to come again when something passing stood in the way of one item', async () => {
    const one = answering((_item, index) => (index === 1 ? { error: passing } : 'kept'))
    assert.deepEqual(await take([one], [denial(1), denial(2), denial(3)]), { obstacle: passing, lost: [], turns: 1 })
    const other: NewsListener = async () => Promise.reject(passing)
    const both = await take([answering(() => 'not_mine'), other], [denial(1)])
    assert.equal(both.obstacle, passing)
  })

  it('is done with when what stands in the way stays there, which is told', async () => {
    const one = answering((_item, index) => (index === 1 ? { error: lasting } : 'kept'))
    const { obstacle, lost } = await take([one], [denial(1), denial(2), { kind: 'unreadable', what: 'a thing' }])
    assert.equal(obstacle, undefined)
    assert.deepEqual(
      lost.map((error) => (error as Error).message),
      ['invalid byte sequence', 'a thing'],
    )
  })

  it('is to come again when a fault of ours stood in the way, which may be mended by then', async () => {
    const bug = new TypeError("Cannot read properties of undefined (reading 'x')")
    const one = answering((_item, index) => (index === 1 ? { error: bug } : 'kept'))
    assert.deepEqual(await take([one], [denial(1), denial(2)]), { obstacle: bug, lost: [], turns: 1 })
  })

  it('comes again where one module may still keep what another never can', async () => {
    const never = answering(() => ({ error: lasting }))
    const later = answering(() => ({ error: passing }))
    const { obstacle, lost } = await take([never, later], [denial(1)])
    assert.deepEqual([obstacle, lost], [passing, []])
  })

  it('is not read on when the database is away, for all of it comes again', async () => {
    let slices = 0
    const away: NewsListener = async () => {
      slices++
      throw Object.assign(new Error('x'), { code: 'ECONNREFUSED' })
    }
    await take(
      [away],
      Array.from({ length: 10 * sliceSize }, (_, n) => denial(n)),
    )
    assert.equal(slices, 1)
  })
})
