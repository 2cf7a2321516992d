import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { Keyring } from '#platform/keys/keyring.ts'
import { makeClientToken, maskRecipient, readClientToken } from '#verification/http/client-token.ts'
import { createBrowserClient } from '../../sdk/src/browser.ts'
import { CentangRefusal, createClient } from '../../sdk/src/client.ts'
import { type Answer, codeOn, freshNumber, operatorKey, wrongCode } from '../kit/api.ts'
import { startTestServer } from '../kit/server.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

const refusedWith = (code: string) => (error: unknown) => error instanceof CentangRefusal && error.code === code

describe('a client token', () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())

  const client = () => createClient({ baseUrl: server.url, apiKey: server.key }).verifications
  const started = async () => {
    const to = freshNumber()
    const { id } = await client().start({ to, metadata: { note: 'internal-note' } })
    const { token, expires_at: expiresAt } = await client().createClientToken(id)
    const own = createBrowserClient({ baseUrl: server.url, token, retryCountMax: 0 })
    return { to, id, token, expiresAt, own }
  }
  const withToken = (token: string, method: string, path: string, body?: unknown): Promise<Answer> =>
    server.call(method, path, body, { authorization: `Bearer ${token}` })

  it('reads, checks and sends again its own verification', async () => {
    const { to, id, own, expiresAt } = await started()
    assert.equal(own.id, id)
    const code = await codeOn(server, to)
    const read = await own.get()
    assert.deepEqual([read.status, read.expires_at], ['pending', expiresAt])
    assert.equal((await own.next({ channel: 'sms' })).channel, 'sms')
    await assert.rejects(own.resend(), refusedWith('resend_too_soon'))
    assert.equal((await own.check(wrongCode(code))).valid, false)
    assert.equal((await own.check({ code })).status, 'approved')
    assert.equal((await own.get()).status, 'approved')
    assert.equal((await client().get(id)).status, 'approved')
  })

  it('shows a page neither the whole number nor what the business noted', async () => {
    const { to, own, id } = await started()
    await codeOn(server, to)
    for (const shown of [await own.get(), await own.next({ channel: 'sms' })]) {
      assert.equal(shown.to, maskRecipient(to))
      assert.equal(shown.metadata, null)
      assert.ok(shown.deliveries.length > 0)
      assert.doesNotMatch(JSON.stringify(shown), new RegExp(`internal-note|${to.slice(4, 10)}`))
    }
    assert.deepEqual((await own.get()).timeline, [])
    assert.deepEqual((await client().get(id)).metadata, { note: 'internal-note' })
  })

  it('opens nothing else: every other call of the API is 401', async () => {
    const { token, id } = await started()
    const other = await started()
    const { body: api } = await server.call('GET', '/openapi.json')
    const open = new Set<string>()
    for (const whose of [id, other.id]) {
      for (const [path, calls] of Object.entries<object>(api.paths)) {
        for (const method of Object.keys(calls).map((one) => one.toUpperCase())) {
          const url = path.replaceAll(/\{\w+\}/g, whose)
          const body = method === 'GET' || method === 'DELETE' ? undefined : {}
          const { status } = await withToken(token, method, url, body)
          if (status !== 401) open.add(`${method} ${url}`)
        }
      }
    }
    const own = `/v1/verifications/${id}`
    assert.deepEqual(open, new Set([`POST ${own}/check`, `POST ${own}/resend`, `POST ${own}/next`, `GET ${own}`]))
    // The same id in a shape that only looks like it, and what is not in the reference.
    for (const path of [`/v1/verifications/${id.toUpperCase()}`, `/v1/verifications/%20${id}`, '/v1/verifications/x']) {
      assert.equal((await withToken(token, 'GET', path)).status, 401, path)
    }
    assert.equal((await withToken(token, 'GET', '/v1/events/stream')).status, 401)
  })

  it('with any character changed, or of another server, is none', async () => {
    const { token, id } = await started()
    const path = `/v1/verifications/${id}`
    assert.equal((await withToken(token, 'GET', path)).status, 200)
    for (let index = 3; index < token.length - 1; index += 4) {
      const changed = token.slice(0, index) + (token[index] === 'a' ? 'b' : 'a') + token.slice(index + 1)
      assert.equal((await withToken(changed, 'GET', path)).status, 401, String(index))
    }
    for (const none of ['ct_', `${token}a`, token.slice(0, -1), server.key.replace('ck_', 'ct_')]) {
      assert.equal((await withToken(none, 'GET', path)).status, 401)
    }
    const other = await startTestServer()
    assert.equal((await other.call('GET', path, undefined, { authorization: `Bearer ${token}` })).status, 401)
    await other.stop()
  })

  it('is made by a server only, for a pending verification of its own', async () => {
    const { token, id } = await started()
    assert.equal((await withToken(token, 'POST', `/v1/verifications/${id}/client_token`, {})).status, 401)
    await client().cancel(id)
    await assert.rejects(client().createClientToken(id), refusedWith('verification_closed'))
    const unknown = `ver_${'0'.repeat(32)}`
    await assert.rejects(client().createClientToken(unknown), refusedWith('verification_not_found'))
    const made = await server.call(
      'POST',
      '/v1/businesses',
      { name: 'Other' },
      { authorization: `Bearer ${operatorKey}` },
    )
    const stranger = createClient({ baseUrl: server.url, apiKey: made.body.api_key }).verifications
    await assert.rejects(stranger.createClientToken((await started()).id), refusedWith('verification_not_found'))
  })

  it('does not widen the limits of wrong codes', async () => {
    const { to, id, own } = await started()
    let guess = await codeOn(server, to)
    const checks = Array.from({ length: 20 }, () => own.check((guess = wrongCode(guess))))
    const outcomes = await Promise.allSettled(checks)
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 5)
    assert.equal((await client().get(id)).status, 'blocked')
  })

  it('neither uses up nor meets the idempotency keys of the business', async () => {
    const { to, id, own } = await started()
    const wrong = wrongCode(await codeOn(server, to))
    const same = { idempotencyKey: `order-7-${id}` }
    assert.equal((await client().check(id, wrong, same)).checks_remaining, 4)
    assert.equal((await own.check(wrong, same)).checks_remaining, 3, 'its own check')
    assert.equal((await own.check(wrong, same)).checks_remaining, 3, 'repeated')
    const shown = await client().next(id, { channel: 'sms' }, { idempotencyKey: `next-${id}` })
    assert.equal(shown.to, to)
    await assert.rejects(own.next({ channel: 'sms' }, { idempotencyKey: `next-${id}` }), (error) => {
      assert.ok(error instanceof CentangRefusal)
      assert.doesNotMatch(JSON.stringify(error), new RegExp(to.slice(1)))
      return true
    })
  })

  it('may be used by pages of any origin, and a key of a server by none', async () => {
    const { token, id } = await started()
    const path = `/v1/verifications/${id}`
    const origin = { origin: 'https://shop.example' }
    for (const call of ['', '/check', '/resend', '/next']) {
      const preflight = await fetch(`${server.url}${path}${call}`, { method: 'OPTIONS', headers: origin })
      assert.equal(preflight.status, 204)
      assert.equal(preflight.headers.get('access-control-allow-origin'), '*')
      assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /authorization.*idempotency-key/)
      assert.equal(preflight.headers.get('access-control-allow-methods'), call === '' ? 'GET' : 'POST')
      assert.equal(preflight.headers.get('access-control-allow-credentials'), null)
    }
    const allowed = async (authorization: string, at = path): Promise<string | null> =>
      (await server.call('GET', at, undefined, { ...origin, authorization })).headers.get('access-control-allow-origin')
    assert.equal(await allowed(`Bearer ${token}`), '*')
    assert.equal(await allowed(`Bearer ct_${'0'.repeat(32)}`), '*', 'a refusal can be read too')
    assert.equal(await allowed(`Bearer ${server.key}`), null)
    assert.equal(await allowed(`Bearer ${server.key}`, '/v1/verifications'), null)
    for (const closed of ['/v1/verifications', `${path}/cancel`, `${path}/client_token`, '/v1/businesses']) {
      const answer = await fetch(server.url + closed, { method: 'OPTIONS', headers: origin })
      assert.equal(answer.headers.get('access-control-allow-origin'), null, closed)
    }
  })

  it('is in no line of the log', async () => {
    const { token, own } = await started()
    await own.get()
    await withToken(`${token.slice(0, -3)}abc`, 'GET', `/v1/verifications/${own.id}`)
    assert.ok(server.logged.length > 0)
    assert.doesNotMatch(server.logged.join(''), /ct_[0-9a-f]{32}/)
  })

  it('says what it was made for, until its second', () => {
    const keys = new Keyring(new Map([[1, randomBytes(32)]]))
    const others = new Keyring(new Map([[1, randomBytes(32)]]))
    const uuid = fc.uuid()
    const claims = fc.record({
      verificationId: uuid,
      businessId: uuid,
      applicationId: uuid,
      keyId: uuid,
      live: fc.boolean(),
      expiresAt: fc.integer({ min: 1, max: 0xffffffff }).map((seconds) => new Date(seconds * 1000)),
    })
    fc.assert(
      fc.property(claims, (made) => {
        const token = makeClientToken(keys, made)
        const before = new Date(made.expiresAt.getTime() - 1)
        assert.deepEqual(readClientToken(keys, token, before), { ...made })
        assert.equal(readClientToken(keys, token, made.expiresAt), undefined)
        assert.equal(readClientToken(others, token, before), undefined)
      }),
    )
  })

  it('shows of a recipient what its owner knows it by', () => {
    assert.equal(maskRecipient('+6281234567890'), '+62•••••••••90')
    assert.equal(maskRecipient('budi@example.com'), 'b•••@example.com')
  })
})
