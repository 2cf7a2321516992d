import assert from 'node:assert/strict'
import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { refusals } from '#core/errors.ts'
import { freshNumber, startTestServer, type TestServer } from '../server.ts'
import { freshCode } from './arrivals.ts'
import {
  auth0Payload,
  clerkPayload,
  keycloakPayload,
  kratosPayload,
  logtoPayload,
  supabasePayload,
  zitadelPayload,
} from './payloads.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
const callsPerSystem = 150

/** A payload with something else at some places in it. */
function mutated(payload: unknown): fc.Arbitrary<unknown> {
  const odd = fc.oneof(
    fc.constantFrom(
      null,
      '',
      0,
      -1,
      1e308,
      true,
      [],
      {},
      '\ud83d',
      '🙂'.repeat(3000),
      '9'.repeat(64),
      '١٢٣٤٥٦',
      '__proto__',
    ),
    fc.string({ maxLength: 40, unit: 'binary' }),
    fc.jsonValue({ maxDepth: 2 }),
  )
  if (typeof payload !== 'object' || payload === null)
    return fc.oneof({ weight: 5, arbitrary: fc.constant(payload) }, odd)
  const members = Object.entries(payload).map(([name, value]) => [name, mutated(value)])
  return fc.oneof({ weight: 9, arbitrary: fc.record(Object.fromEntries(members), { requiredKeys: [] }) }, odd)
}

describe('calls of an auth server that are not what they should be', { concurrency: false }, () => {
  let server: TestServer
  const secret = `whsec_${randomBytes(24).toString('base64')}`
  const paths = new Map<string, string>()
  before(async () => {
    server = await startTestServer({ CENTANG_LOG_LEVEL: 'error' })
    for (const system of ['supabase', 'clerk', 'zitadel']) {
      const made = await server.call('POST', '/v1/gateways', { system, secret })
      paths.set(system, new URL(made.body.url).pathname)
    }
  })
  after(() => server.stop())

  /** Signed as it should be, whatever is in it. */
  function sign(system: string, text: string): Record<string, string> {
    const at = new Date()
    const seconds = String(Math.floor(at.getTime() / 1000))
    if (system === 'zitadel') {
      const signature = createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex')
      return { 'zitadel-signature': `t=${seconds},v1=${signature}` }
    }
    const prefix = system === 'supabase' ? 'webhook' : 'svix'
    const id = randomUUID()
    return {
      [`${prefix}-id`]: id,
      [`${prefix}-timestamp`]: seconds,
      [`${prefix}-signature`]: new Webhook(secret).sign(id, at, text),
    }
  }

  const systems = {
    supabase: supabasePayload,
    clerk: clerkPayload,
    zitadel: zitadelPayload,
    logto: logtoPayload,
    kratos: kratosPayload,
    auth0: auth0Payload,
    keycloak: keycloakPayload,
  }
  for (const [system, payload] of Object.entries(systems)) {
    it(`are answered in the shape of ${system} (seed ${seed})`, async () => {
      const statuses = new Set<number>()
      await fc.assert(
        fc.asyncProperty(mutated(payload(freshNumber(), freshCode())), async (body) => {
          const text = JSON.stringify(body)
          const path = paths.get(system) ?? `/v1/gateway/${system}`
          const answer = await server.call('POST', path, text, paths.has(system) ? sign(system, text) : {})
          const asked = `${answer.status} ${JSON.stringify(answer.body)} to ${text.slice(0, 300)}`
          statuses.add(answer.status)
          assert.ok(answer.status < 500, asked)
          if (system === 'supabase') {
            if (answer.body.error) assert.deepEqual(Object.keys(answer.body.error), ['http_code', 'message'], asked)
            else assert.equal(answer.status, 200, asked)
          } else if (answer.status !== 200) {
            assert.equal(refusals[answer.body.code as keyof typeof refusals].status, answer.status, asked)
          }
        }),
        { numRuns: callsPerSystem, seed, endOnFailure: true },
      )
      assert.ok(statuses.has(200) && statuses.has(400), 'some were well, some were not')
    })
  }

  it('reach no log', () => {
    assert.ok(!server.logged.join('').includes('request failed'))
  })
})
