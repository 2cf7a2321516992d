import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { verifySignature } from '@vonage/jwt'
import { Vonage } from '@vonage/server-sdk'
import { readId, spellId } from '#platform/core/id.ts'
import { bearer, codeOn, eventually, freshNumber, operatorKey, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { type Received, type Receiver, startReceiver } from './receiver.ts'
import { accessIds } from '#access/core/ids.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'

interface Tenant {
  readonly key: string
  readonly business: string
  readonly application: string
  readonly vonage: Vonage
}

describe("webhooks in Vonage's format", { concurrency: true }, () => {
  let server: SharedServer
  let receiver: Receiver
  before(async () => {
    receiver = await startReceiver()
    server = await sharedServer()
  })
  after(async () => {
    await server.stop()
    await receiver.close()
  })

  const as = ({ key }: Pick<Tenant, 'key'>, method: string, path: string, body?: unknown) =>
    server.call(method, path, body, bearer(key))

  async function createTenant(): Promise<Tenant> {
    const { body } = await server.call('POST', '/v1/businesses', { name: 'Shop' }, bearer(operatorKey))
    const pair = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const tenant = { key: body.api_key, business: body.id, application: body.application_id }
    const path = `/v1/applications/${tenant.application}/public_key`
    const registered = await as(tenant, 'PUT', path, { public_key: pair.publicKey })
    const vonage = new Vonage(
      { applicationId: registered.body.jwt_application_id, privateKey: pair.privateKey },
      { apiHost: server.url },
    )
    return { ...tenant, vonage }
  }
  async function add({ application, ...tenant }: Tenant, path: string, changes: object = {}) {
    const { status, body } = await as(tenant, 'POST', '/v1/webhook_endpoints', {
      url: `http://${receiver.host}/${path}`,
      format: 'vonage',
      application_id: application,
      ...changes,
    })
    assert.equal(status, 201, JSON.stringify(body))
    return body as { readonly id: string; readonly secret: string }
  }
  const at = (path: string) => receiver.received.filter((one) => one.path === `/${path}`)
  const bodiesAt = (path: string): any[] => at(path).map(({ body }) => body)
  const tokenOf = ({ headers }: Received): string => /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
  const claimsOf = (one: Received) => JSON.parse(Buffer.from(tokenOf(one).split('.')[1] ?? '', 'base64url').toString())
  /** As Vonage's guide has it: the token by its library, then the digest of the body. */
  const accepts = (secret: string, one: Received): boolean =>
    verifySignature(tokenOf(one), secret) &&
    claimsOf(one).payload_hash === createHash('sha256').update(one.text).digest('hex')
  const quiet = () => new Promise((done) => setTimeout(done, 1200))

  async function start({ vonage }: Tenant, channels: readonly string[] = ['whatsapp', 'sms'], to = freshNumber()) {
    const workflow = channels.map((channel) => ({ channel, to: to.slice(1) }))
    const { requestId } = await vonage.verify2.newRequest({
      brand: 'Shop',
      clientRef: 'order-7',
      // Fewer digits may stand in any number or id.
      codeLength: 10,
      workflow,
    } as never)
    return { id: requestId, to }
  }

  it('tell of the step and of the whole, signed so that the official package accepts them', async () => {
    const tenant = await createTenant()
    const { secret } = await add(tenant, 'story')
    assert.match(secret, /^[0-9a-f]{64}$/)
    const { id, to } = await start(tenant)
    const code = await codeOn(server, to)
    await tenant.vonage.verify2.checkCode(id, wrongCode(code)).catch(() => undefined)
    assert.equal(await tenant.vonage.verify2.checkCode(id, code), 'completed')
    await eventually(async () => at('story').length === 2)
    await quiet()
    assert.equal(at('story').length, 2)
    const event = bodiesAt('story').find(({ type }) => type === 'event')
    const summary = bodiesAt('story').find(({ type }) => type === 'summary')
    assert.deepEqual(event, {
      request_id: id,
      triggered_at: event.triggered_at,
      type: 'event',
      channel: 'whatsapp',
      status: 'completed',
      finalized_at: summary.finalized_at,
      client_ref: 'order-7',
    })
    assert.deepEqual(summary, {
      request_id: id,
      submitted_at: summary.submitted_at,
      status: 'completed',
      type: 'summary',
      finalized_at: summary.finalized_at,
      channel_timeout: 300,
      workflow: [
        { channel: 'whatsapp', initiated_at: event.triggered_at, status: 'completed' },
        { channel: 'sms', status: 'unused' },
      ],
      client_ref: 'order-7',
    })
    assert.ok(Date.parse(summary.submitted_at) <= Date.parse(summary.finalized_at))
    for (const one of at('story')) {
      assert.ok(accepts(secret, one))
      assert.ok(!one.text.includes(code))
      const { api_key, application_id, iss, iat, jti } = claimsOf(one)
      assert.deepEqual(
        [api_key, application_id, iss],
        [tenant.business.slice(-8), readId(accessIds.application, tenant.application), 'Vonage'],
      )
      assert.ok(Math.abs(iat - Date.now() / 1000) < 60 && jti.length > 10)
      // The negative controls: another secret, another body.
      assert.ok(!accepts('0'.repeat(64), one))
      assert.ok(!accepts(secret, { ...one, text: one.text.replace('completed', 'failed') }))
    }
  })

  it('tell of a step that failed before the next one, and of a request that came to nothing', async () => {
    const tenant = await createTenant()
    await add(tenant, 'failed')
    const to = freshNumber()
    await server.simulate('PUT', `/handsets/${to}`, { whatsapp: false })
    const { id } = await start(tenant, ['whatsapp', 'sms'], to)
    await tenant.vonage.verify2.checkCode(id, await codeOn(server, to))
    await eventually(async () => bodiesAt('failed').some(({ type }) => type === 'summary'))
    await quiet()
    const events = bodiesAt('failed').filter(({ type }) => type === 'event')
    assert.deepEqual(events.map(({ channel, status }) => `${channel} ${status}`).toSorted(), [
      'sms completed',
      'whatsapp failed',
    ])
    const [summary] = bodiesAt('failed').filter(({ type }) => type === 'summary')
    assert.deepEqual(
      summary.workflow.map(({ channel, status }: any) => `${channel} ${status}`),
      ['whatsapp failed', 'sms completed'],
    )
    // Nobody guesses it, and the one channel it has says no.
    const other = freshNumber()
    await server.simulate('PUT', `/handsets/${other}`, { whatsapp: false })
    const lost = await start(tenant, ['whatsapp'], other)
    const end = await eventually(async () =>
      bodiesAt('failed').find(({ type, request_id }) => type === 'summary' && request_id === lost.id),
    )
    assert.deepEqual([end.status, end.workflow[0].status], ['failed', 'failed'])
  })

  it('tell that a request expired, or was guessed at too often, and nothing when it was canceled', async () => {
    const tenant = await createTenant()
    await add(tenant, 'ends')
    const guessed = await start(tenant)
    const code = await codeOn(server, guessed.to)
    for (let guess = 0; guess < 5; guess++) {
      await tenant.vonage.verify2.checkCode(guessed.id, wrongCode(code)).catch(() => undefined)
    }
    const canceled = await start(tenant)
    await codeOn(server, canceled.to)
    await tenant.vonage.verify2.cancel(canceled.id)
    const late = await start(tenant)
    await codeOn(server, late.to)
    await server.database.query('update verification set expires_at = now(), due_at = now() where id = $1', [late.id])
    const statuses = (id: string) =>
      bodiesAt('ends')
        .filter(({ request_id }) => request_id === id)
        .map(({ type, status }) => `${type} ${status}`)
        .toSorted()
    await eventually(async () => statuses(late.id).length === 2 && statuses(guessed.id).length === 2)
    await quiet()
    assert.deepEqual(statuses(guessed.id), ['event failed', 'summary failed'])
    assert.deepEqual(statuses(late.id), ['event expired', 'summary expired'])
    assert.deepEqual(statuses(canceled.id), [])
  })

  it('come of their application only, and a new secret signs at once', async () => {
    const tenant = await createTenant()
    const other = randomUUID()
    await server.database.query(
      `insert into application (business_id, id, name, brand, locale, policy, workflow, created_at)
        select business_id, $1, 'Other', 'Other', locale, policy, workflow, now() from application where id = $2`,
      [other, readId(accessIds.application, tenant.application)],
    )
    await add(tenant, 'elsewhere', { application_id: spellId(accessIds.application, other) })
    const { id, secret: old } = await add(tenant, 'rotated')
    const rotated = (await as(tenant, 'POST', `/v1/webhook_endpoints/${id}/secret`)).body
    assert.equal(rotated.previous_secret_until, null)
    const request = await start(tenant)
    await tenant.vonage.verify2.checkCode(request.id, await codeOn(server, request.to))
    await eventually(async () => at('rotated').length === 2)
    await quiet()
    assert.ok(at('rotated').every((one) => accepts(rotated.secret, one) && !accepts(old, one)))
    assert.equal(at('elsewhere').length, 0)
  })

  it('come again after an error with the same body, are replayed, and stop at 410', async () => {
    const tenant = await createTenant()
    const { id, secret } = await add(tenant, 'again')
    let status = 200
    receiver.answer = ({ path }) => ({ status: path !== '/again' ? 204 : at('again').length <= 2 ? 503 : status })
    const request = await start(tenant)
    await tenant.vonage.verify2.checkCode(request.id, await codeOn(server, request.to))
    await eventually(async () => at('again').length === 4, 15_000)
    const path = `/v1/webhook_endpoints/${id}`
    await eventually(
      async () => (await as(tenant, 'GET', `${path}/deliveries?status=delivered`)).body.data.length === 2,
    )
    await as(tenant, 'POST', `${path}/replay`, { since: '2020-01-01T00:00:00Z' })
    await eventually(async () => at('again').length === 6)
    assert.equal(new Set(at('again').map(({ text }) => text)).size, 2, 'always the same two bodies')
    assert.equal(new Set(at('again').map((one) => one.id)).size, 2)
    assert.ok(at('again').every((one) => accepts(secret, one)))
    assert.equal(new Set(at('again').map(tokenOf)).size, 6, 'each time another token')
    status = 410
    await as(tenant, 'POST', `${path}/replay`, { since: '2020-01-01T00:00:00Z' })
    await eventually(async () => (await as(tenant, 'GET', path)).body.disabled_reason === 'gone')
  })

  it('reach no address inside, neither when they are set up nor when a name turns out to be one', async () => {
    const tenant = await createTenant()
    const { id } = await add(tenant, 'inside')
    const wanted = { format: 'vonage', application_id: tenant.application }
    for (const url of ['https://10.0.0.1/', 'http://shop.example.com/', `${server.url}/hook`]) {
      const refused = await as(tenant, 'POST', '/v1/webhook_endpoints', { ...wanted, url })
      assert.deepEqual([refused.status, refused.body.errors?.[0].path], [400, 'body/url'], url)
    }
    await server.database.query(`update webhook_endpoint set url = 'https://169.254.169.254/' where id = $1`, [
      readId(webhooksIds.webhookEndpoint, id),
    ])
    const request = await start(tenant)
    await tenant.vonage.verify2.checkCode(request.id, await codeOn(server, request.to))
    const found = await eventually(async () => {
      const { data } = (await as(tenant, 'GET', `/v1/webhook_endpoints/${id}/deliveries`)).body
      return data.find((one: any) => one.send_count === 1)
    })
    assert.deepEqual([found.problem, found.response_status], ['address_forbidden', null])
  })

  it('want an application of this business and no choice of events', async () => {
    const tenant = await createTenant()
    const stranger = await createTenant()
    const url = receiver.url
    const refusedAt = async (body: object) =>
      (await as(tenant, 'POST', '/v1/webhook_endpoints', { url, ...body })).body.errors?.[0].path
    const application_id = tenant.application
    assert.equal(await refusedAt({ format: 'vonage' }), 'body/application_id')
    assert.equal(await refusedAt({ format: 'vonage', application_id: stranger.application }), 'body/application_id')
    assert.equal(await refusedAt({ format: 'vonage', application_id, events: ['verification.*'] }), 'body/events')
    assert.equal(await refusedAt({ format: 'twilio', application_id }), 'body/format')
    assert.equal(await refusedAt({ application_id }), 'body/events')
    const { id } = await add(tenant, 'fixed')
    const changed = await as(tenant, 'PATCH', `/v1/webhook_endpoints/${id}`, { events: ['verification.*'] })
    assert.equal(changed.body.errors?.[0].path, 'body/events')
  })
})
