import assert from 'node:assert/strict'
import { plainSpelling } from '#access/core/api-key.ts'
import { after, before, describe, it } from 'node:test'
import { createHash, randomBytes } from 'node:crypto'
import { bearer, codeOn, freshNumber, operatorKey, wrongCode } from '../kit/api.ts'
import { dump, leaks } from '../kit/leaks.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'
import { sendRaw } from '../kit/raw-http.ts'

describe('a code', () => {
  let server: TestServer
  const answers: string[] = []
  before(async () => {
    server = await startTestServer({ CENTANG_LOG_REQUESTS: 'on' })
  })
  after(() => server.stop())

  const call = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) => {
    const answer = await server.call(method, path, body, headers)
    answers.push(JSON.stringify(answer.body), JSON.stringify([...answer.headers]))
    return answer
  }

  it('is in no log, no answer, no event and no dump of the database', async () => {
    const codes: string[] = []
    for (const own of ['7391846205', undefined, '8402957316', undefined]) {
      const to = freshNumber()
      const { body } = await call(
        'POST',
        '/v1/verifications',
        { to, code_length: 10, ...(own !== undefined && { code: own }) },
        { 'idempotency-key': `s${to}` },
      )
      const code = await codeOn(server, to)
      codes.push(code, wrongCode(code))
      const path = `/v1/verifications/${body.id}`
      await call('POST', `${path}/check`, { code: wrongCode(code) }, { 'idempotency-key': `w${to}` })
      await call('POST', `${path}/check`, { code, unknown: code })
      await call('POST', `${path}/check`, `{"code":"${code}"`)
      await call('POST', `${path}/check?code=${code}`, { code: `x${code}` })
      await call('POST', `${path}/resend`, { channel: 'sms' }, { 'idempotency-key': `r${to}` })
      await codeOn(server, to, 2)
      await call('GET', path)
      // Left pending twice, so that the dump holds verifications that are still open.
      if (own === undefined) await call('POST', `${path}/check`, { code })
      await call('GET', path)
    }
    await call('GET', '/v1/verifications?limit=100')
    await call('GET', '/metrics')
    assert.deepEqual(leaks(server.logged.join(''), codes), [], 'log')
    assert.deepEqual(leaks(answers.join('\n'), codes), [], 'answers')
    assert.deepEqual(leaks(await dump(server), codes), [], 'database')
    assert.ok(server.logged.length > 20, 'there was a log to look at')
  })

  it('would have been found', async () => {
    await server.database.query(`create table planted as select '7391846205'::text as code`)
    assert.deepEqual(leaks(await dump(server), ['7391846205']), ['7391846205'])
    assert.ok(leaks(Buffer.from('7391846205').toString('base64'), ['7391846205']).length > 0)
  })
})

describe('a key or a token', () => {
  const metricsToken = `metrics-${randomBytes(16).toString('hex')}`
  const masterKey = randomBytes(32)
  let server: TestServer
  const answers: string[] = []
  before(async () => {
    server = await startTestServer({
      CENTANG_LOG_REQUESTS: 'on',
      CENTANG_METRICS_TOKEN: metricsToken,
      CENTANG_MASTER_KEY: masterKey.toString('base64'),
    })
  })
  after(() => server.stop())

  const call = async (
    method: string,
    path: string,
    body: unknown,
    key: string,
    headers: Record<string, string> = {},
  ) => {
    const answer = await server.call(method, path, body, { ...bearer(key), ...headers })
    answers.push(JSON.stringify(answer.body), JSON.stringify([...answer.headers]))
    return answer
  }

  it('is in no log, no later answer and no dump of the database, however the request that carries it fails', async () => {
    const made = await server.call('POST', '/v1/businesses', { name: 'Canary', mode: 'live' }, bearer(operatorKey))
    const key = made.body.api_key as string
    const created = await server.call('POST', '/v1/api_keys', undefined, {
      ...bearer(key),
      'idempotency-key': 'of a key that is shown once',
    })
    const secrets = {
      api: `sms-${randomBytes(16).toString('hex')}`,
      webhook: `hook-${randomBytes(16).toString('hex')}`,
    }
    const canaries = [key, created.body.key as string, operatorKey, metricsToken, ...Object.values(secrets)]
    const unknown = `ck_live_${randomBytes(20).toString('hex')}`
    canaries.push(unknown)

    const sender = { channel: 'sms', provider: 'sms-http', config: { url: 'https://sms.example/send' }, secrets }
    const { body } = await call('POST', '/v1/senders', sender, key, { 'idempotency-key': 'of a sender' })
    await call('POST', '/v1/senders', { ...sender, provider: secrets.api, [secrets.api]: 1 }, key)
    await call('POST', '/v1/senders', `{"secrets":{"api":"${secrets.api}"`, key)
    await call('POST', `/webhooks/${body.id}?token=${secrets.webhook}`, { token: secrets.webhook }, secrets.webhook)
    await call('POST', `/webhooks/${body.id}`, {}, key, { 'x-signature': secrets.webhook })
    await call('GET', '/v1/senders', undefined, key)
    await call('GET', '/v1/api_keys', undefined, key)
    for (const wrong of [unknown, metricsToken, `${key}x`]) await call('GET', '/v1/verifications', undefined, wrong)
    await call('GET', `/v1/verifications?to=${key}&api_key=${key}`, undefined, key)
    await call('GET', `/v1/verifications/${key}`, undefined, key)
    await call('GET', `/v1/nothing/${key}`, undefined, key)
    await call('GET', `/v1/events/stream`, undefined, key, { 'last-event-id': key.slice(0, 60) })
    await call('POST', '/v1/businesses', { name: 'x', [operatorKey]: 1 }, operatorKey)
    await call('GET', '/metrics', undefined, metricsToken)
    answers.push(
      JSON.stringify((await sendRaw(server.url, `GET /${key}% HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).body),
    )
    answers.push(JSON.stringify((await sendRaw(server.url, `${key}\r\n\r\n`)).body))
    // A live send that fails at the network: the request that is refused holds the secret.
    await call('POST', '/v1/verifications', { to: freshNumber(), channel: 'sms' }, key)
    // A fault of ours in the middle of it: the error is logged with everything that hangs on it.
    await server.database.query('alter table api_key rename to api_key_away')
    await call('GET', '/v1/api_keys', undefined, key)
    await call('POST', '/v1/businesses', { name: 'x' }, operatorKey)
    await server.database.query('alter table api_key_away rename to api_key')
    await call('DELETE', `/v1/api_keys/${created.body.id}`, undefined, key)
    await call('GET', '/v1/verifications', undefined, created.body.key)

    const log = server.logged.join('')
    assert.deepEqual(leaks(log, canaries), [], 'log')
    assert.deepEqual(leaks(answers.join('\n'), canaries), [], 'answers')
    const rows = await dump(server)
    assert.deepEqual(
      leaks(rows, [...canaries, masterKey.toString('base64'), masterKey.toString('hex')]),
      [],
      'database',
    )
    assert.ok(log.includes('credentials refused') && log.includes('request failed'), 'there was a log to look at')
    const kept = createHash('sha256').update(plainSpelling(key)).digest('hex')
    assert.ok(rows.includes(kept), 'and a digest of the key in the database')
  })
})
