import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { createBusinessHttp } from './business-http.ts'
import { signStandard } from './sign-standard.ts'

describe("a request to a business's server", () => {
  it('is signed as the vector of Standard Webhooks says', async () => {
    let headers: IncomingHttpHeaders = {}
    const server = createServer((request, reply) => {
      headers = request.headers
      reply.end('x'.repeat(1_000_000))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const http = createBusinessHttp({ allowedHosts: [host] })
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    const answer = await http.send(
      signStandard({
        id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        url: `http://${host}/`,
        body: '{"test": 2432232314}',
        secrets: [secret, 'whsec_AAAA'],
        at: new Date(1_614_265_330_999),
      }),
    )
    await http.close()
    server.closeAllConnections()
    server.close()
    assert.deepEqual(answer, { status: 200 }, 'however much it answers')
    const [first, second] = String(headers['webhook-signature']).split(' ')
    assert.equal(first, 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
    assert.match(second ?? '', /^v1,[A-Za-z0-9+/]{43}=$/)
    assert.deepEqual(
      [headers['webhook-id'], headers['webhook-timestamp'], headers['content-type']],
      ['msg_p5jXN8AQM9LWM0D4loKWxJek', '1614265330', 'application/json'],
    )
  })

  it('that finds nobody there is no fault of ours', async () => {
    const http = createBusinessHttp({ allowedHosts: ['127.0.0.1:9'] })
    const answer = await http.send({ url: 'http://127.0.0.1:9/', headers: {}, body: '' })
    assert.deepEqual(answer, { problem: 'no_connection' })
    await http.close()
  })
})
