import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sender } from '#messaging/core/sender.ts'
import type { ClaimedDelivery } from '#verification/core/engine.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import { dispatch } from './dispatch.ts'
import { createPerformer } from './perform.ts'
import type { Effect, Outside } from './outside.ts'

const keys = new Keyring(new Map([[1, new Uint8Array(32)]]))
const sender = (id: string): Sender => ({
  id,
  businessId: 'b',
  live: false,
  channel: 'sms',
  provider: 'x',
  purpose: 'authentication',
  config: {},
  secrets: {},
})
const queued = (id: string, senderId = 'quick') => ({ businessId: 'b', id, applicationId: 'a', senderId })
const send = (id: string, senderId?: string): Effect => ({ kind: 'dispatch', delivery: queued(id, senderId) })
const move = (id: string): Effect => ({
  kind: 'move',
  code: { businessId: 'b', id },
  event: { kind: 'failed', deliveryId: 'd', fallback: true },
})
const claimedOf = (key: { id: string; senderId: string }, changes: Partial<ClaimedDelivery> = {}): ClaimedDelivery => ({
  ...queued(key.id, key.senderId),
  codeId: '0190a000-0000-7000-8000-000000000001',
  live: false,
  recipient: '+1',
  locale: 'en',
  channel: 'sms',
  keyVersion: 1,
  codeLength: 6,
  expiresAt: new Date(Date.now() + 60_000),
  deferCount: 0,
  ...changes,
})

/** What lies outside, with a sender that does not answer until it is told to. */
function withSlowSender() {
  const done: string[] = []
  const recorded: object[] = []
  let answer = (): void => undefined
  const answered = new Promise<void>((resolve) => (answer = resolve))
  const outside = {
    engine: {
      claim: async (key: ReturnType<typeof queued>) => claimedOf(key),
      recordSend: async (row: object) => {
        recorded.push(row)
        return { status: 'sent', hasEarlyReceipts: false }
      },
      load: async ({ id }: { id: string }) => {
        done.push(`moved ${id}`)
        return undefined
      },
      settleFailure: async () => undefined,
    },
    keys,
    now: () => new Date(),
    findApplication: async () => undefined,
    listSenders: async () => [sender('slow'), sender('quick')],
    send: async (message: { reference: string }, { id }: Sender) => {
      if (id === 'slow') await answered
      done.push(`sent by ${id} ${message.reference.split('.')[1]}`)
      return { outcome: 'accepted', providerMessageId: 'm' }
    },
    perform: () => undefined,
  }
  return { outside: outside as unknown as Outside, done, recorded, answer: () => answer() }
}

describe('effects', () => {
  it('of a sender that is slow hold up neither another sender nor a move', async () => {
    const { outside, done, answer } = withSlowSender()
    const performer = createPerformer(() => outside, assert.fail)
    for (let n = 0; n < 500; n++) performer.perform(send(`${n}`, 'slow'))
    performer.perform(send('x'))
    performer.perform(move('v'))
    await sleep(50)
    assert.deepEqual(done.toSorted(), ['moved v', 'sent by quick x'])
    answer()
    await performer.drain()
  })

  it('that wait already are not kept twice', async () => {
    const { outside, done, answer } = withSlowSender()
    const performer = createPerformer(() => outside, assert.fail)
    for (let n = 0; n < 128; n++) performer.perform(send(`${n}`, 'slow'))
    for (let sweep = 0; sweep < 10; sweep++) performer.perform(send('late', 'slow'))
    answer()
    await sleep(100)
    assert.equal(done.filter((one) => one.endsWith(' late')).length, 1)
    await performer.drain()
  })

  it('that move a verification on are carried out by a server that stops; those that send are left to the next', async () => {
    const { outside, done, answer } = withSlowSender()
    const performer = createPerformer(
      () => ({
        ...outside,
        // What is under way fails while the server stops.
        send: async (...given) => {
          const result = await outside.send(...given)
          performer.perform(move('failed'))
          performer.perform(send('next'))
          return result
        },
      }),
      assert.fail,
    )
    performer.perform(send('1', 'slow'))
    await sleep(20)
    const drained = performer.drain()
    answer()
    await drained
    assert.deepEqual(done, ['sent by slow 1', 'moved failed'])
  })
})

describe('room to send at once', () => {
  const performerOf = (outside: Outside) => createPerformer(() => outside, assert.fail)

  it('is what the sender has left, and is given back', async () => {
    const { outside, answer } = withSlowSender()
    const performer = performerOf(outside)
    for (let n = 0; n < 100; n++) performer.perform(send(`${n}`, 'slow'))
    const rooms = Array.from({ length: 28 }, () => performer.reserve('slow'))
    assert.equal(performer.reserve('slow'), undefined)
    rooms.push(performer.reserve('quick'))
    rooms.shift()?.release()
    rooms.push(performer.reserve('slow'))
    assert.ok(rooms.every((room) => room !== undefined))
    for (const room of rooms) room?.release()
    answer()
    await performer.drain()
  })

  it('is not there for those who would push in before others', async () => {
    const { outside, done, answer } = withSlowSender()
    const performer = performerOf(outside)
    const rooms = Array.from({ length: 128 }, () => performer.reserve('slow'))
    performer.perform(send('waits', 'slow'))
    assert.equal(performer.reserve('slow'), undefined)
    answer()
    rooms.shift()?.release()
    await sleep(10)
    assert.deepEqual(done, ['sent by slow waits'])
    rooms.push(performer.reserve('slow'))
    assert.ok(rooms.every((room) => room !== undefined))
    for (const room of rooms) room?.release()
    await performer.drain()
  })

  it('of a server that stops is used by what was claimed for it, which is waited for, and by nothing new', async () => {
    const { outside, done, answer } = withSlowSender()
    const performer = performerOf(outside)
    const room = performer.reserve('slow')
    let isDrained = false
    const drained = performer.drain().then(() => (isDrained = true))
    assert.equal(performer.reserve('slow'), undefined)
    await sleep(10)
    assert.ok(!isDrained, 'its decision is still being written')
    room?.send(claimedOf(queued('1', 'slow')), sender('slow'), undefined)
    answer()
    await drained
    assert.deepEqual(done, ['sent by slow 1'])
  })
})

describe('a sending', () => {
  it('is not claimed while what it needs cannot be read', async () => {
    const { outside } = withSlowSender()
    let claims = 0
    const engine = { ...outside.engine, claim: async () => void claims++ as never }
    for (const away of ['listSenders', 'findApplication'] as const) {
      const broken = { ...outside, engine, [away]: () => Promise.reject(new Error('the database is away')) }
      await assert.rejects(dispatch(broken, queued('1')), /is away/)
    }
    assert.equal(claims, 0)
  })

  it('whose code cannot be made here waits in its queue again, and is never unknown', async () => {
    const { outside, recorded, done } = withSlowSender()
    for (const changes of [{ keyVersion: 9 }, { codeSealed: new Uint8Array(40) }]) {
      const engine = { ...outside.engine, claim: async () => claimedOf(queued('1'), changes) }
      await assert.rejects(dispatch({ ...outside, engine }, queued('1')))
    }
    assert.equal(recorded.length, 2)
    for (const row of recorded) assert.partialDeepStrictEqual(row, { id: '1', status: 'queued' })
    assert.deepEqual(done, [])
  })
})
