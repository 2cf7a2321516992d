import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { exitCodes } from '../../src/cli/exit.ts'
import { eventually, freshNumber, startTestServer, type TestServer } from '../server.ts'
import { type Ran, runCommand } from './run-command.ts'

describe('centang webhooks', () => {
  let server: TestServer
  let receiver: Server
  const ids: string[] = []
  let endpoint: string
  before(async () => {
    receiver = createServer((request, response) => {
      ids.push(String(request.headers['webhook-id']))
      response.writeHead(204).end()
    })
    await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done))
    const { port } = receiver.address() as AddressInfo
    server = await startTestServer({ CENTANG_WEBHOOK_HOSTS: `127.0.0.1:${port}` })
    const wanted = { url: `http://127.0.0.1:${port}/hook`, events: ['verification.started'] }
    const made = await server.call('POST', '/v1/webhook_endpoints', wanted)
    assert.equal(made.status, 201, JSON.stringify(made.body))
    endpoint = made.body.id
    await server.call('POST', '/v1/verifications', { to: freshNumber() })
    await eventually(async () => ids.length === 1)
  })
  after(async () => {
    receiver.close()
    receiver.closeAllConnections()
    await server.stop()
  })

  const run = (...words: string[]): Promise<Ran> =>
    runCommand(['webhooks', ...words], { CENTANG_URL: server.url, CENTANG_API_KEY: server.key })

  it('lists endpoints, and what was sent to one', async () => {
    const listed = await run('list')
    assert.equal(listed.code, exitCodes.ok, listed.err)
    assert.match(
      listed.out,
      new RegExp(`^${endpoint}  test  standard  on  http://127\\.0\\.0\\.1:\\d+/hook  verification\\.started\n$`),
    )
    const sent = await eventually(async () => {
      const ran = await run('deliveries', endpoint, '--status', 'delivered')
      return ran.out !== '' && ran
    })
    assert.match(sent.out, /^whd_\w{32}  \S+ \S+  verification\.started  delivered  sent 1×  204\n$/)
    assert.match((await run('deliveries', endpoint, '--status', 'failed')).err, /Nothing was sent there/)
  })

  it('sends again by time and by id, with the id that it had', async () => {
    const [id = ''] = ids
    const since = await run('replay', endpoint, '--since', '1 hour')
    assert.deepEqual([since.code, since.out.includes('is on its way again')], [exitCodes.ok, true], since.err)
    await eventually(async () => ids.length === 2)
    await eventually(async () => (await run('deliveries', endpoint, '--status', 'delivered')).out !== '')
    const one = await run('replay', endpoint, '--delivery', id, '--json')
    assert.partialDeepStrictEqual(JSON.parse(one.out), { id: endpoint, delivery_id: id, found: true })
    await eventually(async () => ids.length === 3)
    assert.deepEqual(new Set(ids), new Set([id]))
  })

  it('says what is wrong with what was asked', async () => {
    for (const [words, code, text] of [
      [['replay', endpoint], exitCodes.usage, /Say what to send again/],
      [['replay', endpoint, '--since', 'x'], exitCodes.usage, /--since must be a time/],
      [['replay', endpoint, '--since', '1 hour', '--delivery', 'x'], exitCodes.usage, /Say what to send again/],
      [['replay', 'whe_0', '--since', '1 hour'], exitCodes.failed, /./],
      [['replay', endpoint, '--delivery', `whd_${'0'.repeat(32)}`], exitCodes.failed, /./],
      [['deliveries', endpoint, '--status', 'x'], exitCodes.usage, /pending, delivered, failed/],
    ] as const) {
      const ran = await run(...words)
      assert.deepEqual([ran.code, text.test(ran.err)], [code, true], `${words.join(' ')}: ${ran.err}`)
    }
  })
})
