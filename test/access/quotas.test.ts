import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Answer, bearer } from '../kit/api.ts'
import { type Business, type SharedServer, sharedServer } from '../kit/shared.ts'

const sender = (more: object = {}) => ({
  channel: 'sms',
  provider: 'sms-http',
  config: { url: 'https://gateway.example/send', body: { to: '{{to}}', text: '{{text}}' } },
  secrets: { api: 'secret-of-the-gateway' },
  ...more,
})

describe('what a business may make', () => {
  let server: SharedServer
  let greedy: Business
  before(async () => {
    server = await sharedServer()
    greedy = await server.freshBusiness('Greedy')
  })
  after(() => server.stop())

  const as = (method: string, path: string, body?: unknown, key = greedy.key): Promise<Answer> =>
    server.call(method, path, body, bearer(key))

  /** Ten at once, and a few more than there may be: a race passes no quota. */
  async function fill(make: (number: number) => Promise<Answer>, max: number): Promise<void> {
    const answers: Answer[] = []
    for (let made = 0; made < max + 10; made += 10)
      answers.push(...(await Promise.all(Array.from({ length: 10 }, (_, number) => make(made + number)))))
    const refused = answers.filter(({ status }) => status !== 201)
    for (const { status, body } of refused)
      assert.ok(status === 409 && ['quota_reached', 20409].includes(body.code), JSON.stringify(body))
    assert.equal(answers.length - refused.length, max)
  }

  async function readPages(path: string): Promise<string[]> {
    const seen: string[] = []
    let cursor = ''
    do {
      const { status, body } = await as('GET', `${path}?limit=7${cursor}`)
      assert.equal(status, 200, JSON.stringify(body))
      assert.ok(body.data.length <= 7)
      seen.push(...body.data.map(({ id }: { id: string }) => id))
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`
    } while (cursor !== '')
    assert.equal(new Set(seen).size, seen.length)
    return seen
  }

  it('is so many API keys, and another when one is revoked', async () => {
    await fill(() => as('POST', '/v1/api_keys'), 99)
    const keys = await readPages('/v1/api_keys')
    assert.equal(keys.length, 100)
    assert.equal((await as('DELETE', `/v1/api_keys/${keys.at(-1)}`)).status, 204)
    assert.equal((await as('POST', '/v1/api_keys')).status, 201)
    const other = await server.freshBusiness('Modest')
    assert.equal((await as('POST', '/v1/api_keys', {}, other.key)).status, 201, 'of others as before')
  })

  it('is so many senders of so many bytes', async () => {
    const large = sender({
      config: { ...sender().config, body: { to: '{{to}}', text: '{{text}}', more: 'x'.repeat(17_000) } },
    })
    const refused = await as('POST', '/v1/senders', large)
    assert.deepEqual([refused.status, refused.body.errors[0].path], [400, 'config'])
    await fill(() => as('POST', '/v1/senders', sender()), 100)
    const senders = await readPages('/v1/senders')
    assert.equal(senders.length, 100)
    assert.equal((await as('DELETE', `/v1/senders/${senders[0]}`)).status, 204)
    assert.equal((await as('POST', '/v1/senders', sender())).status, 201)
  })

  it('is so many gateways', async () => {
    await fill(() => as('POST', '/v1/gateways', { system: 'zitadel', secret: 'signing-key-of-an-auth-server' }), 100)
    assert.equal((await readPages('/v1/gateways')).length, 100)
  })

  it('is so many webhook endpoints', async () => {
    await fill(
      (number) =>
        as('POST', '/v1/webhook_endpoints', { url: `https://hooks.example/${number}`, events: ['verification.*'] }),
      20,
    )
    assert.equal((await readPages('/v1/webhook_endpoints')).length, 20)
  })

  it('is so many applications, by a vendor’s door too', async () => {
    const { account_sid: account } = (await as('GET', `/v1/applications/${greedy.application}/credentials`)).body.twilio
    await fill(
      (number) =>
        server.call('POST', '/v2/Services', `FriendlyName=Service${number % 1000}`, {
          authorization: `Basic ${Buffer.from(`${account}:${greedy.key}`).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        }),
      99,
    )
    assert.equal((await readPages('/v1/applications')).length, 100)
    const refused = await as('GET', '/v1/applications?cursor=nobody')
    assert.deepEqual([refused.status, refused.body.errors[0].path], [400, 'querystring/cursor'])
  })
})
