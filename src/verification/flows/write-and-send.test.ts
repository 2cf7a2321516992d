import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal } from '#platform/core/refusal.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { ClaimedDelivery } from '#verification/core/engine.ts'
import type { Effect, World } from './ports.ts'
import { putBack, writeAndSend } from './write-and-send.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

const delivery = { businessId: 'b', id: 'd', applicationId: 'a', senderId: 's' }
const sender = { id: 's' } as Sender
const claimed = { ...delivery, verificationId: 'v' } as unknown as ClaimedDelivery

/** Notes what becomes of a message, and of the room for it. */
function noting(hasRoom: boolean) {
  const noted: string[] = []
  const effects: [Effect, number | undefined][] = []
  const world = {
    now: () => new Date(0),
    perform: (effect: Effect, delayMs?: number) => {
      noted.push(effect.kind)
      effects.push([effect, delayMs])
    },
    reserve: () =>
      hasRoom
        ? { send: ({ id }: ClaimedDelivery) => noted.push(`sent ${id}`), release: () => noted.push('released') }
        : undefined,
  } as unknown as World
  const write = (answer: () => Promise<ClaimedDelivery | undefined>) =>
    writeAndSend(
      world,
      { delivery, sender, application: undefined },
      (atOnce) => {
        noted.push(atOnce ? 'claimed' : 'queued')
        return answer()
      },
      (found) => found,
    )
  return { world, noted, effects, write }
}

describe('a decision that sends a message', () => {
  it('claims it and sends it when there is room, and queues it when there is none', async () => {
    const [room, none] = [noting(true), noting(false)]
    await room.write(async () => claimed)
    await none.write(async () => claimed)
    assert.deepEqual(room.noted, ['claimed', 'sent d'])
    assert.deepEqual(none.noted, ['queued', 'dispatch'])
  })

  it('gives the room back when nothing is to be sent', async () => {
    const [room, none] = [noting(true), noting(false)]
    await room.write(async () => undefined)
    await none.write(async () => undefined)
    assert.deepEqual(room.noted, ['claimed', 'released'])
    assert.deepEqual(none.noted, ['queued'])
  })

  it('whose answer was lost lets its message go, if it was written', async () => {
    const { noted, write } = noting(true)
    await assert.rejects(
      write(() => Promise.reject(new Error('Connection terminated'))),
      /terminated/,
    )
    assert.deepEqual(noted, ['claimed', 'released', 'put-back'])
  })

  it('that was refused, or would have queued, leaves nothing to put back', async () => {
    const [refused, none] = [noting(true), noting(false)]
    await assert.rejects(refused.write(() => Promise.reject(new Refusal(platformRefusals.busy))))
    await assert.rejects(none.write(() => Promise.reject(new Error('Connection terminated'))))
    assert.deepEqual(refused.noted, ['claimed', 'released'])
    assert.deepEqual(none.noted, ['queued'])
  })
})

describe('putting a message back', () => {
  it('makes it one that queues, and sends it', async () => {
    const { world, effects } = noting(false)
    const engine = { putBack: async ({ id }: { id: string }) => id === 'd' }
    await putBack({ ...world, engine } as unknown as World, delivery, 5)
    assert.deepEqual(effects, [[{ kind: 'dispatch', delivery }, undefined]])
  })

  it('is tried again while the decision may still be written, and then there was none', async () => {
    const { world, effects } = noting(false)
    const engine = { putBack: async () => false }
    const unwritten = { ...world, engine } as unknown as World
    await putBack(unwritten, delivery, 2)
    await putBack(unwritten, delivery, 1)
    assert.deepEqual(effects, [[{ kind: 'put-back', delivery, triesLeft: 1 }, 3000]])
  })

  it('is tried again while the database is away, and then left to the sweep', async () => {
    const { world, effects } = noting(false)
    const engine = { putBack: () => Promise.reject(new Error('away')) }
    const away = { ...world, engine } as unknown as World
    await assert.rejects(putBack(away, delivery, 2), /away/)
    await assert.rejects(putBack(away, delivery, 1), /away/)
    assert.deepEqual(effects, [[{ kind: 'put-back', delivery, triesLeft: 1 }, 3000]])
  })
})
