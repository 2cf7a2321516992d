import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { accessIds } from '#access/core/ids.ts'
import { readId } from '#platform/core/id.ts'
import type { Scope } from '#platform/core/permission.ts'
import { type Answer, bearer, codeOn, eventually, freshNumber } from '../kit/api.ts'
import { addKey } from '../kit/keys.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})
const hex = (id: string): string => id.replaceAll('-', '')

describe('scopes of an API key', () => {
  let server: SharedServer
  const keys = new Map<Scope, { id: string; key: string }>()
  before(async () => {
    server = await sharedServer()
    for (const scope of ['verify', 'chat', 'read', 'admin'] as const) {
      const made = await server.call('POST', '/v1/api_keys', { scopes: [scope] })
      assert.deepEqual([made.status, made.body.scopes], [201, [scope]])
      keys.set(scope, made.body)
    }
  })
  after(() => server.stop())

  const keyOf = (scope: Scope) => keys.get(scope) as { id: string; key: string }
  const as = (scope: Scope, method: string, path: string, body?: unknown): Promise<Answer> =>
    server.call(method, path, body, bearer(keyOf(scope).key))

  it('hold exactly what each route of the API says of itself', async () => {
    const { paths } = (await server.call('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, { 'x-permission'?: string; description?: string; operationId: string }>>
    }
    const keyless: string[] = []
    let refusedCount = 0
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const permission = operation['x-permission']
        if (permission === undefined) {
          keyless.push(operation.operationId)
          continue
        }
        const holders = /scope ((?:`\w+`(?: or )?)+)/.exec(operation.description ?? '')?.[1] ?? ''
        for (const scope of ['verify', 'chat', 'read', 'admin'] as const) {
          const url = path.replaceAll(/\{\w+\}/g, 'nobody')
          // What it takes is asked without a body, and an endless stream is only begun.
          const answer = await ask(url, method, keyOf(scope).key)
          const isRefused = answer.status === 403 && answer.code === 'permission_missing'
          assert.equal(isRefused, !holders.includes(`\`${scope}\``), `${scope} ${method} ${path}: ${answer.status}`)
          if (isRefused) refusedCount++
        }
      }
    }
    assert.deepEqual(keyless.sort(), ['createBusiness', 'listBusinesses', 'resetBudget'])
    assert.ok(refusedCount > 60, `${refusedCount} were refused`)
  })

  async function ask(path: string, method: string, key: string): Promise<{ status: number; code?: string }> {
    const ended = new AbortController()
    const answer = await fetch(server.url + path, {
      method: method.toUpperCase(),
      headers: bearer(key),
      signal: ended.signal,
    })
    const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false
    const body = isStream ? {} : ((await answer.json().catch(() => ({}))) as { code?: string })
    ended.abort()
    return { status: answer.status, ...body }
  }

  it('let `verify` start, check and read, and change nothing', async () => {
    const to = freshNumber()
    const started = await as('verify', 'POST', '/v1/verifications', { to })
    assert.equal(started.status, 201)
    const code = await codeOn(server, to)
    const checked = await as('verify', 'POST', `/v1/verifications/${started.body.id}/check`, { code })
    assert.equal(checked.body.valid, true)
    assert.equal((await as('verify', 'GET', `/v1/verifications/${started.body.id}`)).body.status, 'approved')
    for (const [method, path, body] of [
      ['POST', '/v1/senders', { channel: 'sms', provider: 'sms-http', config: {}, secrets: {} }],
      ['POST', '/v1/gateways', { system: 'zitadel', secret: 'a'.repeat(20) }],
      ['POST', '/v1/webhook_endpoints', { url: 'https://hooks.example/x', events: ['verification.*'] }],
      ['POST', '/v1/api_keys', {}],
      ['PATCH', `/v1/applications/${server.business.application}`, { brand: 'Mine' }],
      ['PUT', `/v1/applications/${server.business.application}/pre_send_hook`, { url: 'https://hooks.example/x' }],
      ['POST', '/v1/messages', { to, text: 'hello' }],
    ] as const) {
      const refused = await as('verify', method, path, body)
      assert.deepEqual([refused.status, refused.body.code], [403, 'permission_missing'], `${method} ${path}`)
      assert.match(refused.body.errors[0].problem, /^lacks [a-z]+:[a-z]+, which is in the scopes /)
    }
  })

  it('hold at the vendors’ doors and at the gateways', async () => {
    const business = server.business.rowId
    const service = `VA${hex(readId(accessIds.application, server.business.application) as string)}`
    const account = `AC${hex(business)}`
    const twilio = (scope: Scope, method: string, path: string, form?: Record<string, string>) =>
      server.call(method, `/v2${path}`, form && new URLSearchParams(form).toString(), {
        ...basic(account, keyOf(scope).key),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
      })
    const start = { To: freshNumber(), Channel: 'sms' }
    assert.equal((await twilio('verify', 'POST', `/Services/${service}/Verifications`, start)).status, 201)
    for (const scope of ['chat', 'read'] as const)
      assert.equal((await twilio(scope, 'POST', `/Services/${service}/Verifications`, start)).status, 403)
    assert.equal((await twilio('verify', 'POST', '/Services', { FriendlyName: 'More' })).status, 403)
    assert.equal((await twilio('verify', 'POST', `/Services/${service}`, { FriendlyName: 'Other' })).status, 403)
    assert.equal((await twilio('verify', 'POST', '/SafeList/Numbers', { PhoneNumber: freshNumber() })).status, 403)
    assert.equal((await twilio('read', 'GET', `/Services/${service}`)).status, 200)

    const credentials = (await server.call('GET', `/v1/applications/${server.business.application}/credentials`)).body
    const vonage = (scope: Scope) =>
      server.call(
        'POST',
        '/v2/verify',
        { brand: 'Shop', workflow: [{ channel: 'sms', to: freshNumber().slice(1) }] },
        basic(credentials.vonage.api_key, keyOf(scope).key),
      )
    assert.equal((await vonage('verify')).status, 202)
    assert.equal((await vonage('read')).status, 403)

    const tokenOf = async (scope: Scope): Promise<string> => {
      const query = new URLSearchParams({
        customerId: credentials.message_central.customer_id,
        key: Buffer.from(keyOf(scope).key).toString('base64'),
      })
      const { body } = await server.call('GET', `/auth/v1/authentication/token?${query.toString()}`)
      return body.token
    }
    const send = async (scope: Scope) =>
      server.call(
        'POST',
        `/verification/v3/send?countryCode=62&flowType=SMS&mobileNumber=${freshNumber().slice(3)}`,
        undefined,
        { authtoken: await tokenOf(scope) },
      )
    assert.equal((await send('verify')).status, 200)
    assert.equal((await send('chat')).status, 403)

    const logto = (scope: Scope) =>
      server.call(
        'POST',
        '/v1/gateway/logto',
        { to: freshNumber(), type: 'SignIn', payload: { code: '918273' } },
        bearer(keyOf(scope).key),
      )
    assert.equal((await logto('verify')).status, 200)
    assert.equal((await logto('read')).status, 403)
  })

  it('tell a stream only of what the key may read', async () => {
    const ended = new AbortController()
    const heard = { chat: '', verify: '' }
    for (const scope of ['chat', 'verify'] as const) {
      const headers = bearer(keyOf(scope).key)
      const answer = await fetch(`${server.url}/v1/events/stream`, { headers, signal: ended.signal })
      void (async () => {
        for await (const chunk of answer.body ?? []) heard[scope] += Buffer.from(chunk).toString()
      })().catch(() => undefined)
    }
    await as('verify', 'POST', '/v1/verifications', { to: freshNumber() })
    await eventually(async () => heard.verify.includes('delivery.delivered'))
    assert.ok(!heard.chat.includes('verification'), heard.chat)
    ended.abort()
  })
})

describe('a key', () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())

  const make = async (body: object, by = server.key): Promise<Answer> =>
    server.call('POST', '/v1/api_keys', body, bearer(by))
  const works = async (key: string): Promise<boolean> =>
    (await server.call('GET', '/v1/verifications', undefined, bearer(key))).status === 200

  it('is told with what it was given, who made it and when it was last used', async () => {
    const expires = new Date(Date.now() + 3_600_000).toISOString()
    const { status, body } = await make({
      scopes: ['verify', 'chat'],
      expires_at: expires,
      allowed_addresses: ['127.0.0.0/8', '::1'],
    })
    assert.equal(status, 201)
    assert.deepEqual([body.scopes, body.expires_at, body.last_used_at], [['verify', 'chat'], expires, null])
    assert.deepEqual(body.allowed_addresses, ['127.0.0.0/8', '::1'])
    assert.match(body.made_by, /^key_/)
    assert.ok(await works(body.key))
    await eventually(async () => {
      const { data } = (await server.call('GET', '/v1/api_keys')).body
      return Date.parse(data.find(({ id }: { id: string }) => id === body.id).last_used_at) > 0
    })
  })

  it('is told as used although another one is being changed', async () => {
    const [changing, other] = [(await make({})).body, (await make({})).body]
    const client = new pg.Client({ connectionString: server.database.url })
    await client.connect()
    try {
      await client.query('begin')
      await client.query('select from api_key where id = $1 for update', [readId(accessIds.apiKey, changing.id)])
      assert.deepEqual(await Promise.all([works(changing.key), works(other.key)]), [true, true])
      await eventually(async () => {
        const { data } = (await server.call('GET', '/v1/api_keys')).body
        return Date.parse(data.find(({ id }: { id: string }) => id === other.id).last_used_at) > 0
      })
    } finally {
      await client.end()
    }
  })

  it('ends when its time is over, also where it is remembered', async () => {
    const { body } = await make({ expires_at: new Date(Date.now() + 1500).toISOString() })
    assert.ok(await works(body.key))
    await eventually(async () => !(await works(body.key)), 3000)
    const refused = await make({ expires_at: new Date(Date.now() - 1000).toISOString() })
    assert.deepEqual([refused.status, refused.body.errors[0].path], [400, 'body/expires_at'])
  })

  it('is used from its addresses only', async () => {
    const { body } = await make({ allowed_addresses: ['192.0.2.0/24'] })
    const refused = await server.call('GET', '/v1/verifications', undefined, bearer(body.key))
    assert.deepEqual([refused.status, refused.body.code], [403, 'address_not_allowed'])
    const twilio = await server.call(
      'GET',
      '/v2/Services',
      undefined,
      basic(`AC${hex(server.business.rowId)}`, body.key),
    )
    assert.equal(twilio.status, 403)
  })

  it('makes none that has more, lives longer or is used from elsewhere', async () => {
    const expires = new Date(Date.now() + 3_600_000)
    const limits = { expires_at: expires.toISOString(), allowed_addresses: ['127.0.0.0/8', '::1'] }
    const parent = (await make({ scopes: ['admin'], ...limits })).body
    const child = (await make({}, parent.key)).body
    assert.deepEqual([child.expires_at, child.allowed_addresses], [limits.expires_at, limits.allowed_addresses])
    assert.equal(child.made_by, parent.id)
    for (const [path, body] of [
      ['body/expires_at', { expires_at: new Date(expires.getTime() + 1000).toISOString() }],
      ['body/allowed_addresses', { allowed_addresses: ['0.0.0.0/0'] }],
      ['body/allowed_addresses', { allowed_addresses: ['127.0.0.1/8'] }],
    ] as const) {
      const refused = await make(body, parent.key)
      assert.deepEqual([refused.status, refused.body.errors?.[0].path], [400, path])
    }
  })

  it('takes along what it made, and what that made, when it is asked for', async () => {
    const parent = (await make({ scopes: ['admin'] })).body
    const child = (await make({ scopes: ['admin'] }, parent.key)).body
    const grandchild = (await make({}, child.key)).body
    const hook = await server.call(
      'POST',
      '/v1/gateways',
      { system: 'zitadel', secret: 'signing-key-of-an-auth-server' },
      bearer(child.key),
    )
    assert.equal(hook.status, 201)
    const call = () => server.call('POST', new URL(hook.body.url).pathname, {})
    // Known, and not signed.
    assert.notEqual((await call()).status, 404)
    assert.equal((await server.call('DELETE', `/v1/api_keys/${parent.id}`)).status, 204)
    assert.deepEqual([await works(parent.key), await works(child.key)], [false, true])
    assert.equal((await server.call('DELETE', `/v1/api_keys/${parent.id}?children=true`)).status, 204)
    assert.deepEqual(
      [await works(child.key), await works(grandchild.key), await works(server.key)],
      [false, false, true],
    )
    await eventually(async () => (await call()).status === 404)
    const gateways = (await server.call('GET', '/v1/gateways')).body.data
    assert.ok(!gateways.some(({ id }: { id: string }) => id === hook.body.id))
    assert.equal((await server.call('DELETE', `/v1/api_keys/${parent.id}?children=true`)).status, 404, 'once')
  })

  it('of test sees no live key', async () => {
    const { application } = await server.freshBusiness()
    const [testKey, liveKey] = [await addKey(server, application, false), await addKey(server, application, true)]
    const modes = async (key: string): Promise<string[]> =>
      (await server.call('GET', '/v1/api_keys', undefined, bearer(key))).body.data.map(
        (one: { mode: string }) => one.mode,
      )
    assert.ok(!(await modes(testKey)).includes('live'))
    assert.ok((await modes(liveKey)).includes('live'))
  })

  it('is one of a page of them, as many as are asked for', async () => {
    const { key } = await server.freshBusiness()
    for (let many = 0; many < 4; many++) assert.equal((await make({}, key)).status, 201)
    const seen: string[] = []
    let cursor = ''
    do {
      const page = await server.call('GET', `/v1/api_keys?limit=2${cursor}`, undefined, bearer(key))
      assert.ok(page.body.data.length <= 2)
      seen.push(...page.body.data.map((one: { id: string }) => one.id))
      cursor = page.body.next_cursor === null ? '' : `&cursor=${page.body.next_cursor}`
    } while (cursor !== '')
    assert.equal(new Set(seen).size, 5)
  })
})
