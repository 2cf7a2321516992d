import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal } from '#platform/core/refusal.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { ClaimedDelivery } from '#verification/core/engine.ts'
import type { Effect, Outside } from './outside.ts'
import { writeAndSend } from './write-and-send.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

const delivery = { businessId: 'b', id: 'd', applicationId: 'a', senderId: 's' }
const sender = { id: 's' } as Sender
const claimed = { ...delivery, verificationId: 'v' } as unknown as ClaimedDelivery

/** Notes what becomes of a message, and of the room for it. */
function noting(hasRoom: boolean) {
  const noted: string[] = []
  const outside = {
    now: () => new Date(0),
    perform: (effect: Effect) => noted.push(effect.kind),
    reserve: () =>
      hasRoom
        ? { send: ({ id }: ClaimedDelivery) => noted.push(`sent ${id}`), release: () => noted.push('released') }
        : undefined,
  } as unknown as Outside
  const write = (answer: () => Promise<ClaimedDelivery | undefined>) =>
    writeAndSend(
      outside,
      { delivery, sender, application: undefined },
      (atOnce) => {
        noted.push(atOnce ? 'claimed' : 'queued')
        return answer()
      },
      (found) => found,
    )
  return { noted, write }
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

  it('whose answer was lost, or that was refused, gives the room back and sends nothing', async () => {
    for (const error of [new Error('Connection terminated'), new Refusal(platformRefusals.busy)]) {
      const [room, none] = [noting(true), noting(false)]
      for (const { write } of [room, none]) await assert.rejects(write(() => Promise.reject(error)))
      assert.deepEqual(room.noted, ['claimed', 'released'])
      assert.deepEqual(none.noted, ['queued'])
    }
  })
})
