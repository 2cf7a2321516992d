import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { bearer, freshNumber, type Answer } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'

const metricsToken = 'metrics-token-of-this-test'

describe('the guard as the operator sees it', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ CENTANG_GUARD: 'record', CENTANG_METRICS_TOKEN: metricsToken })
  })
  after(() => server.stop())

  const start = (): Promise<Answer> => server.call('POST', '/v1/verifications', { to: freshNumber() })
  const metrics = async (): Promise<string> =>
    (await fetch(`${server.url}/metrics`, { headers: bearer(metricsToken) })).text()

  it('is as strict as CENTANG_GUARD says where nobody has set a rule, and counts by rule', async () => {
    const ofCountry = { rules: { unproven_country: { limit: 1 } } }
    await server.call('PUT', '/v1/guard/policy', ofCountry)
    const recorded = [await start(), await start(), await start()]
    assert.deepEqual(
      recorded.map(({ status }) => status),
      [201, 201, 201],
    )
    assert.match(await metrics(), /centang_guard_total\{rule="unproven_country",verdict="recorded"\} 2/)
    await server.call('PUT', '/v1/guard/policy', { rules: { unproven_country: { limit: 1, mode: 'enforce' } } })
    assert.equal((await start()).body.code, 'unproven_country_limit_reached')
    assert.match(await metrics(), /centang_guard_total\{rule="unproven_country",verdict="refused"\} 1/)
    const kinds = await server.database.query<{ kind: string }>(
      `select kind from event where subject_kind = 'guard_notice' order by sequence`,
    )
    assert.deepEqual(kinds, [{ kind: 'guard.send_recorded' }, { kind: 'guard.send_refused' }])
  })
})
