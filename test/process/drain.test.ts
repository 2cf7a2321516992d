import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { after, describe, it } from 'node:test'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { freePort, type ServerProcess, spawnServer } from '../kit/processes.ts'
import { eventually } from '../kit/api.ts'

const demoKey = 'ck_test_of_the_drain_test'

interface Answer {
  readonly status: number
  readonly type: string | undefined
  readonly retryAfter: string | undefined
  readonly body: any
}

describe('a server that is told to stop', { concurrency: true }, () => {
  const databases: TestDatabase[] = []
  const servers: ServerProcess[] = []
  after(async () => {
    for (const { child } of servers) child.kill('SIGKILL')
    for (const database of databases) await database.drop()
  })

  async function startServer(drainSeconds: number): Promise<ServerProcess> {
    const database = await freshDatabase()
    databases.push(database)
    const server = spawnServer(await freePort(), {
      DATABASE_URL: database.url,
      CENTANG_MASTER_KEY: randomBytes(32).toString('base64'),
      CENTANG_DEMO_KEY: demoKey,
      CENTANG_SIMULATOR: 'on',
      // Neighbours that nobody checks are just what it refuses.
      CENTANG_GUARD: 'off',
      CENTANG_DRAIN_SECONDS: String(drainSeconds),
    })
    servers.push(server)
    await server.ready
    return server
  }

  const ask = (url: string, path: string, options: { agent?: Agent; method?: string; body?: string } = {}) =>
    new Promise<Answer>((done, fail) => {
      const { body, ...rest } = options
      const headers = { authorization: `Bearer ${demoKey}`, ...(body && { 'content-type': 'application/json' }) }
      const asked = request(url + path, { ...rest, headers }, async (answer) => {
        let text = ''
        for await (const chunk of answer) text += String(chunk)
        const { 'content-type': type, 'retry-after': retryAfter } = answer.headers
        done({ status: answer.statusCode ?? 0, type, retryAfter, body: /json/.test(type ?? '') && JSON.parse(text) })
      })
      asked.on('error', fail)
      asked.end(body)
    })

  it('says that it is not ready, serves what still comes until the end, and leaves with 0', async () => {
    const server = await startServer(4)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const first = await ask(server.url, '/readyz', { agent })
    assert.deepEqual([first.status, first.body.ready], [200, true])
    const stream = await fetch(`${server.url}/v1/events/stream`, { headers: { authorization: `Bearer ${demoKey}` } })
    const streamEnded = stream.text()

    server.child.kill('SIGTERM')
    const draining = await eventually(async () => {
      const answer = await ask(server.url, '/readyz')
      return answer.status === 503 && answer
    })
    assert.deepEqual([draining.body.ready, draining.body.checks.server], [false, 'draining'])
    assert.equal((await ask(server.url, '/livez')).status, 200)

    // On one connection that is kept alive, until the server closes it: every answer is whole.
    const answers: Answer[] = []
    for (;;) {
      const body = JSON.stringify({ to: `+62812${String(10_000_000 + answers.length)}` })
      const answer = await ask(server.url, '/v1/verifications', { agent, method: 'POST', body }).catch(() => undefined)
      if (!answer) break
      answers.push(answer)
    }
    assert.ok(answers.length > 0, `${answers.length} were answered while it drained`)
    for (const answer of answers) {
      if (answer.status === 201) continue
      assert.deepEqual([answer.status, answer.type, answer.body.code], [503, 'application/problem+json', 'busy'])
      assert.ok(Number(answer.retryAfter) > 0)
    }
    assert.equal(await server.exited, 0)
    await streamEnded
    agent.destroy()
  })

  it('answers a request that comes on an open connection while it closes', async () => {
    const server = await startServer(0)
    const { port, hostname } = new URL(server.url)
    const head = `GET /v1/verifications HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${demoKey}\r\n`
    const socket = connect(Number(port), hostname)
    let text = ''
    socket.on('data', (chunk) => (text += String(chunk))).on('error', () => undefined)
    // The server is in the middle of a request when it is told, so the connection is not idle.
    socket.write(head)
    await new Promise((done) => setTimeout(done, 300))
    server.child.kill('SIGTERM')
    await eventually(async () => (await fetch(`${server.url}/livez`).catch(() => 'closed')) === 'closed')
    socket.write('\r\n')
    await eventually(async () => text.includes('\r\n\r\n'))
    assert.match(text, /^HTTP\/1\.1 (200 OK|503 .*\r\n(.*\r\n)*content-type: application\/problem\+json)/i)
    assert.match(text, /^connection: close/im)
    assert.equal(await server.exited, 0)
  })

  it('does not wait for a connection that nothing was asked on', async () => {
    const server = await startServer(0)
    const { port, hostname } = new URL(server.url)
    // As a browser does that connects ahead.
    const socket = connect(Number(port), hostname).on('error', () => undefined)
    await new Promise((done) => socket.once('connect', done))
    await ask(server.url, '/livez')
    const from = performance.now()
    server.child.kill('SIGTERM')
    assert.equal(await server.exited, 0)
    assert.ok(performance.now() - from < 9000)
    socket.destroy()
  })

  it('does not wait for ever for a client that never finishes', async () => {
    const server = await startServer(0)
    const { port, hostname } = new URL(server.url)
    const socket = connect(Number(port), hostname).on('error', () => undefined)
    socket.write('POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{')
    await new Promise((done) => setTimeout(done, 300))
    const from = performance.now()
    server.child.kill('SIGTERM')
    assert.equal(await server.exited, 0)
    assert.ok(performance.now() - from < 15_000)
    socket.destroy()
  })
})
