import assert from 'node:assert/strict'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { Agent, request } from 'undici'
import type { LookupAll } from '#platform/net/public-address.ts'
import { createBusinessHttp } from '#platform/net/business-http.ts'
import { judgeBusinessUrl } from '#platform/net/business-url.ts'
import { bearer, eventually, freshNumber, operatorKey } from '../kit/api.ts'
import { startTestServer } from '../kit/server.ts'

/** Hosts that are this machine, its network or its cloud, in every spelling that leads there. */
const literals = [
  '127.0.0.1 127.1 127.0.1 127.255.255.254 0 0.0.0.0 2130706433 017700000001 0x7f000001 0x7f.1 0177.0.0.1 0x7f.0x0.0x0.0x1',
  '①②⑦.⓪.⓪.① １２７.０.０.１ 127。0。0。1 %31%32%37.0.0.1',
  '10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 100.64.0.1 192.0.0.170 198.18.0.1',
  '169.254.169.254 0xa9fea9fe 2852039166 0251.0376.0251.0376 224.0.0.1 255.255.255.255 240.0.0.1',
  '[::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [::ffff:0:127.0.0.1]',
  '[64:ff9b::7f00:1] [64:ff9b::169.254.169.254] [64:ff9b:1::7f00:1] [2002:7f00:1::1] [2001:0:7f00:1::]',
  '[fe80::1] [fec0::1] [fc00::1] [fd00:ec2::254] [ff02::1] [::ffff:169.254.169.254]',
  'localhost LOCALHOST localhost. a.localhost printer.local metadata.google.internal metadata db',
].flatMap((line) => line.split(' '))

/** Public names, as far as anybody can tell before they are looked up. */
const pointsTo: Readonly<Record<string, readonly string[]>> = {
  'loopback.example.com': ['127.0.0.1'],
  'loopback6.example.com': ['::1'],
  'mapped.example.com': ['::ffff:127.0.0.1'],
  'nat64.example.com': ['64:ff9b::7f00:1'],
  'cloud.example.com': ['169.254.169.254'],
  'inside.example.com': ['10.0.0.1', '192.168.0.1', 'fd00::1'],
  'any.example.com': ['0.0.0.0', '::'],
  '127.0.0.1.nip.example.com': ['127.0.0.1'],
}

describe('webhooks to addresses that nobody may make us call', () => {
  let canary: Server
  let port: number
  let connections = 0
  let lookups: string[] = []
  const lookup: LookupAll = (hostname, _options, done) => {
    lookups.push(hostname)
    done(
      null,
      (pointsTo[hostname] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  before(async () => {
    canary = createServer((socket) => {
      connections++
      socket.on('error', () => undefined).destroy()
    })
    // Every address of this machine, both families where there are two.
    await new Promise<void>((done) => canary.listen(0, done))
    port = (canary.address() as AddressInfo).port
  })
  after(() => new Promise((done) => canary.close(done)))

  const webhook = (url: string) => ({ url, headers: {}, body: '{}' })
  /** The canary's port is an allowed one here: it is the address that has to be refused. */
  const open = (allowedHosts: readonly string[] = []) =>
    createBusinessHttp({ allowedHosts, ports: [port], lookup, timeoutMs: 2000 })

  it('reach nothing, whatever the spelling', async (t) => {
    assert.ok(literals.length + Object.keys(pointsTo).length > 60)
    const http = open()
    t.after(() => http.close())
    for (const host of [...literals, ...Object.keys(pointsTo)]) {
      const answer = await http.send(webhook(`https://${host}:${port}/hook`))
      assert.deepEqual(answer, { problem: 'address_forbidden' }, host)
    }
    assert.equal(connections, 0)
    assert.deepEqual(lookups.toSorted(), Object.keys(pointsTo).toSorted(), 'names were looked up once, to connect')
  })

  it('would have been noticed', async () => {
    const unguarded = new Agent({
      connect: {
        timeout: 1000,
        lookup: (name, options, done) => lookup(name, { ...options, all: true }, done),
      },
    })
    const reached = async (host: string): Promise<boolean> => {
      const before = connections
      await request(`https://${host}:${port}/hook`, { dispatcher: unguarded }).catch(() => undefined)
      return connections > before
    }
    for (const host of ['2130706433', '0x7f.1', '①②⑦.⓪.⓪.①', 'loopback.example.com', '127.0.0.1.nip.example.com'])
      assert.ok(await reached(host), host)
    await unguarded.destroy()
    const allowed = open([`127.0.0.1:${port}`])
    const before = connections
    await allowed.send(webhook(`http://127.0.0.1:${port}/`))
    await allowed.close()
    assert.equal(connections, before + 1, 'what the operator allows is called')
  })

  it('are looked up anew for every connection: a name that points elsewhere later is refused then', async (t) => {
    lookups = []
    const reach = { allowedHosts: [], ports: [port] }
    assert.equal(judgeBusinessUrl(`https://loopback.example.com:${port}/`, reach), 'public', 'nobody looked it up yet')
    const http = open()
    t.after(() => http.close())
    const before = connections
    for (let n = 0; n < 3; n++) {
      assert.equal((await http.send(webhook(`https://loopback.example.com:${port}/`))).problem, 'address_forbidden')
    }
    assert.deepEqual([lookups.length, connections - before], [3, 0])
  })

  it('are refused for their scheme, port, credentials, or because they are this server', () => {
    const reach = { allowedHosts: ['hooks.internal'], ownOrigins: () => ['https://verify.example.com', undefined] }
    const problemOf = (url: string) => {
      const verdict = judgeBusinessUrl(url, reach)
      return typeof verdict === 'object' ? verdict.problem : verdict
    }
    for (const url of [
      'http://shop.example.com/',
      'ftp://shop.example.com/',
      'file:///etc/passwd',
      'gopher://a.b',
      'x',
      '',
    ])
      assert.match(problemOf(url) ?? '', /^must be an https URL .*CENTANG_WEBHOOK_HOSTS/, url)
    for (const port of [22, 25, 80, 5432, 6379, 8080])
      assert.match(
        problemOf(`https://shop.example.com:${port}/`) ?? '',
        /^must use port 443 or 8443 .*CENTANG_WEBHOOK_HOSTS/,
        String(port),
      )
    for (const url of [
      'https://user:pass@shop.example.com/',
      'https://user@shop.example.com/',
      'https://:p@hooks.internal/',
    ])
      assert.equal(problemOf(url), 'must not carry credentials', url)
    assert.equal(problemOf('https://verify.example.com/simulator/sms/send'), 'must not be this server')
    for (const url of [
      'https://shop.example.com/hook',
      'https://shop.example.com:443',
      'https://shop.example.com:8443/',
      'https://8.8.8.8/',
    ])
      assert.equal(problemOf(url), 'public', url)
    // The dot of the root makes no other host of one.
    assert.equal(problemOf('https://verify.example.com./simulator/sms/send'), 'must not be this server')
    for (const url of [
      'https://localhost./',
      'https://x.internal./',
      'https://127.0.0.1./',
      'https://10.0.0.1../',
      'https://a.local../',
    ])
      assert.match(problemOf(url) ?? '', /^must be at a public address .*CENTANG_WEBHOOK_HOSTS/, url)
    for (const url of [
      'http://hooks.internal./',
      'https://hooks.internal.:9000/',
      'http://hooks.internal/',
      'https://hooks.internal:9000/',
    ])
      assert.equal(problemOf(url), 'named', url)
  })

  it('are refused when the endpoint is made or changed, and the server never calls itself', async (t) => {
    const server = await startTestServer({ CENTANG_WEBHOOK_HOSTS: '127.0.0.1' })
    t.after(() => server.stop())
    const own = new URL(server.url).port
    const { body } = await server.call('POST', '/v1/businesses', { name: 'S' }, bearer(operatorKey))
    const as = bearer(body.api_key)
    const events = ['verification.*']
    for (const url of ['https://10.0.0.1/', 'http://shop.example.com/', `http://127.0.0.1:${own}/simulator/sms/send`]) {
      const refused = await server.call('POST', '/v1/webhook_endpoints', { url, events }, as)
      assert.deepEqual([refused.status, refused.body.errors?.[0].path], [400, 'body/url'], url)
      assert.ok(!JSON.stringify(refused.body).includes(url), 'without repeating it')
    }
    // One whose name is found to be private only later shows it in its deliveries.
    const made = await server.call('POST', '/v1/webhook_endpoints', { url: 'https://shop.example.com/', events }, as)
    const path = `/v1/webhook_endpoints/${made.body.id}`
    assert.equal((await server.call('PATCH', path, { url: 'https://192.168.0.1/' }, as)).status, 400)
    assert.equal((await server.call('GET', path, undefined, as)).body.url, 'https://shop.example.com/')
    await server.database.query(`update webhook_endpoint set url = 'https://169.254.169.254/latest/meta-data'`)
    await server.call('POST', '/v1/verifications', { to: freshNumber() }, as)
    const found = await eventually(async () => {
      const { data } = (await server.call('GET', `${path}/deliveries`, undefined, as)).body
      return data.find((one: { send_count: number }) => one.send_count === 1)
    })
    assert.deepEqual([found.problem, found.response_status, found.status], ['address_forbidden', null, 'pending'])
    assert.ok(Date.parse(found.next_send_at) > 0)
  })
})
