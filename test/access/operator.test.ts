import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { request } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { type Answer, bearer, freshNumber, operatorKey } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'
import { temporaryFolder } from '../kit/processes.ts'

describe('the operator', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.stop())

  const create = (body: object, key?: string) =>
    server.call('POST', '/v1/businesses', body, {
      ...bearer(operatorKey),
      ...(key !== undefined && { 'idempotency-key': key }),
    })

  it('who repeats a request with its key makes one business and gets its answer again, with the key of it', async () => {
    const key = randomUUID()
    const [first, second] = [await create({ name: 'Once' }, key), await create({ name: 'Once' }, key)]
    assert.deepEqual([first.status, second.status], [201, 201])
    assert.deepEqual(second.body, first.body)
    const other = await create({ name: 'Twice' }, key)
    assert.deepEqual([other.status, other.body.code], [422, 'idempotency_key_reused'])
    const rows = await server.database.query(`select 1 from business where name in ('Once', 'Twice')`)
    assert.equal(rows.length, 1)
    const kept = await server.database.query<{ row: string }>('select i::text as row from idempotency i')
    assert.ok(kept.length > 0 && kept.every(({ row }) => !row.includes(first.body.api_key)), 'kept, and sealed')
    assert.equal((await server.call('GET', '/v1/api_keys', undefined, bearer(second.body.api_key))).status, 200)
  })

  it('lists the businesses of the server, page by page, for nobody but the operator', async () => {
    const made = (await create({ name: 'Listed' })).body.id
    const list = (query: string, key: string) => server.call('GET', `/v1/businesses${query}`, undefined, bearer(key))
    const ids: string[] = []
    for (let cursor = ''; ;) {
      const { body } = await list(`?limit=2${cursor && `&cursor=${cursor}`}`, operatorKey)
      ids.push(...body.data.map(({ id }: { id: string }) => id))
      if (body.next_cursor === null) break
      cursor = body.next_cursor
    }
    assert.deepEqual([ids.includes(made), new Set(ids).size], [true, ids.length])
    assert.equal((await list('', server.key)).body.code, 'operator_required')
  })

  it('makes one business of two requests at once', async () => {
    const key = randomUUID()
    const answers = await Promise.all([create({ name: 'At once' }, key), create({ name: 'At once' }, key)])
    const codes = answers
      .map(({ status, body }) => (status === 201 ? 'made' : body.code))
      .toSorted((a, b) => a.localeCompare(b))
    assert.ok(['made', 'busy'].includes(codes[0]) && codes[1] === 'made', codes.join())
    assert.equal((await server.database.query(`select 1 from business where name = 'At once'`)).length, 1)
  })

  it('resets a budget once for one key', async () => {
    const { body } = await create({ name: 'Resets' })
    const to = freshNumber()
    await server.call('POST', '/v1/verifications', { to }, bearer(body.api_key))
    const fail = () =>
      server.database.query(
        'update recipient set failed_consecutive = 7 where person in (select v.person from verification v where v.recipient = $1)',
        [to],
      )
    await fail()
    const reset = (key: string) =>
      server.call(
        'POST',
        `/v1/businesses/${body.id}/budgets/reset`,
        { recipient: to },
        {
          ...bearer(operatorKey),
          'idempotency-key': key,
        },
      )
    const left = async () =>
      (
        await server.database.query<{ n: number }>(
          'select failed_consecutive as n from recipient where person in (select v.person from verification v where v.recipient = $1)',
          [to],
        )
      )[0]?.n
    assert.deepEqual([(await reset('r1')).body, await left()], [{ reset: true }, 0])
    await fail()
    assert.deepEqual(
      [(await reset('r1')).body, await left()],
      [{ reset: true }, 7],
      'the answer again, and nothing else',
    )
    assert.deepEqual([(await reset('r2')).body, await left()], [{ reset: true }, 0])
  })

  it('makes live businesses; a key of one opens nothing of the operator', async () => {
    const live = await create({ name: 'Live', mode: 'live' })
    assert.match(live.body.api_key, /^ck_live_/)
    const refused = await server.call('POST', '/v1/businesses', { name: 'x' }, bearer(live.body.api_key))
    assert.deepEqual([refused.status, refused.body.code], [403, 'operator_required'])
  })
})

describe('whoever guesses the operator’s key', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ CENTANG_TRUSTED_PROXY_HOPS: '1' })
  })
  after(() => server.stop())

  it('is not heard for a while, by address, and learns nothing of the right one', async () => {
    const create = (key: string, from: string) =>
      server.call('POST', '/v1/businesses', { name: 'x' }, { ...bearer(key), 'x-forwarded-for': from })
    for (let many = 0; many < 20; many++)
      assert.equal((await create(`wrong key ${many}`.replaceAll(' ', '-'), '192.0.2.1')).status, 401)
    for (const key of ['another-wrong-key', operatorKey]) {
      const refused = await create(key, '192.0.2.1')
      assert.deepEqual([refused.status, refused.body.code], [429, 'operator_throttled'])
      assert.ok(Number(refused.headers.get('retry-after')) > 500)
    }
    assert.equal((await create(operatorKey, '192.0.2.2')).status, 201)
    // An API key is no guess.
    for (let many = 0; many < 30; many++) assert.equal((await create(server.key, '192.0.2.3')).status, 403)
  })
})

describe('the demo', () => {
  let server: TestServer
  const folder = temporaryFolder()
  before(async () => {
    server = await startTestServer(
      { CENTANG_DATA_DIR: folder, CENTANG_PUBLIC_URL: 'https://demo.example.com' },
      { isDemo: true },
    )
  })
  after(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })

  it('makes test businesses with its key, and no live ones', async () => {
    const test = await server.call('POST', '/v1/businesses', { name: 'Test' })
    assert.equal(test.status, 201)
    assert.match(test.body.api_key, /^ck_test_/)
    const live = await server.call('POST', '/v1/businesses', { name: 'Live', mode: 'live' })
    assert.deepEqual([live.status, live.body.code], [403, 'operator_required'])
    const asOperator = await server.call('POST', '/v1/businesses', { name: 'L', mode: 'live' }, bearer(operatorKey))
    assert.match(asOperator.body.api_key, /^ck_live_/)
  })

  /** `fetch` does not let anybody choose the Host. */
  const as = (host: string, path: string) =>
    new Promise<Pick<Answer, 'status' | 'body'>>((done, fail) => {
      request(server.url + path, { headers: { host, ...bearer(server.key) } }, async (answer) => {
        let text = ''
        for await (const chunk of answer) text += String(chunk)
        done({ status: answer.statusCode ?? 0, body: JSON.parse(text) })
      })
        .on('error', fail)
        .end()
    })

  it('shows its key, its calls and its phone under no name of somebody else (DNS rebinding)', async () => {
    for (const path of ['/console/config.json', '/v1/verifications', '/simulator/meta', '/v1/api_keys']) {
      const refused = await as('evil.example:3000', path)
      assert.deepEqual([refused.status, refused.body.code], [421, 'host_not_allowed'], path)
      for (const host of ['localhost:3000', '127.0.0.1', '[::1]:3000', '192.168.1.20:3000', 'demo.example.com'])
        assert.equal((await as(host, path)).status, 200, `${host}${path}`)
    }
    assert.equal((await as('localhost', '/console/config.json')).body.demo_key, server.key)
  })
})

describe('outside the demo', () => {
  it('every Host is answered: a proxy in front may use any', async () => {
    const server = await startTestServer({ CENTANG_MASTER_KEY: randomBytes(32).toString('base64') })
    try {
      const status = await new Promise((done, fail) => {
        request(`${server.url}/livez`, { headers: { host: 'upstream.example' } }, (answer) => {
          answer.resume()
          done(answer.statusCode)
        })
          .on('error', fail)
          .end()
      })
      assert.equal(status, 200)
    } finally {
      await server.stop()
    }
  })
})
