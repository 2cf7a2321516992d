import { messagingIds } from '#messaging/core/ids.ts'
import { verificationIds } from '#verification/core/ids.ts'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { Sender } from '#messaging/core/sender.ts'
import { readConfig } from '#cli/config.ts'
import { openStores } from '#cli/stores.ts'
import { readId } from '#platform/core/id.ts'
import { createLog } from '#platform/log.ts'
import { bearer, eventually, freshNumber, operatorKey } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'
import { addKey } from '../kit/keys.ts'

const masterKey = randomBytes(32).toString('base64')

describe('senders', () => {
  let server: TestServer
  let key: string
  let application: string
  before(async () => {
    server = await startTestServer({ CENTANG_MASTER_KEY: masterKey })
    const { body } = await server.call('POST', '/v1/businesses', { name: 'Shop' }, bearer(operatorKey))
    key = body.api_key
    application = body.application_id
  })
  after(() => server.stop())

  const as = (method: string, path: string, body?: unknown, given = key) =>
    server.call(method, path, body, bearer(given))
  const sms = (more: object = {}) => ({
    channel: 'sms',
    provider: 'sms-http',
    config: { url: `${server.url}/simulator/sms/send`, body: { to: '{{to}}', text: '{{text}}' } },
    secrets: { api: 'secret-of-the-gateway' },
    ...more,
  })
  const senderOf = async (id: string): Promise<string | undefined> => {
    const rows = await server.database.query<{ sender_id: string }>(
      'select sender_id from delivery where code_id = $1',
      [readId(verificationIds.verification, id)],
    )
    return rows[0]?.sender_id
  }
  const start = async (given = key) => {
    const started = await as('POST', '/v1/verifications', { to: freshNumber(), channel: 'sms' }, given)
    assert.equal(started.status, 201, JSON.stringify(started.body))
    return started.body.id as string
  }

  it('of a business are made, listed without their secrets, used before the shared ones, and removed at once', async () => {
    const shared = await senderOf(await start())
    const made = await as('POST', '/v1/senders', sms())
    assert.equal(made.status, 201, JSON.stringify(made.body))
    assert.deepEqual([made.body.mode, made.body.purpose], ['test', 'authentication'])
    assert.equal(made.body.webhook_url, `${server.url}/webhooks/${made.body.id}`)
    const listed = await as('GET', '/v1/senders')
    assert.deepEqual(
      listed.body.data.map(({ id }: { id: string }) => id),
      [made.body.id],
    )
    assert.ok(!JSON.stringify([made.body, listed.body]).includes('secret-of-the-gateway'))
    assert.equal(await senderOf(await start()), readId(messagingIds.sender, made.body.id))

    assert.equal((await as('DELETE', `/v1/senders/${made.body.id}`)).status, 204)
    assert.deepEqual((await as('GET', '/v1/senders')).body.data, [])
    assert.equal(await senderOf(await start()), shared, 'the very next start uses another')
    assert.equal((await as('DELETE', `/v1/senders/${made.body.id}`)).status, 404)
  })

  it('tell their business when they are made, changed or removed, and by which key', async () => {
    const made = await as('POST', '/v1/senders', sms())
    const id = readId(messagingIds.sender, made.body.id) as string
    const told = async () =>
      server.database.query<{ kind: string; data: object }>(
        'select kind, data from event where subject_id = $1 order by sequence',
        [id],
      )
    const [keyOf] = (await as('GET', '/v1/api_keys')).body.data
    const by = { channel: 'sms', api_key_id: keyOf.id }
    assert.deepEqual(await told(), [{ kind: 'sender.created', data: by }])
    // As the command line does it.
    const stores = await openStores({
      config: readConfig({ DATABASE_URL: server.database.url, CENTANG_MASTER_KEY: masterKey }),
      isDemo: false,
      log: createLog('silent'),
    })
    const kept = (await stores.senders.find(id)) as Sender
    const config = { ...kept.config, url: 'https://elsewhere.example/send' }
    for (const changes of [{ config, secrets: { api: 'another' } }, { config }])
      await stores.senders.change(kept.businessId, id, changes, new Date())
    await stores.close()
    assert.deepEqual((await told()).slice(1), [
      { kind: 'sender.changed', data: { channel: 'sms', changed: ['host', 'credentials', 'config'] } },
    ])
    await as('DELETE', `/v1/senders/${made.body.id}`)
    assert.deepEqual((await told()).slice(2), [{ kind: 'sender.removed', data: by }])
    const hears = await as('POST', '/v1/webhook_endpoints', { url: 'https://hooks.example/x', events: ['sender.*'] })
    assert.equal(hears.status, 201, JSON.stringify(hears.body))
  })

  it('are refused with the field that is wrong, without repeating it', async () => {
    const cases = [
      [sms({ provider: 'nobody' }), 'provider'],
      [sms({ channel: 'whatsapp' }), 'channel'],
      [sms({ config: { url: 'ftp://canary' } }), 'config/url'],
      [sms({ secrets: { api: '' } }), 'secrets/api'],
    ] as const
    for (const [body, path] of cases) {
      const refused = await as('POST', '/v1/senders', body)
      assert.deepEqual([refused.status, refused.body.code], [400, 'body_invalid'])
      assert.ok(
        refused.body.errors.some((one: { path: string }) => one.path.startsWith(path)),
        path,
      )
      assert.ok(!JSON.stringify(refused.body).includes('canary'))
    }
  })

  it('of another business or mode are not there', async () => {
    const { body } = await as('POST', '/v1/senders', sms())
    const other = (await server.call('POST', '/v1/businesses', { name: 'Other' }, bearer(operatorKey))).body.api_key
    const live = await addKey(server, application, true)
    for (const foreign of [other, live]) {
      assert.deepEqual((await as('GET', '/v1/senders', undefined, foreign)).body.data, [])
      assert.equal((await as('DELETE', `/v1/senders/${body.id}`, undefined, foreign)).status, 404)
    }
    assert.notEqual(await senderOf(await start(other)), readId(messagingIds.sender, body.id))
    assert.equal((await as('DELETE', `/v1/senders/${body.id}`)).status, 204)
  })

  it('for anything but authentication never carry a code', async () => {
    const fresh = (await server.call('POST', '/v1/businesses', { name: 'Marketing' }, bearer(operatorKey))).body
    const made: string[] = []
    for (const purpose of ['marketing', 'utility', 'service']) {
      const { status, body } = await as('POST', '/v1/senders', sms({ purpose }), fresh.api_key)
      assert.deepEqual([status, body.purpose], [201, purpose])
      made.push(readId(messagingIds.sender, body.id) as string)
    }
    const id = await start(fresh.api_key)
    assert.ok(!made.includes((await senderOf(id)) as string), 'a shared authentication sender is used instead')
    const resent = await as('POST', `/v1/verifications/${id}/next`, { channel: 'sms' }, fresh.api_key)
    assert.ok([200, 429].includes(resent.status))
    // Without any authentication sender there is no code at all, however many others there are.
    await server.database.query(`update sender set disabled_at = now() where purpose = 'authentication'`)
    try {
      await eventually(async () => {
        const started = await as('POST', '/v1/verifications', { to: freshNumber(), channel: 'sms' }, fresh.api_key)
        return started.status === 422 && started.body.code === 'channel_unavailable'
      })
    } finally {
      await server.database.query(`update sender set disabled_at = null where shared`)
    }
    const used = await server.database.query<{ sender_id: string }>('select distinct sender_id from delivery')
    assert.ok(used.every(({ sender_id: one }) => !made.includes(one)))
  })
})
