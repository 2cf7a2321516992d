import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { bearer, eventually, freshNumber, operatorKey } from '../kit/api.ts'
import { addKey } from '../kit/keys.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'
import { sharedServer } from '../kit/shared.ts'

/** A line to a server, with what came back on it. */
interface Line {
  readonly socket: Socket
  readonly answer: () => string
  readonly isOpen: () => boolean
}

function open(url: string, text = ''): Line {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let answer = ''
  let isOpen = true
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
  socket.on('close', () => (isOpen = false))
  if (text !== '') socket.write(text)
  return { socket, answer: () => answer, isOpen: () => isOpen }
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
const half = (path: string, length: number): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n{"half`

describe('a callback', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.stop())

  it('for a sender that nobody has is refused before its body comes', async () => {
    const line = open(server.url, half('/webhooks/snd_01890a5d8f7b7c3e9d2a4b6c8e0f1a2b', 2_000_000))
    await eventually(async () => line.answer().startsWith('HTTP/1.1 404'), 1000)
    line.socket.destroy()
  })

  it('that is too large is refused before it comes', async () => {
    const { body } = await server.call('POST', '/v1/senders', sender)
    const line = open(server.url, half(new URL(body.webhook_url).pathname, 4_000_000))
    await eventually(async () => line.answer().startsWith('HTTP/1.1 413'), 1000)
    line.socket.destroy()
  })

  it('waits when halves of its sender’s take all that one may, and nobody else’s does', async () => {
    const [one, other] = [
      await server.call('POST', '/v1/senders', sender),
      await server.call('POST', '/v1/senders', sender),
    ]
    const path = new URL(one.body.webhook_url).pathname
    const halves = Array.from({ length: 5 }, () => open(server.url, half(path, 3_000_000)))
    const refused = await eventually(async () => {
      const line = open(server.url, half(path, 3_000_000))
      await eventually(async () => line.answer() !== '' || !line.isOpen(), 300).catch(() => undefined)
      line.socket.destroy()
      return line.answer().startsWith('HTTP/1.1 503') && line.answer()
    })
    assert.match(refused, /retry-after: 1/i)
    const large = { body: 'x'.repeat(100_000) }
    // Not signed, and read to its end.
    const ofOther = await server.call('POST', new URL(other.body.webhook_url).pathname, large)
    assert.notEqual(ofOther.status, 503)
    for (const { socket } of halves) socket.destroy()
    await eventually(async () => (await server.call('POST', path, large)).status !== 503)
  })

  const sender = {
    channel: 'sms',
    provider: 'sms-http',
    config: { url: 'https://gateway.example/send', body: { to: '{{to}}', text: '{{text}}' } },
    secrets: { api: 'secret-of-the-gateway', webhook: 'secret-of-the-receipts' },
  }
})

describe('connections', () => {
  it('on which very many requests come in one piece end; a few that are sent ahead are answered', async () => {
    const server = await sharedServer()
    const answers = (line: Line) => line.answer().split('HTTP/1.1 200').length - 1
    // A stream holds up what is behind it: sixteen are under way, for as long as it lasts.
    const stream = `GET /v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.key}\r\n\r\n`
    const few = open(server.url, get('/livez').repeat(16))
    const some = open(server.url, stream + get('/livez').repeat(15))
    const many = open(server.url, get('/livez').repeat(1500))
    try {
      await eventually(async () => answers(few) === 16 && answers(some) === 1)
      await eventually(async () => !many.isOpen())
      assert.ok(answers(many) <= 16, `${answers(many)} answers`)
      assert.ok(some.isOpen())
    } finally {
      for (const { socket } of [few, some, many]) socket.destroy()
      await server.stop()
    }
  })

  it('of one address are so many: another takes the place of an idle one, and is closed when all are busy', async () => {
    const server = await startTestServer({ CENTANG_CONNECTIONS_PER_ADDRESS: '5' })
    try {
      const idle = Array.from({ length: 5 }, () => open(server.url, get('/livez')))
      await eventually(async () => idle.every((line) => line.answer().startsWith('HTTP/1.1 200')))
      const sixth = open(server.url, get('/livez'))
      await eventually(async () => sixth.answer().startsWith('HTTP/1.1 200'))
      await eventually(async () => idle.filter((line) => line.isOpen()).length === 4)
      const streams = Array.from({ length: 5 }, () =>
        open(server.url, `GET /v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.key}\r\n\r\n`),
      )
      await eventually(async () => streams.every((line) => line.answer().startsWith('HTTP/1.1 200')))
      const refused = open(server.url, get('/livez'))
      await eventually(async () => !refused.isOpen())
      assert.equal(refused.answer(), '')
      assert.ok(streams.every((line) => line.isOpen()))
      for (const { socket } of [...idle, sixth, ...streams]) socket.destroy()
    } finally {
      await server.stop()
    }
  })

  it('behind a proxy are not counted, but requests under way, by who is behind it', async () => {
    const server = await startTestServer({
      CENTANG_CONNECTIONS_PER_ADDRESS: '3',
      CENTANG_TRUSTED_PROXY_HOPS: '1',
    })
    try {
      const from = (address: string) =>
        open(
          server.url,
          `GET /v1/events/stream HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${address}\r\nAuthorization: Bearer ${server.key}\r\n\r\n`,
        )
      const streams = ['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.3'].map(from)
      await eventually(async () => streams.every((line) => line.answer().startsWith('HTTP/1.1 200')))
      const refused = from('192.0.2.1')
      await eventually(async () => refused.answer().startsWith('HTTP/1.1 429'))
      assert.match(refused.answer(), /connection_limit_reached/)
      streams[0]?.socket.destroy()
      await eventually(async () => {
        const line = from('192.0.2.1')
        streams.push(line)
        return eventually(async () => line.answer().startsWith('HTTP/1.1 200'), 300).catch(() => false)
      })
      for (const { socket } of streams) socket.destroy()
    } finally {
      await server.stop()
    }
  })
})

describe('what anybody may ask for', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ CENTANG_METRICS_TOKEN_FILE: '' })
  })
  after(() => server.stop())

  it('is the same each time', async () => {
    const [first, again] = [await server.call('GET', '/openapi.json'), await server.call('GET', '/openapi.json')]
    assert.deepEqual(again.body, first.body)
    assert.equal(typeof first.body.openapi, 'string')
  })

  it('is no metric without a token', async () => {
    const { status, body } = await server.call('GET', '/metrics')
    assert.deepEqual([status, body.code], [403, 'metrics_token_missing'])
  })

  it('is nothing of the simulated world: it takes a test key, or the operator’s', async () => {
    const ask = (key: string | undefined, method: string, path: string, scheme = 'Bearer') =>
      fetch(`${server.url}/simulator${path}`, {
        method,
        ...(key !== undefined && {
          headers: {
            authorization: `${scheme} ${scheme === 'Basic' ? Buffer.from(`any:${key}`).toString('base64') : key}`,
          },
        }),
      }).then(({ status }) => status)
    const { body } = await server.call('POST', '/v1/businesses', { name: 'Shop', mode: 'live' }, bearer(operatorKey))
    const reading = await addKey(server, body.application_id, false, { scopes: ['read'] })
    for (const path of [
      '/meta',
      '/messages',
      '/handsets',
      `/handsets/${freshNumber()}/messages`,
      '/stream',
      '/account',
      '/phone',
      '/faults',
    ]) {
      if (path !== '/stream') assert.equal(await ask(server.key, 'GET', path), 200, path)
      assert.equal(await ask(undefined, 'GET', path), 401, path)
      assert.equal(await ask('ck_test_nobody', 'GET', path), 401, path)
      assert.equal(await ask(body.api_key, 'GET', path), 403, `${path} with a live key`)
    }
    assert.equal(await ask(operatorKey, 'GET', '/messages'), 200)
    assert.equal(await ask(server.key, 'GET', '/messages', 'Basic'), 200)
    assert.equal(await ask(reading, 'GET', '/messages'), 200)
    assert.equal(await ask(reading, 'DELETE', '/faults'), 403)
    assert.equal(await ask(server.key, 'DELETE', '/faults'), 204)
  })

  it('makes the simulated world call no address but this server’s', async () => {
    const facts = (await server.simulate('GET', '/meta')).body
    const send = (callback: string) =>
      server.call(
        'POST',
        '/simulator/sms/send',
        { to: freshNumber(), from: 'Shop', text: 'hello', callback_url: callback },
        bearer(facts.sms.token),
      )
    const own = new URL(server.url)
    for (const elsewhere of [
      'http://127.0.0.1:5432/',
      `http://127.0.0.1:${Number(own.port) + 1}/webhooks/x`,
      `${server.url}/v1/businesses`,
      'http://169.254.169.254/latest',
    ])
      assert.equal((await send(elsewhere)).body.error?.code, 'invalid_callback', elsewhere)
    assert.ok((await send(`${server.url}/webhooks/snd_x`)).status < 300)
  })
})
