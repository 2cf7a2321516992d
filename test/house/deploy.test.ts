import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { ownMetrics } from '../kit/documents.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

describe('what a production server is watched with', () => {
  const metricsToken = 'a-token-for-the-metrics-page'
  let server: TestServer
  before(async () => {
    server = await startTestServer({ CENTANG_METRICS_TOKEN: metricsToken, CENTANG_CONSOLE: 'off', CENTANG_DOCS: 'off' })
  })
  after(() => server.stop())

  it('names metrics that a server tells, and the reference explains each of them', async () => {
    const answer = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } })
    const told = [...(await answer.text()).matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name as string)
    const own = ownMetrics().map(({ name }) => name)
    assert.deepEqual(
      told.filter((name) => name.startsWith('centang_')).toSorted((a, b) => a.localeCompare(b)),
      own,
    )
    for (const page of ['deploy/prometheus-alerts.yaml', 'deploy/grafana-dashboard.json']) {
      const named = [...read(page).matchAll(/\b(?:centang|nodejs|process)_[a-z0-9_]+/g)].map(([name]) =>
        name.replace(/_(bucket|count|sum)$/, ''),
      )
      assert.ok(named.length > 8)
      assert.deepEqual(
        named.filter((name) => !told.includes(name)),
        [],
        page,
      )
    }
  })

  it('shows nobody what it is, and no pages that were switched off', async () => {
    const home = await fetch(`${server.url}/`, { headers: { 'accept-language': 'pt-BR' } })
    const html = await home.text()
    assert.equal(home.status, 200)
    assert.match(html, /<title>Não há nada para ver aqui<\/title>/)
    assert.ok(!/centang/i.test(html))
    for (const path of ['/docs', '/docs/', '/docs/reference.js', '/console/config.json', '/console/none'])
      assert.equal((await fetch(`${server.url}${path}`)).status, 404, path)
    for (const path of ['/errors', '/openapi.json'])
      assert.equal((await fetch(`${server.url}${path}`)).status, 200, path)
  })

  it('is reached through the proxy alone, as the compose file has it', () => {
    const published = [...read('deploy/compose.yaml').matchAll(/ports: \['([^']+)'\]/g)].map(([, port]) => port)
    assert.deepEqual(published, ['127.0.0.1:3000:3000'])
  })
})
