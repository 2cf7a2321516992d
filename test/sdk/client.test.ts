import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { CentangRefusal, createClient } from '../../sdk/src/client.ts'
import { codeOn, freshNumber, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { standBetween } from './between.ts'

const refusedWith = (code: string) => (error: unknown) => {
  assert.ok(error instanceof CentangRefusal, String(error))
  assert.equal(error.code, code)
  return true
}

describe('the client', () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())
  const clientOf = (options: Partial<Parameters<typeof createClient>[0]> = {}) =>
    createClient({ baseUrl: server.url, apiKey: server.key, ...options })

  it('starts, checks wrong and right, and reads', async () => {
    const { verifications } = clientOf({ baseUrl: `${server.url}/` })
    const to = freshNumber()
    const started = await verifications.start({ to, locale: 'id', metadata: { order: '7' } })
    assert.equal(started.status, 'pending')
    const code = await codeOn(server, to)
    const wrong = await verifications.check(started.id, wrongCode(code))
    assert.deepEqual([wrong.valid, wrong.checks_remaining], [false, 4])
    const right = await verifications.check(started.id, { code: `${code.slice(0, 3)} ${code.slice(3)}` })
    assert.deepEqual([right.valid, right.status], [true, 'approved'])
    const read = await verifications.get(started.id)
    assert.deepEqual([read.to, read.metadata, read.timeline.length > 0], [to, { order: '7' }, true])
    const page = await verifications.list({ to, status: 'approved', limit: 1 })
    assert.deepEqual(
      page.data.map(({ id }) => id),
      [started.id],
    )
  })

  it('goes on by another channel, and cancels', async () => {
    const { verifications } = clientOf()
    const to = freshNumber()
    const { id } = await verifications.start({ to })
    assert.equal((await verifications.next(id, { channel: 'sms' })).channel, 'sms')
    await assert.rejects(verifications.resend(id), refusedWith('resend_too_soon'))
    assert.equal((await verifications.cancel(id)).status, 'canceled')
    await assert.rejects(verifications.check(id, '000000'), refusedWith('verification_closed'))
  })

  it('makes a link to the hosted page', async () => {
    const { verifications } = clientOf()
    const to = freshNumber()
    const { id } = await verifications.start({ to })
    await codeOn(server, to)
    const { url } = await verifications.createHostedPage(id, {
      return_url: 'http://127.0.0.1:9/verified',
      nonce: 'of-the-session-of-1',
    })
    const page = await fetch(url)
    assert.equal(page.status, 200)
    assert.match(await page.text(), /one-time-code/)
  })

  it('tells a refusal with everything that helps, and does not ask again', async () => {
    const between = await standBetween(server.url, () => 'pass')
    const { verifications } = clientOf({ baseUrl: between.url })
    const to = freshNumber()
    const { id } = await verifications.start({ to })
    await assert.rejects(verifications.resend(id), (error) => {
      assert.ok(refusedWith('resend_too_soon')(error) && error instanceof CentangRefusal)
      assert.equal(error.status, 429)
      assert.ok((error.retryAfterSeconds ?? 0) > 20, `${error.retryAfterSeconds}`)
      assert.match(error.remedy, /resend_after/)
      assert.match(error.requestId ?? '', /./)
      return true
    })
    assert.equal(between.seen.length, 2)
    await assert.rejects(verifications.start({ to: '+62' }), refusedWith('recipient_invalid'))
    await assert.rejects(
      clientOf({ apiKey: 'ck_test_nobody0000' }).verifications.list(),
      refusedWith('credentials_invalid'),
    )
    const extra = { to, shoe_size: 44 }
    await assert.rejects(verifications.start(extra), (error) => {
      assert.ok(refusedWith('body_invalid')(error) && error instanceof CentangRefusal)
      assert.match(error.errors[0]?.path ?? '', /^body/)
      return true
    })
    await between.close()
  })

  it('sends once and spends one check when the answers are lost', async () => {
    const between = await standBetween(server.url, (count) => (count % 3 === 0 ? 'pass' : 'lose answer'))
    const { verifications } = clientOf({ baseUrl: between.url })
    const to = freshNumber()
    const { id } = await verifications.start({ to })
    const code = await codeOn(server, to)
    const checked = await verifications.check(id, wrongCode(code))
    assert.deepEqual([checked.valid, checked.checks_remaining], [false, 4])
    assert.equal(between.seen.length, 6, 'three tries each')
    assert.equal(new Set(between.seen.map(({ key }) => key)).size, 2, 'one key a call')
    assert.equal((await verifications.next(id, { channel: 'sms' })).deliveries.length, 2)
    const read = await clientOf().verifications.get(id)
    assert.equal(read.deliveries.length, 2)
    assert.equal(read.checks_remaining, 4)
    await between.close()
  })

  it('would spend a check for each try without its key', async () => {
    const to = freshNumber()
    const { id } = await clientOf().verifications.start({ to })
    const wrong = wrongCode(await codeOn(server, to))
    for (const remaining of [4, 3]) {
      assert.equal((await clientOf().verifications.check(id, wrong)).checks_remaining, remaining)
    }
    const same = { idempotencyKey: `test-${id}` }
    for (const remaining of [2, 2]) {
      assert.equal((await clientOf().verifications.check(id, wrong, same)).checks_remaining, remaining)
    }
  })

  it('waits as long as a busy server asks, and not at all when that is too long', async () => {
    const busy = (retryAfter: string) => ({ status: 503, body: 'busy', retryAfter })
    const short = await standBetween(server.url, (count) => (count === 1 ? busy('1') : 'pass'))
    const from = performance.now()
    await clientOf({ baseUrl: short.url }).verifications.list()
    assert.ok(performance.now() - from >= 950, 'a second')
    const long = await standBetween(server.url, () => busy('3600'))
    await assert.rejects(clientOf({ baseUrl: long.url }).verifications.list(), (error) => {
      assert.ok(refusedWith('answer_unreadable')(error) && error instanceof CentangRefusal)
      assert.deepEqual([error.status, error.retryAfterSeconds], [503, 3600])
      return true
    })
    assert.equal(long.seen.length, 1)
    await Promise.all([short.close(), long.close()])
  })

  it('gives up in time, at the caller’s word, and where nobody listens', async () => {
    const silent = await standBetween(server.url, () => 'never answer')
    const { verifications } = clientOf({ baseUrl: silent.url, timeoutMs: 400, retryCountMax: 1 })
    await assert.rejects(verifications.list(), refusedWith('timed_out'))
    assert.equal(silent.seen.length, 2)
    const patient = clientOf({ baseUrl: silent.url })
    const reason = new Error('the person left')
    await assert.rejects(patient.verifications.list({}, { signal: AbortSignal.abort(reason) }), reason)
    const leaving = new AbortController()
    setTimeout(() => leaving.abort(reason), 50)
    await assert.rejects(patient.verifications.list({}, { signal: leaving.signal }), reason)
    await silent.close()
    await assert.rejects(verifications.list(), refusedWith('unreachable'))
  })

  it('takes no answer of anybody else for one of the server, and follows no redirect', async () => {
    const portal = await standBetween(server.url, () => ({ status: 200, body: '<h1>Log in to the Wi-Fi</h1>' }))
    await assert.rejects(clientOf({ baseUrl: portal.url }).verifications.list(), refusedWith('answer_unreadable'))
    await portal.close()
    const elsewhere: typeof fetch = async (_url, init) => {
      assert.equal(init?.redirect, 'error')
      throw new TypeError('redirected')
    }
    const { verifications } = clientOf({ fetch: elsewhere, retryCountMax: 0 })
    await assert.rejects(verifications.list(), refusedWith('unreachable'))
  })

  it('sends no id that would reach another call, and no key that is none', () => {
    assert.throws(() => clientOf().verifications.get('../businesses'), TypeError)
    assert.throws(() => clientOf().verifications.check('ver_1/cancel?', '1'), TypeError)
    for (const apiKey of ['', undefined]) assert.throws(() => clientOf({ apiKey }), /no apiKey/)
    assert.throws(() => clientOf({ apiKey: 'ck_test_\n' }), TypeError)
  })

  it('does not start in a browser', () => {
    Object.defineProperty(globalThis, 'document', { value: {}, configurable: true })
    assert.throws(() => clientOf(), /must not reach a browser/)
    Reflect.deleteProperty(globalThis, 'document')
  })
})
