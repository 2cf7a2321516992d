import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import fastify from 'fastify'
import { createSimulator } from '../simulator.ts'
import { type Business, codeMessage, eventually, startBusiness, startOver } from '../testing.ts'

const budi = '+6281234567890'
const app = { package_name: 'com.example.bank', signature_hash: 'K8a/AINcGX7' }

describe('steering the simulated world', () => {
  let world: Business
  before(async () => {
    world = await startBusiness()
  })
  after(() => world.stop())
  beforeEach(() => startOver(world))

  it('shows a handset as it was set', async () => {
    const usual = (await world.call('GET', `/handsets/${budi}`)).body
    const { touched_at: at, identity_key_hash: hash, ...rest } = usual
    assert.ok(Date.parse(at) > 0)
    assert.match(hash, /^.{12}$/)
    assert.deepEqual(rest, {
      e164: budi,
      whatsapp: true,
      sms: true,
      online: true,
      read_receipts: true,
      blocked: false,
      delay_ms: 0,
      chat_open: false,
      language: null,
      apps: [],
      refused_with: null,
      fails_with: null,
      fails_after_sent: false,
      receipt_delays_ms: {},
      changes_hands: false,
      message_count: 0,
    })
    const changes = {
      whatsapp: false,
      sms: false,
      online: false,
      read_receipts: false,
      blocked: true,
      delay_ms: 5,
      chat_open: true,
      language: 'pt_BR',
      apps: [app],
      refused_with: 131049,
      fails_with: 131053,
      fails_after_sent: true,
      receipt_delays_ms: { sent: 1, failed: 2 },
      identity_key_hash: 'abcdefgh',
      changes_hands: true,
    }
    const changed = (await world.call('PUT', `/handsets/${budi}`, changes)).body
    assert.deepEqual({ ...changed, touched_at: at }, { ...usual, ...changes, touched_at: at })
  })

  it('says what is wrong with the use of it, and changes nothing', async () => {
    const usual = (await world.call('GET', `/handsets/${budi}`)).body
    for (const [changes, message] of [
      [{ whatsap: false }, /"whatsap" is unknown here\. There are whatsapp, sms/],
      [{ online: 'no' }, /"online" must be true or false/],
      [{ delay_ms: -1 }, /"delay_ms"/],
      [{ delay_ms: '5' }, /"delay_ms"/],
      [{ language: 'English' }, /"language"/],
      [{ apps: [{}] }, /package_name, signature_hash/],
      [{ apps: [{ ...app, package_name: 'bank' }] }, /com\.example\.bank/],
      [{ apps: [{ ...app, signature_hash: 'short' }] }, /11 characters/],
      [{ apps: [{ ...app, version: 1 }] }, /"version" is unknown/],
      [{ apps: app }, /a list/],
      [{ refused_with: '131049' }, /"refused_with"/],
      [{ fails_with: 1.5 }, /"fails_with"/],
      [{ receipt_delays_ms: { seen: 5 } }, /sent, delivered, read, failed/],
      [{ receipt_delays_ms: { sent: -5 } }, /"sent"/],
      [{ online: false, whatsap: false }, /whatsap/],
      [[], /An object/],
    ] as [unknown, RegExp][]) {
      const answer = await world.call('PUT', `/handsets/${budi}`, changes)
      assert.equal(answer.status, 400, JSON.stringify(changes))
      assert.match(answer.body.error.message, message)
    }
    assert.deepEqual((await world.call('GET', `/handsets/${budi}`)).body, usual)
    const others: [string, string, unknown, number][] = [
      ['GET', '/handsets/ana/messages', undefined, 400],
      ['POST', `/handsets/${budi}/messages/m0/press`, { button: 'x' }, 404],
      ['POST', `/handsets/${budi}/reply`, {}, 400],
      ['POST', `/handsets/${budi}/reply`, { text: 'x', channel: 'sms' }, 400],
      ['POST', '/faults', '{', 400],
      ['PUT', '/limits', { pairs: false }, 400],
      ['PUT', '/news', { retry_delays_ms: [0] }, 400],
      ['PUT', '/templates/login_code', { status: 'GONE' }, 400],
      ['POST', '/clock/advance', {}, 400],
      ['POST', '/clock/advance', { ms: -1 }, 400],
    ]
    for (const [method, path, body, status] of others)
      assert.equal((await world.call(method, path, body)).status, status, `${method} ${path} ${JSON.stringify(body)}`)
  })

  it('presses only buttons that are there', async () => {
    await world.send(codeMessage(budi, '4711'))
    await world.advance(100)
    const [{ id }] = await world.inbox(budi)
    const press = (button: unknown) => world.call('POST', `/handsets/${budi}/messages/${id}/press`, { button })
    const wrong = await press('autofill')
    assert.match(wrong.body.error.message, /copy_code, not_requested/)
    assert.equal((await press(5)).status, 400)
    assert.deepEqual((await press('copy_code')).body, { pressed: 'copy_code', code: '4711' })
  })

  it('sets a template to a status or a category', async () => {
    const { body } = await world.call('PUT', '/templates/login_code', { status: 'PAUSED' })
    assert.deepEqual(body, { changed: 1 })
    assert.equal((await world.send(codeMessage(budi, '1'))).body.error.code, 132015)
    await world.call('PUT', '/templates/login_code', { status: 'DISABLED' })
    assert.equal((await world.send(codeMessage(budi, '1'))).body.error.code, 132016)
    await world.call('PUT', '/templates/login_code', { status: 'APPROVED', category: 'MARKETING' })
    const [{ category }] = (await world.graph('GET', 'waba/message_templates')).body.data
    assert.equal(category, 'MARKETING')
    await world.call('PUT', '/templates/login_code', { category: 'AUTHENTICATION' })
    assert.deepEqual((await world.call('PUT', '/templates/other', { status: 'PAUSED' })).body, { changed: 0 })
  })

  it('is not for pages of other origins', async () => {
    const { running, call } = world
    const post = async (path: string, headers: Record<string, string>, body = '{"kind":"silence"}') =>
      (await fetch(running.url + path, { method: 'POST', headers, body })).status
    const json = 'application/json'
    // What a page may send to a stranger without asking.
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      assert.equal(await post('/faults', { 'content-type': type }), 415, type)
    const foreign = await call('POST', '/reset', undefined, { origin: 'https://evil.example' })
    assert.deepEqual([foreign.status, foreign.body.error.code], [403, 'foreign_origin'])
    assert.equal(await post('/faults', { 'content-type': json, origin: 'null' }), 403)
    assert.equal(await post(`/handsets/${budi}/reply`, { 'content-type': json, origin: 'http://127.0.0.1:1' }), 403)
    assert.deepEqual((await call('GET', '/faults')).body.faults, [])
    assert.equal(await post('/faults', { 'content-type': json, origin: new URL(running.url).origin }), 201)
    assert.equal(await post('/faults', { 'content-type': json }), 201, 'programs send no origin')
    const proxied = { 'content-type': json, origin: 'https://sim.example', 'sec-fetch-site': 'same-origin' }
    assert.equal(await post('/faults', proxied), 201, 'the browser says that it is the page itself')
  })

  it('streams what happens, goes on where a page left, and leaves nothing behind', async () => {
    const { running } = world
    const listen = async (path: string, headers: Record<string, string> = {}) => {
      const stop = new AbortController()
      const answer = await fetch(running.url + path, { signal: stop.signal, headers })
      let text = ''
      const reading = (async () => {
        for await (const chunk of answer.body ?? []) text += Buffer.from(chunk).toString()
      })().catch(() => undefined)
      return { text: () => text, end: () => (stop.abort(), reading) }
    }
    const names = ['preClose', 'close', 'centang:closing'] as const
    const listeners = () => names.map((name) => running.app.server.listenerCount(name))
    const before = listeners()
    const mine = await listen(`/handsets/${budi}/stream`)
    const other = await listen('/handsets/+5511987654321/stream')
    await world.send(codeMessage(budi, '4711'))
    await world.advance(100)
    await eventually(() => /event: message\ndata: .*"code":"4711"/.test(mine.text()))
    assert.ok(!other.text().includes('4711'))
    const id = /id: (\d+)\nevent: message/.exec(mine.text())?.[1] ?? ''
    const late = await listen('/stream', { 'last-event-id': String(Number(id) - 1) })
    await eventually(() => late.text().includes('4711'))
    const { service_display_phone_number: care } = world.facts
    await world.call('POST', `/handsets/${budi}/reply`, { text: 'Halo', to: care })
    const written = await eventually(() => /data: (.*"text":"Halo".*)/.exec(mine.text())?.[1])
    const { e164, to } = JSON.parse(written)
    assert.deepEqual([e164, to], [budi, care], 'what the person wrote is for the business')
    const more = await Promise.all(Array.from({ length: 20 }, () => listen('/stream')))
    assert.deepEqual(listeners(), before, 'an open stream hangs nothing on the server')
    for (const one of [mine, other, late, ...more]) await one.end()
  })

  it('ends its streams when the server closes', async () => {
    const simulator = createSimulator()
    const server = fastify()
    await server.register(simulator.plugin)
    const url = await server.listen({ port: 0, host: '127.0.0.1' })
    const answer = await fetch(`${url}/stream`)
    const ended = answer.text()
    await server.close()
    assert.match(await ended, /^retry: 1000/)
    await simulator.close()
  })
})
