import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { refusals } from '#core/errors.ts'
import { freshNumber, operatorKey, startTestServer, type TestServer } from '../server.ts'

interface Operation {
  readonly method: string
  readonly path: string
  readonly bodySchema: Schema | undefined
}

interface Schema {
  readonly type?: string | string[]
  readonly properties?: Record<string, Schema>
  readonly required?: string[]
  readonly enum?: unknown[]
  readonly anyOf?: Schema[]
}

const documented = new Set(
  [...readFileSync(new URL('../../docs/reference/errors.md', import.meta.url), 'utf8').matchAll(/^\| `(\w+)`/gm)].map(
    (one) => one[1],
  ),
)
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
const requestsPerOperation = 300

/** Values that nobody means to send. */
const odd = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -1,
    1e308,
    2 ** 53,
    '',
    ' ',
    '\u0000',
    '\ud800',
    '+',
    '+0',
    '%00',
    '../../etc/passwd',
    "'; drop table verification; --",
    '__proto__',
    'constructor',
    '١٢٣',
    '🙂'.repeat(300),
    'a'.repeat(70_000),
    [],
    {},
    [[]],
    { $gt: '' },
  ),
  fc.string({ maxLength: 60, unit: 'binary' }),
  fc.jsonValue({ maxDepth: 3 }),
)

/** A body near the schema: right names with wrong values, missing and extra members, or nothing like it. */
function bodyOf(schema: Schema | undefined, good: Record<string, unknown>): fc.Arbitrary<unknown> {
  const object = schema?.properties ? schema : schema?.anyOf?.find(({ properties }) => properties)
  const names = Object.keys(object?.properties ?? {})
  const mutated = fc
    .tuple(
      fc.dictionary(fc.constantFrom(...(names.length > 0 ? names : ['x']), '__proto__', 'extra'), odd, {
        minKeys: 1,
        maxKeys: 4,
      }),
      fc.subarray(names),
    )
    .map(([changes, removed]) => {
      const body: Record<string, unknown> = { ...good, ...changes }
      for (const name of removed) if (!(name in changes)) delete body[name]
      return body
    })
  return fc.oneof({ weight: 4, arbitrary: mutated }, odd)
}

describe('bad input', () => {
  let server: TestServer
  let operations: Operation[]
  let verificationId: string
  before(async () => {
    server = await startTestServer({ CENTANG_LOG_LEVEL: 'error' })
    const { body } = await server.call('GET', '/openapi.json')
    assert.equal(body.openapi, '3.1.0')
    operations = Object.entries(body.paths as Record<string, Record<string, any>>).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        bodySchema: operation.requestBody?.content?.['application/json']?.schema as Schema | undefined,
      })),
    )
    verificationId = (await server.call('POST', '/v1/verifications', { to: freshNumber() })).body.id
  })
  after(() => server.stop())

  const good: Record<string, unknown> = {
    to: '+6281234567890',
    code: '123456',
    name: 'Shop',
    recipient: '+6281234567890',
    channel: 'sms',
    provider: 'sms-http',
    config: {},
    secrets: {},
  }

  const pathOf = (path: string, id: string): string => path.replaceAll(/\{\w+\}/g, encodeURIComponent(id))

  function judge(operation: string, answer: { status: number; body: any; headers: Headers }): void {
    assert.ok(answer.status < 500, `${operation}: ${answer.status} ${JSON.stringify(answer.body)}`)
    if (answer.status < 400) return
    assert.equal(answer.headers.get('content-type'), 'application/problem+json', operation)
    assert.ok(documented.has(answer.body.code), `${operation}: ${answer.body.code} is not documented`)
    assert.equal(refusals[answer.body.code as keyof typeof refusals].status, answer.status)
    assert.match(answer.body.request_id, /^req_/)
    assert.ok(answer.body.remedy.length > 0)
  }

  it(`of every kind is refused with a documented code (seed ${seed})`, async (t) => {
    let requests = 0
    assert.ok(operations.length >= 15, `only ${operations.length} operations`)
    for (const { method, path, bodySchema } of operations) {
      if (path === '/v1/events/stream') continue
      const input = fc.record({
        id: fc.oneof(
          fc.constantFrom(
            verificationId,
            `ver_${'0'.repeat(32)}`,
            'ver_',
            'x',
            '..',
            '%',
            `biz_${'f'.repeat(32)}`,
            'a'.repeat(199),
          ),
          fc.string({ minLength: 1, maxLength: 40 }),
        ),
        body: bodyOf(bodySchema, good),
        query: fc.option(
          fc.dictionary(
            fc.constantFrom('to', 'status', 'limit', 'cursor', 'purpose', 'odd'),
            fc.string({ maxLength: 20 }),
          ),
          { nil: {} },
        ),
        contentType: fc.constantFrom(
          'application/json',
          'application/json',
          'application/json',
          'text/plain',
          'application/x-www-form-urlencoded',
          'multipart/form-data; boundary=x',
          'application/json; charset=utf-16',
        ),
        key: fc.constantFrom(server.key, server.key, server.key, operatorKey, operatorKey, 'ck_test_unknown00', 'x'),
        idempotencyKey: fc.option(fc.constantFrom('a', 'b'.repeat(255), 'c'.repeat(300), '')),
        broken: fc.nat(9),
      })
      await fc.assert(
        fc.asyncProperty(input, async ({ id, body, query, contentType, key, idempotencyKey, broken }) => {
          requests++
          let sent = method === 'GET' || body === undefined ? undefined : JSON.stringify(body)
          if (sent !== undefined && broken === 0) sent = sent.slice(0, -1)
          const headers = {
            authorization: `Bearer ${key}`,
            ...(sent !== undefined && { 'content-type': contentType }),
            ...(idempotencyKey !== null && { 'idempotency-key': idempotencyKey }),
          }
          const url = `${pathOf(path, id)}${Object.keys(query).length > 0 ? `?${new URLSearchParams(query).toString()}` : ''}`
          const answer = await server.call(method, url, sent, headers)
          judge(`${method} ${url} ${sent?.slice(0, 300)}`, answer)
        }),
        { numRuns: requestsPerOperation, seed, endOnFailure: true },
      )
    }
    t.diagnostic(`${requests} requests over ${operations.length} operations`)
    assert.ok(requests >= 3000)
  })

  it('says which field is wrong and never repeats what was sent', async () => {
    const { body } = await server.call('POST', '/v1/verifications', {
      to: '+6281234567890',
      code_length: 'canary-value',
    })
    assert.equal(body.code, 'body_invalid')
    assert.deepEqual(
      body.errors.map(({ path }: { path: string }) => path),
      ['body/code_length'],
    )
    assert.ok(!JSON.stringify(body).includes('canary-value'))
  })

  it('of a number gets a reason', async () => {
    const cases = {
      '12345': 'recipient_invalid',
      '+0000000000': 'recipient_invalid',
      'call me': 'recipient_invalid',
      '+870773111632': 'recipient_not_allowed',
      'a@b@c': 'recipient_invalid',
      'ana@example.com': 'channel_unavailable',
    }
    for (const [to, code] of Object.entries(cases)) {
      const { body } = await server.call('POST', '/v1/verifications', { to })
      assert.equal(body.code, code, to)
    }
  })

  it('finds the door: wrong paths, methods, keys and bodies too large', async () => {
    const call = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) => {
      const answer = await server.call(method, path, body, headers)
      judge(`${method} ${path}`, answer)
      return [answer.status, answer.body.code]
    }
    assert.deepEqual(await call('GET', '/v1/nothing'), [404, 'route_not_found'])
    assert.deepEqual(await call('DELETE', '/v1/verifications'), [405, 'method_not_allowed'])
    assert.deepEqual(await call('GET', '/v1/verifications', undefined, { authorization: '' }), [
      401,
      'credentials_missing',
    ])
    assert.deepEqual(await call('GET', '/v1/verifications', undefined, { authorization: 'Bearer ck_test_wrong0000' }), [
      401,
      'credentials_invalid',
    ])
    assert.deepEqual(await call('POST', '/v1/businesses', { name: 'x' }), [403, 'operator_required'])
    assert.deepEqual(await call('POST', '/v1/verifications', { to: 'x'.repeat(1_000_000) }), [413, 'payload_too_large'])
    assert.deepEqual(await call('POST', '/v1/verifications', 'to=1', { 'content-type': 'text/plain' }), [
      415,
      'content_type_unsupported',
    ])
    assert.deepEqual(await call('POST', `/webhooks/snd_${'0'.repeat(32)}`, {}), [404, 'resource_not_found'])
  })
})
