import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NewsFate, NewsItem, NewsListener } from '#messaging/core/news.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { keepIdentities } from './identity.ts'
import { sliceSize, takeNews } from './take-news.ts'

const sender = { id: 's', businessId: 'b' } as Sender
const denial = (n: number): NewsItem => ({ kind: 'denial', denial: { providerMessageId: `m-${n}`, at: new Date(0) } })
const passing = Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' })
const lasting = Object.assign(new Error('invalid byte sequence'), { code: '22021' })

async function take(listeners: NewsListener[], items: Iterable<NewsItem>) {
  const lost: unknown[] = []
  const faults: unknown[] = []
  let turns = 0
  const obstacle = await takeNews(
    {
      listeners: () => listeners,
      yieldToOthers: async () => void turns++,
      onLost: (_sender, _item, error) => lost.push(error),
      onFault: (_sender, found) => faults.push(...found.map(({ item, error }) => ({ kind: item.kind, error }))),
    },
    sender,
    items,
  )
  return { obstacle, lost, faults, turns }
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
    assert.deepEqual(await take([one], [denial(1), denial(2), denial(3)]), {
      obstacle: passing,
      lost: [],
      faults: [],
      turns: 1,
    })
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

  it('comes again after a fault of ours, which is told, and nothing beside it waits for that', async () => {
    const bug = new TypeError('x is undefined')
    let kept = 0
    const one = answering((item) =>
      item.kind === 'denial' && item.denial.providerMessageId === 'm-1' ? { error: bug } : (kept++, 'kept'),
    )
    const many = Array.from({ length: sliceSize + 1 }, (_, n) => denial(n))
    const { obstacle, lost, faults } = await take([one], many)
    assert.deepEqual([obstacle, lost, kept], [bug, [], sliceSize])
    assert.deepEqual(faults, [{ kind: 'denial', error: bug }])
    const never = await take([answering(() => ({ error: lasting })), answering(() => ({ error: bug }))], [denial(1)])
    assert.deepEqual([never.obstacle, never.lost], [bug, []], 'one module may keep it yet')
  })

  it('is handed on up to where reading it breaks off, and comes again', async () => {
    const bug = new RangeError('Invalid time value')
    const seen: string[] = []
    function* broken(): Generator<NewsItem> {
      yield denial(1)
      throw bug
    }
    const listen = answering(({ kind }) => (seen.push(kind), 'not_mine'))
    const { obstacle, lost, faults } = await take([listen], broken())
    assert.deepEqual([obstacle, lost, seen], [bug, [], ['denial', 'unread']])
    assert.deepEqual(faults, [{ kind: 'unread', error: bug }])
  })

  it('whose accounts can not all be kept is kept but for those', async () => {
    const identity = (phone: string): NewsItem => ({
      kind: 'identity',
      identity: { phone, keyHash: 'h', at: new Date(0) },
    })
    const kept: string[] = []
    const keys = {
      find: async () => undefined,
      async keep(_businessId: string, _sender: Sender, told: readonly { readonly phone: string }[]) {
        if (told.some(({ phone }) => phone === '2')) throw lasting
        kept.push(...told.map(({ phone }) => phone))
      },
    }
    const listen = keepIdentities.bind(undefined, { isWanted: () => true, keys })
    const { obstacle, lost } = await take([listen], [identity('1'), denial(1), identity('2'), identity('3')])
    assert.deepEqual([obstacle, lost, kept], [undefined, [lasting], ['1', '3']])
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
