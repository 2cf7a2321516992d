import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { refusalOf } from '../kit/refusals.ts'
import { sendRaw } from '../kit/raw-http.ts'
import { freshNumber, operatorKey } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'
import { providers } from '#messaging/providers/registry.ts'
import { saidKeywords } from '#platform/core/field-problem.ts'
import { seed, shareOf } from '../kit/exploration.ts'

interface Operation {
  readonly method: string
  readonly path: string
  readonly bodySchema: Schema | undefined
  /** Codes by status, as the reference names them. */
  readonly refused: ReadonlyMap<number, readonly string[]>
}

interface Schema {
  readonly type?: string | string[]
  readonly properties?: Record<string, Schema>
  readonly required?: string[]
  readonly enum?: unknown[]
  readonly anyOf?: Schema[]
  readonly items?: Schema
  readonly patternProperties?: Record<string, Schema>
}

const documented = new Set(
  [...readFileSync(new URL('../../docs/reference/errors.md', import.meta.url), 'utf8').matchAll(/^\| `(\w+)`/gm)].map(
    (one) => one[1],
  ),
)
/** Of an id that changes the path, no call can tell. */
const unrouted = new Set(['route_not_found', 'method_not_allowed'])
/** What validators say to whoever knows the schema. */
const wordsOfSchemas = /schema|pattern|allowed values|constant|propert|\bNOT\b|undefined|must be $/
const requestsPerOperation = shareOf(300, 40)

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
  const properties = object?.properties ?? {}
  const names = Object.keys(properties)
  const changes = fc.record(
    {
      ...Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, valueOf(member)])),
      ['__proto__']: odd,
      extra: odd,
    },
    { requiredKeys: [] },
  )
  const few = fc
    .tuple(changes, fc.array(fc.constantFrom(...names, '__proto__', 'extra'), { minLength: 1, maxLength: 4 }))
    .map(([all, kept]) => Object.fromEntries(Object.entries(all).filter(([name]) => kept.includes(name))))
  const mutated = fc.tuple(few, fc.subarray(names)).map(([changed, removed]) => {
    const body: Record<string, unknown> = { ...good, ...changed }
    for (const name of removed) if (!(name in changed)) delete body[name]
    return body
  })
  return fc.oneof({ weight: 4, arbitrary: mutated }, odd)
}

/** A value of a member: odd itself, or of the right shape with something odd deep inside. */
function valueOf(schema: Schema): fc.Arbitrary<unknown> {
  const { properties, items, patternProperties } = schema
  if (properties) {
    const members = Object.entries(properties).map(([name, member]) => [name, valueOf(member)])
    return fc.oneof(odd, fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>))
  }
  if (items) return fc.oneof(odd, fc.array(valueOf(items), { maxLength: 3 }))
  if (patternProperties) {
    const name = fc.oneof(
      fc.constantFrom('url', 'body', 'from', 'api', 'a'),
      fc.string({ maxLength: 10, unit: 'binary' }),
    )
    return fc.oneof(odd, fc.dictionary(name, fc.oneof(odd, nested), { maxKeys: 3 }))
  }
  return odd
}

/** Deeper than anything that is meant. */
const nested = fc.tuple(fc.constantFrom(2, 31, 33, 2000), fc.boolean()).map(([depth, isArray]) => {
  let value: unknown = 'bottom'
  for (let level = 0; level < depth; level++) value = isArray ? [value] : { a: value }
  return value
})

/** They hold others, give words, or speak for themselves. */
const saysNothing =
  'properties patternProperties items default description examples x-form x-names x-shown x-prose'.split(' ')

/** A schema and all that it holds. */
function placesOf(schema: object): Record<string, unknown>[] {
  const { properties = {}, patternProperties = {}, items, anyOf = [] } = schema as Schema
  const held = [...Object.values(properties), ...Object.values(patternProperties), ...anyOf, ...(items ? [items] : [])]
  return [schema as Record<string, unknown>, ...held.flatMap(placesOf)]
}

/** Has members of names that it does not list. */
const isNamed = ({ patternProperties, additionalProperties }: Record<string, unknown>): boolean =>
  patternProperties !== undefined && additionalProperties === false

describe('bad input', () => {
  let server: TestServer
  let operations: Operation[]
  let verificationId: string
  before(async () => {
    server = await startTestServer({ CENTANG_LOG_LEVEL: 'error', CENTANG_TRUSTED_PROXY_HOPS: '1' })
    const { body } = await server.call('GET', '/openapi.json')
    assert.equal(body.openapi, '3.1.0')
    operations = Object.entries(body.paths as Record<string, Record<string, any>>).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        bodySchema: operation.requestBody?.content?.['application/json']?.schema as Schema | undefined,
        refused: new Map(
          Object.entries(operation.responses as Record<string, { description: string }>).map(
            ([status, { description }]) => [
              Number(status),
              [...description.matchAll(/`(\w+)`/g)].map((one) => one[1] as string),
            ],
          ),
        ),
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
    assert.equal(refusalOf(answer.body.code as string).status, answer.status)
    assert.match(answer.body.request_id, /^req_/)
    assert.ok(answer.body.remedy.length > 0)
    for (const { problem } of answer.body.errors ?? []) assert.doesNotMatch(problem, wordsOfSchemas, operation)
  }

  it('is told in words that stand in no schema: every rule in use has some, and every pattern says what it wants', async () => {
    const bodies = operations.flatMap(({ bodySchema }) => bodySchema ?? [])
    const ofProviders = [...providers.values()].flatMap((one) => [one.configSchema, one.secretsSchema])
    const places = [...bodies, ...ofProviders].flatMap(placesOf)
    assert.ok(places.length > 200, `${places.length} places`)
    const mute = places.filter((place) => 'pattern' in place && typeof place['x-form'] !== 'string')
    assert.deepEqual(mute, [], 'form() of core/field-problem.ts says what a pattern wants')
    const closed = places.filter((place) => isNamed(place) && typeof place['x-names'] !== 'string')
    assert.deepEqual(closed, [], 'namesForm() says what a name may be')
    const used = new Set(places.flatMap((place) => Object.keys(place)))
    for (const one of [...saidKeywords, ...saysNothing]) used.delete(one)
    assert.deepEqual([...used], [])
  })

  it(`of every kind is refused with a documented code (seed ${seed})`, async (t) => {
    let requests = 0
    assert.ok(operations.length >= 15, `only ${operations.length} operations`)
    for (const { method, path, bodySchema, refused } of operations) {
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
            fc.oneof(
              fc.string({ maxLength: 20 }),
              fc.string({ maxLength: 20, unit: 'binary' }),
              fc.constant('a\u0000'),
            ),
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
        // Some addresses come so often with a wrong key that the operator's own is not tried either.
        from: fc.nat(3).map((n) => `192.0.2.${n}`),
      })
      await fc.assert(
        fc.asyncProperty(input, async ({ id, body, query, contentType, key, idempotencyKey, broken, from }) => {
          requests++
          let sent = method === 'GET' || body === undefined ? undefined : JSON.stringify(body)
          if (sent !== undefined && broken === 0) sent = sent.slice(0, -1)
          const headers = {
            authorization: `Bearer ${key}`,
            'x-forwarded-for': from,
            ...(sent !== undefined && { 'content-type': contentType }),
            ...(idempotencyKey !== null && { 'idempotency-key': idempotencyKey }),
          }
          const url = `${pathOf(path, id)}${Object.keys(query).length > 0 ? `?${new URLSearchParams(query).toString()}` : ''}`
          const answer = await server.call(method, url, sent, headers)
          const asked = `${method} ${url} ${sent?.slice(0, 300)}`
          judge(asked, answer)
          if (answer.status >= 400 && !unrouted.has(answer.body.code)) {
            const codes = refused.get(answer.status) ?? []
            assert.ok(codes.includes(answer.body.code), `${asked}: the reference does not tell of ${answer.body.code}`)
          }
        }),
        { numRuns: requestsPerOperation, seed, endOnFailure: true },
      )
    }
    t.diagnostic(`${requests} requests over ${operations.length} operations`)
    assert.ok(requests >= (operations.length - 1) * requestsPerOperation)
  })

  it('that no database takes is refused, wherever it stands', async () => {
    const to = freshNumber()
    const transaction = { amount: '1', currency: 'BRL', payee: 'a' }
    const sender = { channel: 'sms', provider: 'sms-http', secrets: {} }
    const url = 'https://sms.example/send'
    const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
    const cases: readonly (readonly [string, unknown])[] = [
      ['/v1/verifications', { to, metadata: { a: '\u0000' } }],
      ['/v1/verifications', `{"to":"${to}","metadata":{"a":"\\ud800"}}`],
      ['/v1/verifications', { to, transaction: { ...transaction, payee: 'a\u0000' } }],
      ['/v1/verifications', `{"to":"${to}","\\u0000":1}`],
      ['/v1/senders', { ...sender, config: { url, from: '\u0000' } }],
      [
        '/v1/senders',
        `{"channel":"sms","provider":"sms-http","secrets":{},"config":{"url":"${url}","body":${deep(10_000)}}}`,
      ],
      ['/v1/senders', { ...sender, config: { url, body: { '\ud800': 1 } } }],
      ['/v1/verifications', deep(33)],
    ]
    for (const [path, body] of cases) {
      const answer = await server.call('POST', path, body)
      const asked = `POST ${path} ${JSON.stringify(body).slice(0, 200)}`
      judge(asked, answer)
      assert.deepEqual([answer.status, answer.body.code], [400, 'body_invalid'], asked)
    }
    // An escaped backslash before u0000 is six harmless characters, and a whole pair is one.
    const fine = await server.call(
      'POST',
      '/v1/verifications',
      `{"to":"${to}","metadata":{"a":"\\\\u0000 \\ud83d\\ude42"}}`,
    )
    assert.deepEqual([fine.status, fine.body.metadata], [201, { a: '\\u0000 🙂' }])
    assert.ok(!server.logged.join('').includes('request refused'), 'the database was not asked')
  })

  it('is never made into what would be right', async () => {
    const to = freshNumber()
    const started = await server.call('POST', '/v1/verifications', { to, code: '012345' })
    const path = `/v1/verifications/${started.body.id}/check`
    for (const code of [12345, ['012345'], true, null]) {
      const refused = await server.call('POST', path, { code })
      assert.deepEqual([refused.status, refused.body.code], [400, 'body_invalid'], JSON.stringify(code))
    }
    for (const body of [{ to: [freshNumber()] }, { to: freshNumber(), code_length: '6' }, { to: Number(to.slice(1)) }])
      assert.equal((await server.call('POST', '/v1/verifications', body)).status, 400, JSON.stringify(body))
    const { body } = await server.call('GET', `/v1/verifications/${started.body.id}`)
    assert.equal(body.checks_remaining, 5, 'none of them was spent')
  })

  it('in a path of any bytes is a documented problem', async () => {
    const { port, hostname } = new URL(server.url)
    const segment = fc.oneof(
      fc.constantFrom(
        '%',
        '%zz',
        '%00',
        '%ED%A0%80',
        '%C0%80',
        '..',
        '/',
        '?',
        '#x',
        'v1',
        'verifications',
        'webhooks',
        'a'.repeat(300),
      ),
      fc.string({ maxLength: 12, unit: fc.integer({ min: 0x21, max: 0x7e }).map((one) => String.fromCharCode(one)) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { maxLength: 5 }), fc.constantFrom('GET', 'POST'), async (parts, method) => {
        const path = `/${parts.join('/')}`
        const head = `${method} ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${server.key}\r\n`
        const answer = await sendRaw(server.url, `${head}Content-Length: 0\r\nConnection: close\r\n\r\n`)
        assert.ok(answer.status < 500, `${method} ${path}: ${answer.status}`)
        if (answer.status < 400 || path.startsWith('/simulator')) return
        assert.equal(answer.headers.get('content-type'), 'application/problem+json', `${method} ${path}`)
        assert.ok(documented.has(answer.body.code), `${method} ${path}`)
      }),
      { numRuns: 500, seed, endOnFailure: true },
    )
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
      if (to.endsWith('example.com'))
        assert.deepEqual(body.errors, [{ path: 'to', problem: 'must be a phone number: codes go by whatsapp, sms' }])
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
