import { accessIds } from '#access/core/ids.ts'
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { modules } from '#app.ts'
import { mergeSubjects } from '#platform/core/event-subject.ts'
import { readId } from '#platform/core/id.ts'
import { webhookSchemas } from '#webhooks/http/documented-events.ts'
import { bearer, codeOn, eventually, freshNumber, operatorKey, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { addKey } from '../kit/keys.ts'
import { accepts, type Receiver, startReceiver } from './receiver.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'

const subjects = mergeSubjects(modules)
const { VerificationEvent } = webhookSchemas(subjects) as Record<string, any>

interface Tenant {
  readonly key: string
  readonly application: string
}

describe('webhooks', { concurrency: true }, () => {
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

  const made: string[] = []
  const createBusiness = async (): Promise<Tenant> => {
    const { body } = await server.call('POST', '/v1/businesses', { name: 'Shop' }, bearer(operatorKey))
    made.push(readId(accessIds.business, body.id) as string)
    return { key: body.api_key, application: body.application_id }
  }
  const as = ({ key }: Tenant, method: string, path: string, body?: unknown) =>
    server.call(method, path, body, bearer(key))
  const add = async (tenant: Tenant, path: string, events: readonly string[] = ['verification.*', 'delivery.*']) => {
    const { status, body } = await as(tenant, 'POST', '/v1/webhook_endpoints', {
      url: `http://${receiver.host}/${path}`,
      events,
    })
    assert.equal(status, 201, JSON.stringify(body))
    return body as { id: string; secret: string }
  }
  const at = (path: string) => receiver.received.filter((one) => one.path === `/${path}`)
  /** With a code of ten digits: six may stand in any number or id. */
  const start = async (tenant: Tenant): Promise<{ id: string; to: string }> => {
    const { status, body } = await as(tenant, 'POST', '/v1/verifications', { to: freshNumber(), code_length: 10 })
    assert.equal(status, 201)
    return body
  }
  /** Nothing more comes. */
  const quiet = () => new Promise((done) => setTimeout(done, 1500))

  it('tell the whole story once, signed so that the official library accepts it, and no code', async () => {
    const tenant = await createBusiness()
    const { id: endpointId, secret } = await add(tenant, 'story')
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
    const { id, to } = await start(tenant)
    const code = await codeOn(server, to)
    await as(tenant, 'POST', `/v1/verifications/${id}/check`, { code: wrongCode(code) })
    await as(tenant, 'POST', `/v1/verifications/${id}/check`, { code })
    await eventually(async () => at('story').some(({ body }) => body.type === 'verification.approved'))
    await quiet()
    const received = at('story')
    const { timeline } = (await as(tenant, 'GET', `/v1/verifications/${id}`)).body
    assert.deepEqual(
      received.map(({ body }) => body.type).toSorted(),
      timeline.map(({ type }: { type: string }) => type).toSorted(),
      'what the timeline shows, each once',
    )
    for (const one of received) {
      assert.ok(accepts(secret, one), one.body.type)
      assert.ok(Value.Check(VerificationEvent, one.body), 'as the OpenAPI file has it')
      assert.equal(one.body.data['verification_id'], id)
      assert.equal(one.body.data['to'], to)
      assert.equal(one.body.data['test'], true)
      assert.ok(!one.text.includes(code) && !one.text.includes(wrongCode(code)))
      assert.deepEqual(Object.keys(one.body.data).toSorted(), [
        'application_id',
        'channel',
        'delivery_id',
        'provider_code',
        'purpose',
        'reason',
        'test',
        'to',
        'verification_id',
      ])
    }
    const { data } = (await as(tenant, 'GET', `/v1/webhook_endpoints/${endpointId}/deliveries?limit=100`)).body
    assert.deepEqual(
      data.map((one: { id: string }) => one.id).toSorted(),
      received.map((one) => one.id).toSorted(),
      'listed under the ids they came with',
    )
    for (const one of data) {
      assert.deepEqual(
        [one.status, one.send_count, one.response_status, one.problem, one.next_send_at],
        ['delivered', 1, 204, null, null],
      )
    }
    // The negative control: a changed body, another secret.
    const [first] = received
    assert.ok(first)
    assert.ok(!accepts(secret, { ...first, text: first.text.replace('true', 'false') }))
    assert.ok(!accepts(`whsec_${Buffer.alloc(32).toString('base64')}`, first))
  })

  it('come of the kinds that were asked for, in the mode of the key', async () => {
    const tenant = await createBusiness()
    const live = { ...tenant, key: await addKey(server, tenant.application, true) }
    await add(tenant, 'approved', ['verification.approved'])
    await add(live, 'live')
    const { id, to } = await start(tenant)
    await as(tenant, 'POST', `/v1/verifications/${id}/check`, { code: await codeOn(server, to) })
    await eventually(async () => at('approved').length > 0)
    await quiet()
    assert.deepEqual(
      at('approved').map(({ body }) => body.type),
      ['verification.approved'],
    )
    assert.equal(at('live').length, 0, 'a test event is none of a live endpoint')
    const modes = async (who: Tenant) =>
      (await as(who, 'GET', '/v1/webhook_endpoints')).body.data.map(({ mode }: { mode: string }) => mode)
    assert.deepEqual([await modes(tenant), await modes(live)], [['test'], ['live']])
  })

  it('of one business are hidden from another, and from its other mode', async () => {
    const tenant = await createBusiness()
    const { id } = await add(tenant, 'private')
    await start(tenant)
    await eventually(async () => at('private').length > 0)
    const delivery = at('private')[0]?.id as string
    const other = await createBusiness()
    const otherMode = { ...tenant, key: await addKey(server, tenant.application, true) }
    const own = await add(other, 'other')
    const path = `/v1/webhook_endpoints/${id}`
    const calls = [
      ['GET', path],
      ['PATCH', path, { disabled: true }],
      ['DELETE', path],
      ['POST', `${path}/secret`],
      ['GET', `${path}/deliveries`],
      ['GET', `${path}/deliveries/${delivery}`],
      ['GET', `${path}/progress?since=2020-01-01T00:00:00Z`],
      ['POST', `${path}/replay`, { since: '2020-01-01T00:00:00Z' }],
      ['POST', `${path}/replay`, { delivery_id: delivery }],
    ] as const
    for (const [method, url, body] of calls) {
      for (const who of [other, otherMode]) {
        const refused = await as(who, method, url, body)
        assert.deepEqual([refused.status, refused.body?.code], [404, 'resource_not_found'], `${method} ${url}`)
      }
    }
    const stolen = await as(other, 'POST', `/v1/webhook_endpoints/${own.id}/replay`, { delivery_id: delivery })
    assert.equal(stolen.status, 404, 'through an endpoint of their own')
    // The negative control: to its own business all of them are there, the removal last.
    for (const [method, url, body] of calls.filter(([method]) => method !== 'DELETE' && method !== 'PATCH')) {
      assert.ok((await as(tenant, method, url, body)).status < 300, `${method} ${url}`)
    }
    assert.equal((await as(tenant, 'DELETE', path)).status, 204)
    assert.equal((await as(tenant, 'GET', path)).status, 404)
    const left = await server.database.query('select from webhook_delivery where endpoint_id = $1', [
      readId(webhooksIds.webhookEndpoint, id),
    ])
    assert.equal(left.length, 0, 'its deliveries have gone with it')
  })

  it('are signed with both secrets for a day after a rotation, and the secret is shown once', async () => {
    const tenant = await createBusiness()
    const { id, secret: old } = await add(tenant, 'rotated', ['verification.started'])
    const rotated = (await as(tenant, 'POST', `/v1/webhook_endpoints/${id}/secret`)).body
    const fresh = rotated.secret as string
    assert.notEqual(fresh, old)
    const lasts = Date.parse(rotated.previous_secret_until) - Date.now()
    assert.ok(Math.abs(lasts - 24 * 3_600_000) < 60_000)
    await start(tenant)
    const [during] = await eventually(async () => at('rotated').length === 1 && at('rotated'))
    assert.ok(during && accepts(old, during) && accepts(fresh, during))
    await server.database.query('update webhook_endpoint set previous_secret_until = now() where id = $1', [
      readId(webhooksIds.webhookEndpoint, id),
    ])
    await start(tenant)
    const [, later] = await eventually(async () => at('rotated').length === 2 && at('rotated'))
    assert.ok(later && accepts(fresh, later) && !accepts(old, later), 'a day later only the new one')
    const read = await as(tenant, 'GET', `/v1/webhook_endpoints/${id}`)
    assert.ok(!JSON.stringify(read.body).includes('whsec_'))
    const rows = await server.database.query<{ row: string }>('select w::text as row from webhook_endpoint w')
    const plain = Buffer.from(fresh.slice(6), 'base64').toString('hex')
    assert.ok(!rows.some(({ row }) => row.includes(fresh.slice(6)) || row.includes(plain)), 'kept sealed')
    assert.ok(!server.logged.join('').includes(fresh.slice(6)))
  })

  it('are sent again on request, under the same id, one or all since a time', async () => {
    const tenant = await createBusiness()
    const { id } = await add(tenant, 'replayed', ['verification.started'])
    const before = new Date(Date.now() - 1000).toISOString()
    for (let n = 0; n < 3; n++) await start(tenant)
    await eventually(async () => at('replayed').length === 3)
    const ids = at('replayed').map((one) => one.id)
    const replay = (body: unknown) => as(tenant, 'POST', `/v1/webhook_endpoints/${id}/replay`, body)
    const one = (await replay({ delivery_id: ids[1] })).body
    assert.deepEqual([one.found, Math.abs(Date.parse(one.requested_at) - Date.now()) < 5000], [true, true])
    await eventually(async () => at('replayed').length === 4)
    assert.equal(at('replayed')[3]?.id, ids[1])
    assert.equal(at('replayed')[3]?.text, at('replayed').find((one) => one.id === ids[1])?.text)
    const { found, requested_at } = (await replay({ since: before })).body
    assert.equal(found, true)
    await eventually(async () => at('replayed').length === 7)
    await quiet()
    const again = at('replayed').slice(4)
    assert.deepEqual(again.map((one) => one.id).toSorted(), ids.toSorted(), 'each once')
    const progress = await as(tenant, 'GET', `/v1/webhook_endpoints/${id}/progress?since=${requested_at}`)
    const allArrived = { waiting: 0, delivered: 3, retrying: 0, failed: 0, caught_up: true }
    assert.deepEqual(progress.body, allArrived)
    const { body: delivery } = await as(tenant, 'GET', `/v1/webhook_endpoints/${id}/deliveries/${ids[0]}`)
    assert.deepEqual([delivery.id, delivery.status, delivery.sent_at > requested_at], [ids[0], 'delivered', true])
    assert.equal((await replay({ since: new Date(Date.now() + 60_000).toISOString() })).body.found, false)
    for (const body of [
      {},
      { since: 'x' },
      { since: '2026-06-30T23:59:60Z' },
      { since: before, delivery_id: ids[0] },
    ]) {
      const refused = await replay(body)
      assert.deepEqual([refused.status, refused.body.code], [400, 'body_invalid'], JSON.stringify(body))
    }
  })

  it('stop when the endpoint is disabled, and go on with the present when it is enabled', async () => {
    const tenant = await createBusiness()
    const { id } = await add(tenant, 'paused', ['verification.started'])
    const path = `/v1/webhook_endpoints/${id}`
    const disabled = (await as(tenant, 'PATCH', path, { disabled: true })).body
    assert.deepEqual([disabled.disabled, disabled.disabled_reason], [true, 'by_request'])
    // The server's clock is the database's, which may be some milliseconds behind ours. Nothing has happened before.
    const since = new Date(Date.now() - 1000).toISOString()
    await start(tenant)
    assert.equal((await as(tenant, 'POST', `${path}/replay`, { since })).body.code, 'body_invalid')
    await quiet()
    assert.equal((await as(tenant, 'PATCH', path, { disabled: false })).body.disabled_reason, null)
    await start(tenant)
    await eventually(async () => at('paused').length === 1)
    await as(tenant, 'POST', `${path}/replay`, { since })
    // The one that it missed, and once more the one that it has had.
    await eventually(async () => at('paused').length === 3)
    await quiet()
    assert.equal(at('paused').length, 3)
    assert.equal(new Set(at('paused').map((one) => one.id)).size, 2)
    assert.equal(new Set(at('paused').map(({ body }) => body.data['verification_id'])).size, 2)
  })

  it('have a page of deliveries, newest first, by status', async () => {
    const tenant = await createBusiness()
    const { id } = await add(tenant, 'paged', ['verification.started'])
    for (let n = 0; n < 3; n++) await start(tenant)
    await eventually(async () => at('paged').length === 3)
    const page = async (query: string) =>
      (await as(tenant, 'GET', `/v1/webhook_endpoints/${id}/deliveries?${query}`)).body
    await eventually(async () => (await page('status=delivered')).data.length === 3)
    const first = await page('limit=2')
    const second = await page(`limit=2&cursor=${first.next_cursor}`)
    assert.deepEqual([first.data.length, second.data.length, second.next_cursor], [2, 1, null])
    const ids = [...first.data, ...second.data].map((one: { id: string }) => one.id)
    assert.deepEqual(ids, ids.toSorted().toReversed())
    assert.equal((await page('status=failed')).data.length, 0)
    assert.equal((await page('cursor=ver_1')).code, 'body_invalid')
  })

  it('take what is written in the contract and nothing else', async () => {
    const tenant = await createBusiness()
    const events = ['verification.*']
    const url = receiver.url
    const bodies = [
      {},
      { url },
      { url, events: [] },
      { url, events: ['*'] },
      { url, events: ['verification.nonsense'] },
      { url, events, secret: 'whsec_own' },
      { url: 7, events },
      { url: `https://shop.example/${'x'.repeat(2000)}`, events },
    ]
    for (const body of bodies) {
      const refused = await as(tenant, 'POST', '/v1/webhook_endpoints', body)
      assert.deepEqual([refused.status, refused.body.code], [400, 'body_invalid'], JSON.stringify(body))
    }
    for (let n = 0; n < 20; n++) await add(tenant, 'many')
    const oneMore = await as(tenant, 'POST', '/v1/webhook_endpoints', { url, events })
    assert.deepEqual([oneMore.status, oneMore.body.code], [409, 'quota_reached'])
  })

  it('are documented kind by kind in the OpenAPI file', async () => {
    const { webhooks } = (await server.call('GET', '/openapi.json')).body
    const kinds = Object.values(subjects).flatMap(({ kinds: own }) => Object.keys(own))
    assert.deepEqual(Object.keys(webhooks), kinds)
    assert.ok(['delivery.failed', 'message.received', 'factor.verified'].every((kind) => kinds.includes(kind)))
    const { schema } = webhooks['delivery.failed'].post.requestBody.content['application/json']
    assert.deepEqual(schema.properties.type.enum, ['delivery.failed'])
    assert.deepEqual(Object.keys(schema.properties.data.properties).length, 9)
  })

  it('know every kind of event of a verification that there was', async () => {
    const kinds = async (): Promise<string[]> =>
      (
        await server.database.query<{ kind: string }>(
          `select distinct kind from event where kind like 'verification.%' or kind like 'delivery.%'`,
        )
      ).map(({ kind }) => kind)
    await start(await createBusiness())
    await eventually(async () => (await kinds()).length >= 3)
    const known = Object.values(subjects).flatMap(({ kinds: own }) => Object.keys(own))
    assert.deepEqual(
      (await kinds()).filter((kind) => !known.includes(kind)),
      [],
    )
  })
})
