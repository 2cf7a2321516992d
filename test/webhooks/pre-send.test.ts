import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { bearer, codeOn, freshNumber, operatorKey } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { addKey } from '../kit/keys.ts'
import { accepts, type Received } from './receiver.ts'

describe('a pre-send hook', () => {
  let server: SharedServer
  let host: string
  let answer: (reply: (status: number, text: string) => void) => void
  const asked: Received[] = []
  const hook = createServer((request, reply) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      asked.push({ id: '', headers: request.headers, text, body: JSON.parse(text), path: '' })
      answer((status, body) => reply.writeHead(status).end(body))
    })
  })
  before(async () => {
    await new Promise<void>((done) => hook.listen(0, '127.0.0.1', done))
    host = `127.0.0.1:${(hook.address() as AddressInfo).port}`
    server = await sharedServer()
  })
  after(async () => {
    await server.stop()
    hook.closeAllConnections()
    await new Promise((done) => hook.close(done))
  })
  beforeEach(() => {
    asked.length = 0
    answer = (reply) => reply(200, '{"decision": "allow"}')
  })

  const createBusiness = async () => {
    const { body } = await server.call('POST', '/v1/businesses', { name: 'Shop' }, bearer(operatorKey))
    return {
      key: body.api_key as string,
      path: `/v1/applications/${body.application_id}/pre_send_hook`,
      application: body.application_id as string,
    }
  }
  const withHook = async (onFailure: 'allow' | 'deny') => {
    const tenant = await createBusiness()
    const set = await server.call(
      'PUT',
      tenant.path,
      { url: `http://${host}/`, on_failure: onFailure },
      bearer(tenant.key),
    )
    assert.equal(set.status, 200, JSON.stringify(set.body))
    return { ...tenant, secret: set.body.secret as string }
  }
  const start = (key: string, body: object = {}) =>
    server.call('POST', '/v1/verifications', { to: freshNumber(), ...body }, bearer(key))

  it('is asked before anything is sent, signed, with no code in it', async () => {
    const { key, secret, application } = await withHook('deny')
    const started = await start(key, { purpose: 'login', code: '4815162342' })
    assert.equal(started.status, 201)
    const [question] = asked
    assert.ok(question && asked.length === 1 && accepts(secret, question))
    assert.deepEqual(question.body, {
      type: 'verification.pre_send',
      timestamp: question.body.timestamp,
      data: {
        application_id: application,
        to: started.body.to,
        purpose: 'login',
        locale: 'en',
        channel: null,
        client: null,
        test: true,
      },
    })
    assert.equal(await codeOn(server, started.body.to), '4815162342')
    assert.ok(!question.text.includes('4815162342'))
  })

  it('denies: nothing is made and nothing is sent', async () => {
    const { key } = await withHook('allow')
    answer = (reply) => reply(200, '{"decision": "deny"}')
    const to = freshNumber()
    const refused = await start(key, { to })
    assert.deepEqual([refused.status, refused.body.code], [403, 'send_denied'])
    assert.equal((await server.call('GET', '/v1/verifications', undefined, bearer(key))).body.data.length, 0)
    assert.deepEqual((await server.simulate('GET', `/handsets/${to}/messages`)).body.messages, [])
  })

  it('chooses another channel', async () => {
    const { key } = await withHook('allow')
    answer = (reply) => reply(200, '{"decision": "allow", "channel": "sms"}')
    const { body } = await start(key, { channel: 'whatsapp' })
    assert.equal(body.channel, 'sms')
    assert.equal(asked[0]?.body.data['channel'], 'whatsapp')
  })

  it('is asked for every message that somebody asks for, and for none that time sends', async () => {
    const { key } = await withHook('allow')
    const headers = bearer(key)
    const to = freshNumber()
    const workflow = [{ channel: 'whatsapp', wait_seconds: 1 }, { channel: 'sms' }]
    await server.simulate('PUT', `/handsets/${to}`, { whatsapp: false })
    const { body } = await start(key, { to, workflow })
    await codeOn(server, to)
    assert.equal(asked.length, 1, 'the fallback was not asked for')
    const second = await start(key, { to })
    assert.notEqual(second.body.id, body.id)
    assert.equal(asked.length, 2, 'a start that shares a code is one')
    answer = (reply) => reply(200, '{"decision": "deny"}')
    const { body: fresh } = await server.call('GET', `/v1/verifications/${body.id}`, undefined, headers)
    await server.database.query(
      `update recipient set sent_at = array(select at - interval '9 minutes' from unnest(sent_at) at) where person in (select v.person from verification v where v.recipient = $1)`,
      [to],
    )
    for (const [call, sent] of [
      ['resend', {}],
      ['next', { channel: 'whatsapp' }],
    ] as const) {
      const refused = await server.call('POST', `/v1/verifications/${body.id}/${call}`, sent, headers)
      assert.deepEqual([refused.status, refused.body.code], [403, 'send_denied'], call)
    }
    assert.deepEqual(
      asked.map((one) => one.body.data['channel']),
      [null, null, 'sms', 'whatsapp'],
    )
    const after = await server.call('GET', `/v1/verifications/${body.id}`, undefined, headers)
    assert.equal(after.body.deliveries.length, fresh.deliveries.length)
    answer = (reply) => reply(200, '{"decision": "allow", "channel": "sms"}')
    const other = await server.call('POST', `/v1/verifications/${body.id}/next`, { channel: 'whatsapp' }, headers)
    assert.deepEqual([other.status, other.body.channel], [200, 'sms'], 'it may choose another channel here too')
  })

  const failures: readonly (readonly [string, typeof answer])[] = [
    ['takes longer than half a second', (reply) => void setTimeout(() => reply(200, '{"decision": "deny"}'), 900)],
    ['answers with an error', (reply) => reply(500, '{"decision": "deny"}')],
    ['redirects', (reply) => reply(302, '{"decision": "deny"}')],
    ['answers nonsense', (reply) => reply(200, 'yes')],
    ['answers an unknown decision', (reply) => reply(200, '{"decision": "maybe"}')],
    ['names an unknown channel', (reply) => reply(200, '{"decision": "allow", "channel": "pigeon"}')],
    ['answers too much', (reply) => reply(200, `{"decision": "deny", "x": "${'x'.repeat(100_000)}"}`)],
  ]
  for (const [what, failing] of failures) {
    it(`that ${what} lets everything through, or nothing, as it was set`, async () => {
      const [open, closed] = [await withHook('allow'), await withHook('deny')]
      answer = failing
      const from = performance.now()
      assert.equal((await start(open.key)).status, 201)
      assert.ok(performance.now() - from < 3000, 'nobody waits for it for long')
      const refused = await start(closed.key)
      assert.deepEqual([refused.status, refused.body.code], [403, 'send_denied'])
      assert.equal(asked.length, 2)
    })
  }

  it('belongs to one application and mode, and is gone when it is removed', async () => {
    const tenant = await withHook('deny')
    const other = await createBusiness()
    const live = await addKey(server, tenant.application, true)
    for (const key of [other.key, live]) {
      assert.equal((await server.call('GET', tenant.path, undefined, bearer(key))).status, 404)
      assert.equal((await server.call('DELETE', tenant.path, undefined, bearer(key))).status, 404)
    }
    const stolen = await server.call(
      'PUT',
      tenant.path,
      { url: `http://${host}/`, on_failure: 'deny' },
      bearer(other.key),
    )
    assert.equal(stolen.status, 404)
    answer = (reply) => reply(200, '{"decision": "deny"}')
    assert.equal((await start(other.key)).status, 201, 'nobody asks for another business')
    assert.equal(asked.length, 0)
    const read = await server.call('GET', tenant.path, undefined, bearer(tenant.key))
    assert.deepEqual([read.body.mode, read.body.on_failure, read.body.secret], ['test', 'deny', undefined])
    assert.equal((await start(tenant.key)).status, 403)
    assert.equal((await server.call('DELETE', tenant.path, undefined, bearer(tenant.key))).status, 204)
    assert.equal((await start(tenant.key)).status, 201, 'at once')
  })

  it('is refused at an address that nobody may make us call', async () => {
    const { key, path } = await createBusiness()
    const refused = await server.call(
      'PUT',
      path,
      { url: 'https://169.254.169.254/', on_failure: 'allow' },
      bearer(key),
    )
    assert.deepEqual([refused.status, refused.body.errors[0].path], [400, 'body/url'])
  })
})
