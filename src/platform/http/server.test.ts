import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { createLog } from '#platform/log.ts'
import type { Authentication } from './authenticate.ts'
import { createServer } from './server.ts'

describe('an answer', () => {
  const silentMs = 400
  /** More than the kernel holds for a line. */
  const text = 'x'.repeat(30_000_000)
  let app: FastifyInstance
  before(async () => {
    app = createServer({
      log: createLog('silent'),
      logRequests: false,
      trustedProxyHops: 0,
      connectionsMax: 10,
      connectionsPerAddress: 10,
      silentMs,
      isDemo: false,
      publicUrl: () => 'http://x',
      basePath: '',
      authentication: {} as Authentication,
    })
    app.get('/large', async (_request, reply) => reply.type('text/plain').send(text))
    await app.listen({ port: 0, host: '127.0.0.1' })
  })
  after(() => app.close())

  const ask = () => {
    const { port } = app.server.address() as AddressInfo
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write('GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    return socket
  }
  const connectionCount = () => new Promise<number>((done) => app.server.getConnections((_error, count) => done(count)))

  it('that nobody reads ends with its connection', async () => {
    const socket = ask()
    const from = performance.now()
    while ((await connectionCount()) === 0) await new Promise((done) => setTimeout(done, 10))
    while ((await connectionCount()) > 0) await new Promise((done) => setTimeout(done, 20))
    const tookMs = performance.now() - from
    assert.ok(tookMs > silentMs * 0.8 && tookMs < silentMs * 8, `${tookMs} ms`)
    socket.destroy()
  })

  it('that is read slowly arrives', async () => {
    let length = 0
    const socket = ask()
    for await (const chunk of socket) {
      length += (chunk as Buffer).length
      if (length % 7 === 0) await new Promise((done) => setTimeout(done, 5))
    }
    assert.ok(length > text.length, String(length))
  })
})
