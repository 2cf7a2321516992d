import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { readId } from '#platform/core/id.ts'
import { Database } from '#platform/database/database.ts'
import { GatewayStore } from '#gateways/store/gateways.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import { Webhook } from 'standardwebhooks'
import { eventually, freshNumber, operatorKey } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { freshCode } from './arrivals.ts'
import { supabasePayload } from './payloads.ts'
import { accessIds } from '#access/core/ids.ts'
import { gatewaysIds } from '#gateways/core/ids.ts'

const secret = `v1,whsec_${randomBytes(24).toString('base64')}`

describe('the gateways of a business', { concurrency: false }, () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())

  const make = async (system = 'supabase', headers: Record<string, string> = {}) => {
    const made = await server.call('POST', '/v1/gateways', { system, secret }, headers)
    assert.equal(made.status, 201, JSON.stringify(made.body))
    return made.body
  }
  const list = async (headers: Record<string, string> = {}): Promise<{ id: string }[]> =>
    (await server.call('GET', '/v1/gateways', undefined, headers)).body.data

  it('are made, listed and removed, and their secret is nowhere to be seen', async () => {
    const made = await make()
    assert.match(made.id, /^gwy_[0-9a-f]{32}$/)
    assert.deepEqual([made.system, made.mode], ['supabase', 'test'])
    const [{ id: keyId }] = (await server.call('GET', '/v1/api_keys')).body.data
    assert.deepEqual(made.made_by, { api_key_id: keyId, revoked_at: null })
    assert.equal(made.url, `${server.url}/v1/gateway/supabase/${made.id}`)
    assert.deepEqual(await list(), [made])
    const kept = await server.database.query('select secret_sealed from gateway')
    assert.ok(!JSON.stringify([made, kept, server.logged]).includes(secret.slice(10)))
    assert.equal((await server.call('DELETE', `/v1/gateways/${made.id}`)).status, 204)
    assert.deepEqual(await list(), [])
    const again = await server.call('DELETE', `/v1/gateways/${made.id}`)
    assert.deepEqual([again.status, again.body.code], [404, 'resource_not_found'])
  })

  it('are made once for one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'gateway-once' }
    assert.equal((await make('supabase', headers)).id, (await make('supabase', headers)).id)
  })

  it('of another business are not there', async () => {
    const { id } = await make()
    const { body } = await server.call(
      'POST',
      '/v1/businesses',
      { name: 'Another' },
      { authorization: `Bearer ${operatorKey}` },
    )
    const authorization = `Bearer ${body.api_key}`
    assert.deepEqual(await list({ authorization }), [])
    const removed = await server.call('DELETE', `/v1/gateways/${id}`, undefined, { authorization })
    assert.deepEqual([removed.status, removed.body.code], [404, 'resource_not_found'])
    assert.ok((await list()).some((one) => one.id === id))
  })

  it('go on when the key that made them is revoked, and show it, until they are removed', async () => {
    const { id: keyId, key } = (await server.call('POST', '/v1/api_keys', { scopes: ['admin'] })).body
    const authorization = `Bearer ${key}`
    const made = await make('supabase', { authorization })
    const call = () => {
      const at = new Date()
      const text = JSON.stringify(supabasePayload(freshNumber(), freshCode()))
      return server.call('POST', new URL(made.url).pathname, text, {
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': new Webhook(secret.replace('v1,', '')).sign('msg_1', at, text),
      })
    }
    assert.equal((await call()).status, 200)
    assert.equal((await server.call('DELETE', `/v1/api_keys/${keyId}`)).status, 204)
    const [revoked] = await server.database.query<{ at: Date }>('select revoked_at as at from api_key where id = $1', [
      readId(accessIds.apiKey, keyId),
    ])
    const listed = (await list()).find(({ id }) => id === made.id) as unknown as { made_by: unknown }
    assert.deepEqual(listed.made_by, { api_key_id: keyId, revoked_at: revoked?.at.toISOString() })
    assert.equal((await call()).status, 200)
    // It was found a moment ago, and yet nothing of it is left.
    assert.equal((await server.call('DELETE', `/v1/gateways/${made.id}`)).status, 204)
    assert.equal((await call()).status, 404)
  })

  it('are found by every server, and one that is removed stops within five seconds on the others', async () => {
    const masterKey = randomBytes(32).toString('base64')
    const one = await startTestServer({ CENTANG_MASTER_KEY: masterKey })
    const other = await startTestServer({ CENTANG_MASTER_KEY: masterKey, DATABASE_URL: one.database.url })
    try {
      const { body: made } = await one.call('POST', '/v1/gateways', { system: 'supabase', secret })
      const path = new URL(made.url).pathname
      const statusAt = async ({ url }: TestServer) => (await fetch(url + path, { method: 'POST' })).status
      assert.deepEqual([await statusAt(one), await statusAt(other)], [401, 401])
      assert.equal((await one.call('DELETE', `/v1/gateways/${made.id}`)).status, 204)
      assert.equal(await statusAt(one), 404)
      // Five seconds, and some for a machine that is busy.
      await eventually(async () => (await statusAt(other)) === 404, 7000)
    } finally {
      await other.stop()
      await one.stop()
    }
  })

  it('take no secret that nothing could be signed with', async () => {
    for (const [system, given] of [
      ['supabase', 'not-a-secret'],
      ['clerk', 'whsec_AAAA'],
      ['clerk', 'v1,whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!'],
      ['supabase', `${secret}|`],
      ['zitadel', 'fifteen letters'],
      // Without the spaces nothing is left to sign with.
      ['zitadel', ' '.repeat(40)],
      ['logto', secret],
    ]) {
      const { status, body } = await server.call('POST', '/v1/gateways', { system, secret: given })
      assert.deepEqual([status, body.code], [400, 'body_invalid'], system)
      assert.ok(!JSON.stringify(body).includes(given as string))
    }
  })

  it('are sealed anew under a new master key, and one that cannot be read takes no other with it', async () => {
    const database = new Database({
      connectionString: server.database.url,
      statementTimeoutMs: 5000,
      lockTimeoutMs: 1000,
      poolSize: 2,
    })
    try {
      const [first, second, lost] = [randomBytes(32), randomBytes(32), randomBytes(32)]
      const made = await make()
      const businessId = (
        await server.database.query<{ business_id: string }>('select business_id from gateway where id = $1', [
          readId(gatewaysIds.gateway, made.id),
        ])
      )[0]?.business_id as string
      await server.database.query('delete from gateway')
      const application = (await server.call('GET', '/v1/applications')).body.data[0].id
      const keyId = (await server.call('GET', '/v1/api_keys')).body.data[0].id
      const gateway = {
        businessId,
        madeByKeyId: readId(accessIds.apiKey, keyId) as string,
        applicationId: readId(accessIds.application, application) as string,
        live: false,
        system: 'zitadel' as const,
        secret: 'sealed twice',
      }
      const kept = await new GatewayStore(database, new Keyring(new Map([[1, first]]))).create(gateway, new Date())
      await new GatewayStore(database, new Keyring(new Map([[9, lost]]))).create(gateway, new Date())
      const both = new Keyring(
        new Map([
          [2, second],
          [1, first],
        ]),
      )
      assert.deepEqual(await new GatewayStore(database, both).rotate(), { moved: 1, unreadable: 1 })
      const found = await new GatewayStore(database, new Keyring(new Map([[2, second]]))).find(kept.id)
      assert.equal(found?.secret, 'sealed twice')
      await assert.rejects(new GatewayStore(database, new Keyring(new Map([[1, first]]))).find(kept.id), {
        code: 'key_unavailable',
      })
    } finally {
      await database.close()
    }
  })
})
