import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { createClient } from '../../sdk/src/client.ts'
import { createBrowserClient } from '../../sdk/src/browser.ts'
import { codeOn, eventually, freshNumber, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

/**
 * A stranger's session starts a verification for somebody else's number; so does that person's own, at the same time. The
 * person types the code. What must not be: that the stranger is let in, learns anything of the other's start, or keeps the
 * person out.
 */
describe('two sessions with one number', () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())

  const start = async (to: string, body: object = {}) =>
    (await server.call('POST', '/v1/verifications', { to, channel: 'whatsapp', ...body })).body
  const read = async (id: string) => (await server.call('GET', `/v1/verifications/${id}`)).body
  const check = async (id: string, code: string, more: object = {}) =>
    (await server.call('POST', `/v1/verifications/${id}/check`, { code, ...more })).body
  const messagesOn = async (to: string) => (await server.simulate('GET', `/handsets/${to}/messages`)).body.messages

  it('have a verification each, with their own metadata, and one message with the code of both', async () => {
    const to = freshNumber()
    const stranger = await start(to, { metadata: { session: 'stranger' } })
    const own = await start(to, { metadata: { session: 'own' } })
    assert.notEqual(own.id, stranger.id)
    assert.deepEqual([stranger.metadata, own.metadata], [{ session: 'stranger' }, { session: 'own' }])
    assert.equal(own.expires_at, stranger.expires_at, "a code's life is not prolonged")
    assert.ok(Date.parse(own.resend_after) > Date.now(), 'it says when there may be another message')
    await codeOn(server, to)
    assert.equal((await messagesOn(to)).length, 1)
    const seen = await eventually(async () => {
      const found = await read(own.id)
      return found.timeline.some(({ type }: { type: string }) => type === 'delivery.delivered') && found
    })
    assert.deepEqual(
      seen.deliveries.map(({ id }: { id: string }) => id),
      stranger.deliveries.map(({ id }: { id: string }) => id),
      'its messages show with each of them',
    )
    const started = seen.timeline.filter(({ type }: { type: string }) => type === 'verification.started')
    assert.deepEqual(
      started.map(({ reason }: { reason: string }) => reason),
      ['shares_code'],
    )
  })

  for (const who of ['first', 'second'] as const) {
    it(`the one who types the code is approved, and the other never, when the person was ${who}`, async () => {
      const to = freshNumber()
      const both = [await start(to), await start(to)]
      const [own, stranger] = who === 'first' ? both : both.toReversed()
      const code = await codeOn(server, to)
      assert.deepEqual([(await check(own.id, code)).status, (await read(own.id)).status], ['approved', 'approved'])
      const other = await read(stranger.id)
      const ended = other.timeline.find(({ type }: { type: string }) => type === 'verification.canceled')
      assert.deepEqual([other.status, ended.reason], ['canceled', 'proven_elsewhere'])
      assert.equal((await check(stranger.id, code)).code, 'verification_closed')
    })
  }

  it('a stranger who guesses keeps nobody out', async () => {
    const to = freshNumber()
    const [stranger, own] = [await start(to), await start(to)]
    const code = await codeOn(server, to)
    for (let times = 0; times < 5; times++) await check(stranger.id, wrongCode(code))
    assert.equal((await read(stranger.id)).status, 'blocked')
    assert.equal((await check(own.id, code)).valid, true)
  })

  it('the workflow goes on for the one who is left, and ends with the last', async () => {
    const to = freshNumber()
    const body = { workflow: [{ channel: 'whatsapp', wait_seconds: 60 }, { channel: 'sms' }], channel: undefined }
    const [stranger, own] = [await start(to, body), await start(to, body)]
    const code = await codeOn(server, to)
    const canceled = await server.call('POST', `/v1/verifications/${stranger.id}/cancel`)
    assert.equal(canceled.body.status, 'canceled')
    const next = await server.call('POST', `/v1/verifications/${own.id}/next`)
    assert.deepEqual([next.status, next.body.channel], [200, 'sms'])
    assert.equal(await codeOn(server, to, 2), code)
    await server.call('POST', `/v1/verifications/${own.id}/cancel`)
    const [{ over } = { over: 0 }] = await server.database.query<{ over: number }>(
      'select count(code_ended_at)::int as over from verification where recipient = $1 and due_at is null',
      [to],
    )
    assert.equal(over, 1)
  })

  it('"I didn’t request a code" ends them all', async () => {
    const to = freshNumber()
    const both = [await start(to), await start(to)]
    await codeOn(server, to)
    const [message] = await messagesOn(to)
    await server.simulate('POST', `/handsets/${to}/messages/${message.id}/press`, { button: 'not_requested' })
    for (const { id } of both) await eventually(async () => (await read(id)).status === 'blocked')
  })

  it('two orders share a code only when they are the same order', async () => {
    const to = freshNumber()
    const transaction = { amount: '10.00', currency: 'BRL', payee: 'Padaria Sol' }
    const one = await start(to, { transaction })
    const first = await codeOn(server, to)
    const other = await start(to, { transaction })
    const second = await codeOn(server, to, 2)
    assert.equal((await check(other.id, first, { transaction })).valid, false)
    assert.deepEqual(
      [(await check(one.id, first, { transaction })).valid, (await check(other.id, second, { transaction })).valid],
      [true, true],
    )
    const named = { ...transaction, id: 'order-7' }
    const [again, repeated] = [await start(to, { transaction: named }), await start(to, { transaction: named })]
    const third = await codeOn(server, to, 3)
    assert.notEqual(again.id, repeated.id)
    assert.equal((await messagesOn(to)).length, 3)
    assert.equal((await check(repeated.id, third, { transaction: { ...named, id: 'order-8' } })).valid, false)
    assert.equal((await check(repeated.id, third, { transaction: named })).valid, true)
  })

  it('a code of the caller’s own, another length or another purpose is nobody else’s', async () => {
    const to = freshNumber()
    const ids = [
      await start(to),
      await start(to, { code: '135791' }),
      await start(to, { code_length: 8 }),
      await start(to, { purpose: 'other' }),
    ].map(({ id }) => id)
    const codes = await server.database.query(`select distinct code_id from verification where recipient = $1`, [to])
    assert.deepEqual([new Set(ids).size, codes.length], [4, 4])
  })

  it('a code of which less than a minute is left, or that twenty share, is not shared', async () => {
    const [late, crowded] = [freshNumber(), freshNumber()]
    await start(late)
    await server.database.query(
      `update verification set expires_at = now() + interval '59 seconds' where recipient = $1`,
      [late],
    )
    await start(late)
    for (let times = 0; times < 21; times++) await start(crowded)
    const codesOf = async (to: string) =>
      (
        await server.database.query<{ n: number }>(
          'select count(*)::int as n from verification where recipient = $1 group by code_id order by 1 desc',
          [to],
        )
      ).map(({ n }) => n)
    assert.deepEqual(
      [await codesOf(late), await codesOf(crowded)],
      [
        [1, 1],
        [20, 1],
      ],
    )
  })

  it('a repeated Idempotency-Key is answered with the first, though others share its code', async () => {
    const to = freshNumber()
    await start(to)
    const headers = { 'idempotency-key': `twice ${to}` }
    const ask = () => server.call('POST', '/v1/verifications', { to, channel: 'whatsapp' }, headers)
    const [first, second] = [await ask(), await ask()]
    assert.deepEqual([first.status, second.status, second.body.id], [201, 201, first.body.id])
  })

  async function claimsOf(result: string): Promise<Record<string, unknown>> {
    const keys = (await (await fetch(`${server.url}/.well-known/jwks.json`)).json()) as Parameters<
      typeof createLocalJWKSet
    >[0]
    return (await jwtVerify(result, createLocalJWKSet(keys), { issuer: server.url })).payload
  }

  it('over the SDK and client tokens, only the page that brought the code has something to show', async () => {
    const to = freshNumber()
    const { verifications } = createClient({ baseUrl: server.url, apiKey: server.key })
    const begin = async () => {
      const { id } = await verifications.start({ to, channel: 'whatsapp' })
      const { token } = await verifications.createClientToken(id)
      return { id, page: createBrowserClient({ baseUrl: server.url, token }) }
    }
    const [stranger, own] = [await begin(), await begin()]
    const code = await codeOn(server, to)
    assert.equal((await own.page.check(wrongCode(code))).result, undefined)
    const { result } = await own.page.check(code)
    const claims = await claimsOf(result as string)
    assert.deepEqual([claims['sub'], claims['verification_id'], claims['status']], [to, own.id, 'approved'])
    assert.equal((await stranger.page.get()).status, 'canceled')
    await assert.rejects(stranger.page.check(code), /verification_closed|already ended/)
  })

  it('on the hosted page the stranger’s tab is led back with nothing', async () => {
    const to = freshNumber()
    const begin = async (nonce: string) => {
      const { id } = await start(to)
      const body = { return_url: 'https://shop.example/verified', nonce }
      const { body: page } = await server.call('POST', `/v1/verifications/${id}/hosted_page`, body)
      return page.url as string
    }
    const [stranger, own] = [await begin('nonce-of-a-stranger'), await begin('nonce-of-the-person')]
    const code = await codeOn(server, to)
    const post = (url: string) =>
      fetch(url, { method: 'POST', body: new URLSearchParams({ code }), redirect: 'manual' })
    const resultOf = (address: string): string =>
      new URL(address.replaceAll('&amp;', '&')).searchParams.get('centang_result') as string
    const right = await claimsOf(resultOf((await post(own)).headers.get('location') as string))
    assert.deepEqual([right['sub'], right['nonce'], right['status']], [to, 'nonce-of-the-person', 'approved'])
    for (const html of [await (await fetch(stranger)).text(), await (await post(stranger)).text()]) {
      const [, back = ''] = /class="button" href="([^"]+)"/.exec(html) ?? []
      const claims = await claimsOf(resultOf(back))
      assert.deepEqual(
        [claims['sub'], claims['nonce'], claims['status']],
        [undefined, 'nonce-of-a-stranger', 'canceled'],
      )
    }
  })

  it('and a page asks for no channel that its verification does not have', async () => {
    const { id } = await start(freshNumber())
    const { verifications } = createClient({ baseUrl: server.url, apiKey: server.key })
    const page = createBrowserClient({ baseUrl: server.url, token: (await verifications.createClientToken(id)).token })
    await assert.rejects(
      page.next({ channel: 'sms' }),
      (error: { code?: string }) => error.code === 'channel_not_offered',
    )
    assert.equal((await verifications.next(id, { channel: 'sms' })).channel, 'sms', 'its server may')
  })
})
