import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Business, codeMessage, startBusiness, startOver } from '../testing.ts'
import { createClock } from './clock.ts'

const budi = '+6281234567890'

/** Whoever has a test key steers it, in the process in which everybody's codes are sent. */
describe('what the world holds, whoever steers it', () => {
  let business: Business
  before(async () => {
    business = await startBusiness()
  })
  after(() => business.stop())
  beforeEach(() => startOver(business))

  const write = (digits: string, text: string) => {
    const { world } = business.running.simulator
    world.show(world.handset(digits), {
      channel: 'sms',
      direction: 'out',
      from: 'Shop',
      brand: 'Shop',
      verified: false,
      text,
      textMarkup: text,
      footer: undefined,
      code: undefined,
      buttons: [],
      providerMessageId: text.slice(0, 10),
    })
  }

  it('is so much that a stream has not been read of; then it ends, and goes on where it was', async () => {
    const { url } = business.running
    const signal = AbortSignal.timeout(10_000)
    const stream = await fetch(`${url}/stream`, { signal })
    // In one go, so that nothing can be read meanwhile.
    for (let many = 0; many < 1500; many++) write('6281234567890', `${many} `.padEnd(4000, 'x'))
    const text = await stream.text()
    assert.ok(text.length < 3_000_000, `${text.length}`)
    const last = [...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? ''
    const ended = new AbortController()
    const next = await fetch(`${url}/stream`, { headers: { 'last-event-id': last }, signal: ended.signal })
    for await (const chunk of next.body ?? []) if (Buffer.from(chunk).includes('event: message')) break
    ended.abort()
  })

  it('are so many streams', async () => {
    const ended = new AbortController()
    const streams = await Promise.all(
      Array.from({ length: 210 }, () => fetch(`${business.running.url}/stream`, { signal: ended.signal })),
    )
    const refused = streams.filter(({ status }) => status === 429).length
    ended.abort()
    assert.equal(refused, 10)
  })

  it('are so many messages on all phones, and so long ones', async () => {
    for (let many = 0; many < 12_500; many++) write(`62812000${many % 250}`, `${many}`)
    const { world } = business.running.simulator
    const kept = world.listHandsets().reduce((sum, { messages }) => sum + messages.length, 0)
    assert.ok(kept >= 10_000 && kept <= 11_000, `${kept}`)
    assert.equal(world.handset('62812000249').messages.at(-1)?.text, '12499')
    const reply = (text: string) => business.call('POST', `/handsets/${budi}/reply`, { text })
    assert.deepEqual([(await reply('x'.repeat(4096))).status, (await reply('x'.repeat(4097))).status], [200, 400])
  })

  it('are so many messages for phones that are off', async () => {
    const { world } = business.running.simulator
    for (let many = 0; many < 12_500; many++)
      world.hold(world.handset(`62812000${many % 250}`), { expiresAt: many, deliver: () => undefined })
    const waiting = world.listHandsets().flatMap((handset) => handset.waiting)
    assert.ok(waiting.length >= 10_000 && waiting.length <= 11_000, `${waiting.length}`)
    assert.ok(waiting.some(({ expiresAt }) => expiresAt === 12_499))
  })

  it('is so much news on its way', async () => {
    const { hook } = business
    const item = { text: 'x'.repeat(1024 * 1024) }
    const news = { secret: '', signatureHeader: 'x', userAgent: 'x', kind: 'big', itemsMax: 1 }
    for (let many = 0; many < 50; many++)
      business.running.simulator.world.news.enqueue({ ...news, url: hook.url, item, compose: ([one]) => one })
    await business.advance(100)
    await business.settled()
    assert.equal(hook.posted.length, 31)
  })

  it('is so much that happens later: providers take nothing more then', async () => {
    const { clock } = business.running.simulator.world
    const timers = Array.from({ length: 50_000 }, () => clock.setTimer(clock.now() + 1_000_000_000, () => undefined))
    const refused = await business.send(codeMessage(budi, '4711'))
    for (const cancel of timers) cancel()
    assert.deepEqual([refused.status, (await business.send(codeMessage(budi, '4711'))).status], [500, 200])
  })
})

describe('time that is moved forward', () => {
  it('runs what falls due in its order, also what is set on the way, and nothing that was taken back', () => {
    const clock = createClock({ startsAt: 0 })
    const ran: string[] = []
    const say = (word: string) => () => void ran.push(`${word} ${clock.now()}`)
    clock.setTimer(300, say('third'))
    clock.setTimer(100, () => {
      say('first')()
      clock.setTimer(200, say('on the way'))
      cancel()
    })
    clock.setTimer(100, say('second'))
    const cancel = clock.setTimer(250, say('never'))
    clock.setTimer(5000, say('later'))
    clock.advance(1000)
    assert.deepEqual(ran, ['first 100', 'second 100', 'on the way 200', 'third 300'])
    assert.deepEqual([clock.now(), clock.timerCount], [1000, 1])
  })

  it('is moved at once over very many timers', () => {
    const clock = createClock({ startsAt: 0 })
    let last = 0
    for (let many = 0; many < 30_000; many++)
      clock.setTimer((many * 7919) % 30_000, () => {
        assert.ok(clock.now() >= last)
        last = clock.now()
      })
    const from = performance.now()
    clock.advance(30_000)
    assert.equal(clock.timerCount, 0)
    // By looking at all of them for each it takes minutes.
    assert.ok(performance.now() - from < 15_000)
  })
})
