import { accessIds } from '#access/core/ids.ts'
import assert from 'node:assert/strict'
import { plainSpelling } from '#access/core/api-key.ts'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { readId } from '#platform/core/id.ts'
import { bearer, codeOn, eventually, freshNumber, operatorKey, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { addKey } from '../kit/keys.ts'

interface Tenant {
  readonly id: string
  readonly application: string
  readonly key: string
}

async function createBusiness(server: SharedServer, mode: 'test' | 'live' = 'test'): Promise<Tenant> {
  const { status, body } = await server.call(
    'POST',
    '/v1/businesses',
    { name: `Shop ${mode}`, mode },
    bearer(operatorKey),
  )
  assert.equal(status, 201, JSON.stringify(body))
  return { id: body.id, application: body.application_id, key: body.api_key }
}

describe('API keys', () => {
  let server: SharedServer
  let tenant: Tenant
  before(async () => {
    server = await sharedServer()
    tenant = await createBusiness(server)
  })
  after(() => server.stop())

  const as = (key: string, method: string, path: string, body?: unknown) => server.call(method, path, body, bearer(key))

  it('are made in the mode of the key that asks, shown once, and kept as a digest', async () => {
    const { status, body } = await as(tenant.key, 'POST', '/v1/api_keys')
    assert.equal(status, 201)
    assert.match(body.key, /^ck_test_[A-Za-z0-9_-]{43}[0-9a-z]{7}$/)
    assert.deepEqual(
      [body.mode, body.application_id, body.hint, body.revoked_at],
      ['test', tenant.application, body.key.slice(-4), null],
    )
    assert.equal((await as(body.key, 'GET', '/v1/verifications')).status, 200)
    const listed = (await as(tenant.key, 'GET', '/v1/api_keys')).body.data as { id: string }[]
    assert.equal(listed.length, 2)
    assert.ok(!JSON.stringify(listed).includes(body.key))
    const [row] = await server.database.query<{ hash: Buffer; row: string }>(
      'select hash, k::text as row from api_key k where id = $1',
      [readId(accessIds.apiKey, body.id)],
    )
    assert.deepEqual(row?.hash, createHash('sha256').update(plainSpelling(body.key)).digest())
    assert.ok(!row.row.includes(body.key))
  })

  it('are revoked on every server within five seconds, and on this one at once', async () => {
    const here = (await as(tenant.key, 'POST', '/v1/api_keys')).body
    const elsewhere = (await as(tenant.key, 'POST', '/v1/api_keys')).body
    for (const { key } of [here, elsewhere]) assert.equal((await as(key, 'GET', '/v1/verifications')).status, 200)
    // The other one as another server would do it: this one's cache is not told.
    await server.database.query('update api_key set revoked_at = now() where id = $1', [
      readId(accessIds.apiKey, elsewhere.id),
    ])
    const from = performance.now()
    assert.equal((await as(elsewhere.key, 'GET', '/v1/verifications')).status, 200, 'it was cached')
    await eventually(async () => (await as(elsewhere.key, 'GET', '/v1/verifications')).status === 401)
    assert.ok(performance.now() - from < 5500)

    assert.equal((await as(tenant.key, 'DELETE', `/v1/api_keys/${here.id}`)).status, 204)
    const refused = await as(here.key, 'GET', '/v1/verifications')
    assert.deepEqual([refused.status, refused.body.code], [401, 'credentials_invalid'])
    assert.equal((await as(tenant.key, 'DELETE', `/v1/api_keys/${here.id}`)).status, 404, 'once')
    const shown = (await as(tenant.key, 'GET', '/v1/api_keys')).body.data.find(
      ({ id }: { id: string }) => id === here.id,
    )
    assert.ok(Date.parse(shown.revoked_at) > 0)
  })

  it('make no key once they are revoked, though a server still remembers them', async () => {
    const parent = (await as(tenant.key, 'POST', '/v1/api_keys', { scopes: ['admin'] })).body
    assert.equal((await as(parent.key, 'GET', '/v1/verifications')).status, 200)
    await server.database.query('update api_key set revoked_at = now(), children_revoked_at = now() where id = $1', [
      readId(accessIds.apiKey, parent.id),
    ])
    assert.equal((await as(parent.key, 'GET', '/v1/verifications')).status, 200, 'it was cached')
    const refused = await as(parent.key, 'POST', '/v1/api_keys')
    assert.deepEqual([refused.status, refused.body.code], [401, 'credentials_invalid'])
  })

  it('are shown again to the key that made them, and to no other that knows the Idempotency-Key', async () => {
    const expires = { scopes: ['admin'], expires_at: new Date(Date.now() + 60_000).toISOString() }
    const brief = (await as(tenant.key, 'POST', '/v1/api_keys', expires)).body
    const make = (key: string) =>
      server.call('POST', '/v1/api_keys', { scopes: ['admin'] }, { ...bearer(key), 'idempotency-key': 'first key' })
    const [made, again, other] = [await make(tenant.key), await make(tenant.key), await make(brief.key)]
    assert.deepEqual([made.status, again.body.key], [201, made.body.key])
    assert.notEqual(other.body.key, made.body.key)
    assert.equal(other.body.expires_at, brief.expires_at, 'it made one of its own')
  })

  it('take along the key that they are making while they are revoked', async () => {
    const parent = (await as(tenant.key, 'POST', '/v1/api_keys', { scopes: ['admin'] })).body
    const waiterFor = (pid: number) =>
      eventually(async () => {
        const found = `select pid from pg_stat_activity where $1 = any(pg_blocking_pids(pid))`
        return (await server.database.query<{ pid: number }>(found, [pid]))[0]?.pid
      })
    const client = new pg.Client({ connectionString: server.database.url })
    await client.connect()
    const [own] = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows
    await client.query('begin')
    await client.query('select from application where id = $1 for update', [
      readId(accessIds.application, tenant.application),
    ])
    const making = as(parent.key, 'POST', '/v1/api_keys')
    const maker = await waiterFor(own?.pid as number)
    const revoking = as(tenant.key, 'DELETE', `/v1/api_keys/${parent.id}?children=true`)
    await Promise.race([revoking, waiterFor(maker)])
    await client.query('commit')
    await client.end()
    assert.deepEqual([(await making).status, (await revoking).status], [201, 204])
    assert.equal((await as((await making).body.key, 'GET', '/v1/verifications')).status, 401)
  })

  it('of another business are not there', async () => {
    const other = await createBusiness(server)
    const theirs = (await as(other.key, 'GET', '/v1/api_keys')).body.data[0]
    const refused = await as(tenant.key, 'DELETE', `/v1/api_keys/${theirs.id}`)
    assert.deepEqual([refused.status, refused.body.code], [404, 'resource_not_found'])
    assert.equal((await as(other.key, 'GET', '/v1/api_keys')).status, 200)
  })
})

describe('a test key', () => {
  let server: SharedServer
  let live: Tenant
  let testKey: string
  before(async () => {
    server = await sharedServer()
    live = await createBusiness(server, 'live')
    testKey = await addKey(server, live.application, false)
  })
  after(() => server.stop())

  it('revokes no live key, and a live key revokes either', async () => {
    const keys = (await server.call('GET', '/v1/api_keys', undefined, bearer(live.key))).body.data as {
      id: string
      mode: string
    }[]
    const [liveId, testId] = ['live', 'test'].map((mode) => keys.find((one) => one.mode === mode)?.id)
    const refused = await server.call('DELETE', `/v1/api_keys/${liveId}`, undefined, bearer(testKey))
    assert.deepEqual([refused.status, refused.body.code], [403, 'live_key_required'])
    assert.equal((await server.call('GET', '/v1/api_keys', undefined, bearer(live.key))).status, 200)
    const extra = await addKey(server, live.application, false)
    const extraId = (await server.call('GET', '/v1/api_keys', undefined, bearer(live.key))).body.data.find(
      (one: { id: string }) => one.id !== liveId && one.id !== testId,
    ).id
    assert.equal((await server.call('DELETE', `/v1/api_keys/${extraId}`, undefined, bearer(live.key))).status, 204)
    assert.equal((await server.call('GET', '/v1/api_keys', undefined, bearer(extra))).status, 401)
  })

  it('changes an application only while it has no live key', async () => {
    const path = `/v1/applications/${live.application}`
    const change = (key: string) => server.call('PATCH', path, { policy: { check_count_max: 9 } }, bearer(key))
    const refused = await change(testKey)
    assert.deepEqual([refused.status, refused.body.code], [403, 'live_key_required'])
    assert.equal((await server.call('GET', path, undefined, bearer(testKey))).body.policy.check_count_max, 5)
    assert.equal((await change(live.key)).body.policy.check_count_max, 9)

    const tenant = await createBusiness(server)
    const own = await server.call('PATCH', `/v1/applications/${tenant.application}`, { brand: 'B' }, bearer(tenant.key))
    assert.equal(own.body.brand, 'B')
    await addKey(server, tenant.application, true)
    const later = await server.call(
      'PATCH',
      `/v1/applications/${tenant.application}`,
      { brand: 'C' },
      bearer(tenant.key),
    )
    assert.equal(later.body.code, 'live_key_required')
  })
})

describe('an application', () => {
  let server: SharedServer
  let tenant: Tenant
  before(async () => {
    server = await sharedServer()
    tenant = await createBusiness(server)
  })
  after(() => server.stop())

  it('is read and changed member by member, by its own business only', async () => {
    const as = bearer(tenant.key)
    const path = `/v1/applications/${tenant.application}`
    const before = (await server.call('GET', path, undefined, as)).body
    assert.deepEqual((await server.call('GET', '/v1/applications', undefined, as)).body.data, [before])
    const changed = await server.call(
      'PATCH',
      path,
      { domain: 'shop.example', locale: 'id', workflow: [{ channel: 'sms' }] },
      as,
    )
    assert.deepEqual(changed.body, {
      ...before,
      domain: 'shop.example',
      locale: 'id',
      workflow: [{ channel: 'sms', wait_seconds: 60 }],
    })
    assert.equal((await server.call('PATCH', path, { domain: null }, as)).body.domain, null)
    for (const wrong of [{}, { policy: { code_length: 3 } }, { domain: 'no spaces' }, { brand: 'a\u0000' }, { x: 1 }]) {
      assert.equal((await server.call('PATCH', path, wrong, as)).status, 400, JSON.stringify(wrong))
    }
    for (const method of ['GET', 'PATCH'])
      assert.equal((await server.call(method, path, method === 'GET' ? undefined : { brand: 'X' })).status, 404)
  })

  it('that changes its policy leaves pending verifications as they were', async () => {
    const as = bearer(tenant.key)
    const to = freshNumber()
    const start = (number: string) => server.call('POST', '/v1/verifications', { to: number, channel: 'sms' }, as)
    const pending = (await start(to)).body
    const code = await codeOn(server, to)
    const policy = { code_length: 8, check_count_max: 2, expires_in_seconds: 60, send_count_max: 1 }
    assert.equal((await server.call('PATCH', `/v1/applications/${tenant.application}`, { policy }, as)).status, 200)

    const path = `/v1/verifications/${pending.id}`
    const read = (await server.call('GET', path, undefined, as)).body
    assert.deepEqual([read.checks_remaining, read.expires_at, read.sends_remaining], [5, pending.expires_at, 4])
    const wrong = () => server.call('POST', `${path}/check`, { code: wrongCode(code) }, as)
    assert.deepEqual([(await wrong()).body.checks_remaining, (await wrong()).body.checks_remaining], [4, 3])
    assert.equal((await server.call('POST', `${path}/check`, { code }, as)).body.valid, true)

    const next = freshNumber()
    const later = (await start(next)).body
    assert.equal((await codeOn(server, next)).length, 8)
    assert.deepEqual([later.checks_remaining, later.sends_remaining], [2, 0])
    assert.equal(Date.parse(later.expires_at) - Date.parse(later.created_at), 60_000)
  })
})
