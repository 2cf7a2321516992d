import { accessIds } from '#access/core/ids.ts'
import assert from 'node:assert/strict'
import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { readId } from '#platform/core/id.ts'
import { type Answer, bearer, codeOn, freshNumber, operatorKey } from '../kit/api.ts'
import { startTestServer } from '../kit/server.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { addKey } from '../kit/keys.ts'

/** What Vonage's other clients send, and what nobody should. */
describe("Vonage's API on the wire", () => {
  let server: SharedServer
  let application: string
  let jwtApplication: string
  let businessId: string
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }) as string

  const basic = (user: string, key: string) => ({
    authorization: `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}`,
  })
  const asOwner = () => basic(businessId.slice(-8), server.key)
  const put = (pem: string, key = server.key, id = application): Promise<Answer> =>
    server.call('PUT', `/v1/applications/${id}/public_key`, { public_key: pem }, bearer(key))
  const startBody = (number: string) => ({ brand: 'ACME', workflow: [{ channel: 'sms', to: number.slice(1) }] })

  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const seconds = (): number => Math.floor(Date.now() / 1000)
  function token(changes: object = {}, header: object = { typ: 'JWT', alg: 'RS256' }): string {
    const now = seconds()
    const claims = { application_id: jwtApplication, iat: now, exp: now + 900, jti: randomUUID(), ...changes }
    const signed = `${part(header)}.${part(claims)}`
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(pair.privateKey, 'base64url')}`
  }
  const statusWith = async (jwt: string): Promise<number> =>
    (await server.call('GET', '/v2/verify/templates', undefined, bearer(jwt))).status

  before(async () => {
    server = await sharedServer()
    application = (await server.call('GET', '/v1/applications')).body.data[0].id
    jwtApplication = readId(accessIds.application, application) as string
    const [row] = await server.database.query<{ business_id: string }>(
      `select business_id from application where id = '${jwtApplication}'`,
    )
    businessId = (row as { business_id: string }).business_id
    assert.equal((await put(publicKey)).status, 200)
  })
  after(() => server.stop())

  it('takes Basic with the short business id and the API key, as the Python client sends it', async () => {
    const number = freshNumber()
    const started = await server.call('POST', '/v2/verify', startBody(number), asOwner())
    assert.equal(started.status, 202)
    assert.match(started.headers.get('content-type') ?? '', /^application\/json(;|$)/, 'the Node client reads no other')
    assert.deepEqual(Object.keys(started.body), ['request_id'])
    const path = `/v2/verify/${started.body.request_id}`
    const checked = await server.call('POST', path, { code: await codeOn(server, number) }, asOwner())
    assert.deepEqual(checked.body, { request_id: started.body.request_id, status: 'completed' })
  })

  it('refuses another user name, another key and none in its own shape', async () => {
    const headers = [
      basic('00000000', server.key),
      basic(businessId.slice(-8), `${server.key}x`),
      basic(businessId.slice(-8), ''),
      { authorization: 'Basic %%%' },
      { authorization: '' },
      bearer(server.key),
    ]
    for (const header of headers) {
      const { status, body, headers: answered } = await server.call('POST', '/v2/verify', startBody('+1'), header)
      assert.equal(status, 401, JSON.stringify(header))
      assert.match(answered.get('content-type') ?? '', /^application\/problem\+json/)
      assert.equal(body.title, 'Unauthorized')
    }
  })

  it('takes a slash at the end of every call, an empty body, and both spellings of the next step', async () => {
    for (const next of ['next_workflow', 'next-workflow']) {
      for (const slash of ['', '/']) {
        const number = freshNumber()
        const workflow = ['whatsapp', 'sms'].map((channel) => ({ channel, to: number.slice(1) }))
        const started = await server.call('POST', `/v2/verify${slash}`, { brand: 'ACME', workflow }, asOwner())
        const path = `/v2/verify/${started.body.request_id}`
        const moved = await server.call('POST', `${path}/${next}${slash}`, undefined, {
          ...asOwner(),
          'content-type': 'application/json',
        })
        assert.equal(moved.status, 200, path + next + slash)
        const over = await server.call('POST', `${path}/${next}${slash}`, undefined, asOwner())
        assert.deepEqual([over.status, over.body.detail], [409, 'There are no more events left to trigger.'])
        // The Python client sends a content type with DELETE too.
        const canceled = await server.call('DELETE', path + slash, undefined, {
          ...asOwner(),
          'content-type': 'application/json',
        })
        assert.equal(canceled.status, 204)
      }
    }
  })

  it('answers bad input in its own shape', async () => {
    const json = { 'content-type': 'application/json' }
    const cases: [string, string, unknown, Record<string, string>, number][] = [
      ['POST', '/v2/verify', '{"brand":', json, 400],
      ['POST', '/v2/verify', '[]', json, 400],
      ['POST', '/v2/verify', '', json, 400],
      ['POST', '/v2/verify', 'null', json, 400],
      ['POST', '/v2/verify', `{"brand":"${'x'.repeat(1_000_000)}"}`, json, 413],
      ['POST', '/v2/verify', 'brand=ACME', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
      ['POST', `/v2/verify/${randomUUID()}`, { code: 12.5 }, json, 422],
      ['POST', `/v2/verify/${randomUUID()}`, { code: '9'.repeat(65) }, json, 422],
      ['POST', `/v2/verify/${randomUUID()}`, { code: '1234' }, json, 404],
      ['GET', `/v2/verify/${randomUUID()}/unknown`, undefined, {}, 404],
    ]
    for (const [method, path, body, headers, status] of cases) {
      const answer = await server.call(method, path, body, { ...asOwner(), ...headers })
      assert.equal(answer.status, status, `${method} ${path} ${String(body).slice(0, 40)}`)
      assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
      for (const name of ['type', 'title', 'detail', 'instance']) assert.equal(typeof answer.body[name], 'string', name)
    }
  })

  it('a fault of ours is a 500 without its details', async () => {
    // On a server of its own: the others ask theirs in the same moment.
    const own = await startTestServer()
    const [row] = await own.database.query<{ business_id: string }>('select business_id from application')
    const user = basic((row as { business_id: string }).business_id.slice(-8), own.key)
    await own.database.query('alter table recipient rename to lost')
    const { status, body } = await own.call('POST', '/v2/verify', startBody(freshNumber()), user)
    await own.stop()
    assert.equal(status, 500)
    assert.deepEqual(Object.keys(body).sort(), ['detail', 'instance', 'title', 'type'])
    assert.doesNotMatch(JSON.stringify(body), /recipient|relation/)
  })

  it('tells how long a recipient has to wait after wrong codes', async () => {
    const number = freshNumber()
    const first = await server.call('POST', '/v2/verify', startBody(number), asOwner())
    for (let check = 0; check < 5; check++) {
      await server.call('POST', `/v2/verify/${first.body.request_id}`, { code: 'no' }, asOwner())
    }
    const second = await server.call('POST', '/v2/verify', startBody(number), asOwner())
    assert.equal(second.status, 202)
    await server.database.query(
      `update recipient set failed_at = array(select now() from generate_series(1, 20)) where person in (select v.person from verification v where v.recipient = $1)`,
      [number],
    )
    const paused = await server.call('POST', `/v2/verify/${second.body.request_id}`, { code: 'no' }, asOwner())
    assert.deepEqual([paused.status, paused.body.title], [429, 'Rate Limit Hit'])
    assert.ok(Number(paused.headers.get('retry-after')) > 0)
  })

  it('takes a token only while it lasts, with what it has to say, and by RS256 alone', async () => {
    const now = seconds()
    assert.equal(await statusWith(token()), 200)
    const reused = token()
    assert.deepEqual([await statusWith(reused), await statusWith(reused)], [200, 200], 'clients keep a token')
    assert.equal(await statusWith(token({ iat: now + 30 })), 200, 'clocks differ')
    assert.equal(await statusWith(token({ application_id: jwtApplication.toUpperCase() })), 200)
    const [head = '', claims = '', signature = ''] = token().split('.')
    const refused = {
      'is over': token({ iat: now - 1000, exp: now - 100 }),
      'is of the future': token({ iat: now + 300, exp: now + 900 }),
      'lasts for years': token({ exp: now + 5 * 365 * 86_400 }),
      'is not valid yet': token({ nbf: now + 300 }),
      'has no jti': token({ jti: undefined }),
      'has no iat': token({ iat: undefined }),
      'has a text for its end': token({ exp: String(now + 900) }),
      'names no application': token({ application_id: undefined }),
      'says none': token({}, { alg: 'none' }),
      'says HS256': token({}, { alg: 'HS256' }),
      'says PS256': token({}, { alg: 'PS256' }),
      'has critical extensions': token({}, { alg: 'RS256', crit: ['b64'] }),
      'has no signature': `${head}.${claims}.`,
      'was changed': `${head}.${part({ application_id: jwtApplication, iat: now, jti: 'x' })}.${signature}`,
      'has a part too many': `${token()}.x`,
      'is not JSON': `x.${claims}.${signature}`,
    }
    for (const [why, jwt] of Object.entries(refused)) assert.equal(await statusWith(jwt), 401, why)
  })

  it('a public key is what it says: RSA, long enough, public, and of one mode', async () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    const refused = [
      'not a key',
      '-----BEGIN PUBLIC KEY-----\nbm8=\n-----END PUBLIC KEY-----\n',
      small.export({ type: 'spki', format: 'pem' }) as string,
      curve.export({ type: 'spki', format: 'pem' }) as string,
      pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    ]
    for (const pem of refused) {
      const { status, body } = await put(pem)
      assert.deepEqual([status, body.code], [400, 'body_invalid'], pem.slice(0, 40))
    }
    const { body } = await put(refused.at(-1) as string)
    assert.match(body.errors[0].problem, /private key: keep it to yourself/)
    const live = await addKey(server, application, true)
    assert.deepEqual((await put(publicKey, live)).body.errors[0].path, 'body/public_key', 'it is the test key')
    const kept = await put(pair.publicKey.export({ type: 'pkcs1', format: 'pem' }) as string)
    assert.equal(kept.status, 200, 'the same key in the older form')
    assert.equal(kept.body.jwt_application_id, jwtApplication)
    const read = await server.call('GET', `/v1/applications/${application}/public_key`)
    assert.deepEqual(read.body, kept.body)
    assert.equal(
      (await server.call('GET', `/v1/applications/${application}/public_key`, undefined, bearer(live))).status,
      404,
    )
  })

  it('another business neither reads, replaces nor removes it', async () => {
    const other = (await server.call('POST', '/v1/businesses', { name: 'Other' }, bearer(operatorKey))).body
    const path = `/v1/applications/${application}/public_key`
    assert.equal((await put(publicKey, other.api_key)).status, 404)
    assert.equal((await server.call('GET', path, undefined, bearer(other.api_key))).status, 404)
    assert.equal((await server.call('DELETE', path, undefined, bearer(other.api_key))).status, 404)
    assert.equal(await statusWith(token()), 200)
    // Row-level security hides it even from a statement that forgets to ask.
    const seenBy = async (business: string): Promise<number> => {
      const client = new pg.Client({ connectionString: server.database.url })
      await client.connect()
      await client.query('set role centang_tenant')
      await client.query("select set_config('centang.business_id', $1, false)", [business])
      const { rows } = await client.query<{ count: number }>('select count(*)::int as count from public_key')
      await client.end()
      return (rows[0] as { count: number }).count
    }
    assert.deepEqual([await seenBy(readId(accessIds.business, other.id) as string), await seenBy(businessId)], [0, 1])
  })

  it('tokens stop at once when the key is replaced or removed', async () => {
    const jwt = token()
    assert.equal(await statusWith(jwt), 200)
    const next = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
    await put(next.export({ type: 'spki', format: 'pem' }) as string)
    assert.equal(await statusWith(jwt), 401)
    await put(publicKey)
    assert.equal(await statusWith(jwt), 200)
    const path = `/v1/applications/${application}/public_key`
    assert.equal((await server.call('DELETE', path)).status, 204)
    assert.equal(await statusWith(jwt), 401)
    assert.equal((await server.call('DELETE', path)).status, 404)
    await put(publicKey)
  })

  it('logs neither keys, tokens nor codes', () => {
    const text = server.logged.join('')
    assert.ok(text.length > 0)
    assert.ok(!text.includes(server.key))
    assert.ok(!text.includes('BEGIN PUBLIC KEY') && !text.includes('eyJ'))
  })
})
