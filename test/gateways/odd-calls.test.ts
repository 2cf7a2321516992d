import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { refusalOf } from '../kit/refusals.ts'
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { freshNumber } from '../kit/api.ts'
import { freshCode } from './arrivals.ts'
import { type AuthServers, connectAuthServers, payloads, type SystemName, systemNames } from './auth-servers.ts'
import { seed } from '../kit/exploration.ts'

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

/** The refusal's code, where the system shows one. */
const codeIn: Readonly<Record<Exclude<SystemName, 'supabase'>, (text: string) => string | undefined>> = {
  clerk: (text) => JSON.parse(text).code,
  auth0: (text) => JSON.parse(text).code,
  logto: (text) => /\((\w+)\)$/.exec(text)?.[1],
  kratos: (text) => /^(\w+): /.exec(text)?.[1],
  keycloak: (text) => /^(\w+): /.exec(text)?.[1],
  zitadel: (text) => /^(\w+): /.exec(text)?.[1],
}

describe('calls of an auth server that are not what they should be', { concurrency: false }, () => {
  let server: SharedServer
  let authServers: AuthServers
  before(async () => {
    server = await sharedServer()
    authServers = await connectAuthServers(server)
  })
  after(() => server.stop())

  for (const system of systemNames) {
    it(`are answered in the shape of ${system} (seed ${seed})`, async () => {
      const statuses = new Set<number>()
      await fc.assert(
        fc.asyncProperty(mutated(payloads[system](freshNumber(), freshCode())), async (body) => {
          const text = JSON.stringify(body)
          const answer = await fetch(server.url + authServers.path(system), {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...authServers.proof(system, text) },
            body: text,
          })
          const said = await answer.text()
          const asked = `${answer.status} ${said} to ${text.slice(0, 300)}`
          statuses.add(answer.status)
          assert.ok(answer.status < 500, asked)
          if (system === 'supabase') {
            const { error } = JSON.parse(said)
            if (error) assert.deepEqual(Object.keys(error), ['http_code', 'message'], asked)
            else assert.equal(answer.status, 200, asked)
          } else if (answer.status !== 200) {
            assert.equal(refusalOf(codeIn[system](said) as string).status, answer.status, asked)
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
