import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { freePort, type ServerProcess, spawnServer, stopServer } from '../kit/processes.ts'
import { eventually, freshNumber } from '../kit/api.ts'
import { accepts, type Receiver, startReceiver } from '../webhooks/receiver.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

describe('webhooks of a server that is a process', () => {
  const key = 'ck_test_webhooks_of_processes'
  let database: TestDatabase
  let receiver: Receiver
  let hostOfGuide: number
  const servers: ServerProcess[] = []
  before(async () => {
    database = await freshDatabase()
    receiver = await startReceiver()
    hostOfGuide = await freePort()
  })
  after(async () => {
    await Promise.all(servers.filter(({ child }) => child.exitCode === null && !child.killed).map(stopServer))
    await receiver.close()
    await database.drop()
  })

  const masterKey = randomBytes(32).toString('base64')
  const startServer = async (): Promise<ServerProcess> => {
    const server = spawnServer(await freePort(), {
      DATABASE_URL: database.url,
      CENTANG_MASTER_KEY: masterKey,
      CENTANG_DEMO_KEY: key,
      CENTANG_SIMULATOR: 'on',
      CENTANG_WEBHOOK_HOSTS: `${receiver.host},127.0.0.1:${hostOfGuide}`,
    })
    servers.push(server)
    await server.ready
    return server
  }
  const call = async (server: ServerProcess, method: string, path: string, body?: unknown) => {
    const answer = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return JSON.parse((await answer.text()) || '{}')
  }

  it('come again with the same id after kill -9 between sending and writing it down', async () => {
    const first = await startServer()
    const { id, secret } = await call(first, 'POST', '/v1/webhook_endpoints', {
      url: receiver.url,
      events: ['verification.started'],
    })
    receiver.answer = async () => {
      first.child.kill('SIGKILL')
      await first.exited
      return { status: 204 }
    }
    await call(first, 'POST', '/v1/verifications', { to: freshNumber() })
    await first.exited
    receiver.answer = () => ({ status: 204 })
    const rows = await database.query<{ status: string; send_count: number }>('select * from webhook_delivery')
    assert.deepEqual(
      rows.map(({ status, send_count }) => [status, send_count]),
      [['pending', 0]],
      'it was received, and nobody knows',
    )
    const second = await startServer()
    // The lease would be over in 20 seconds.
    await database.query('update webhook_delivery set due_at = now()')
    const [before, again] = await eventually(async () => receiver.received.length === 2 && receiver.received)
    assert.ok(before && again && accepts(secret, again))
    assert.equal(again.id, before.id)
    assert.equal(again.text, before.text)
    const { data } = await eventually(async () => {
      const page = await call(second, 'GET', `/v1/webhook_endpoints/${id}/deliveries`)
      return page.data[0].status === 'delivered' && page
    })
    assert.deepEqual([data.length, data[0].id, data[0].send_count], [1, again.id, 1])
  })

  it('are taken by the receiver of the guide, word for word', async () => {
    const server = servers.at(-1) as ServerProcess
    const guide = readFileSync(`${root}docs/guides/webhooks.md`, 'utf8')
    const code = (/```js\n([^]+?)```/.exec(guide) as RegExpExecArray)[1] as string
    const { id, secret } = await call(server, 'POST', '/v1/webhook_endpoints', {
      url: `http://127.0.0.1:${hostOfGuide}/hooks/centang`,
      events: ['verification.started'],
    })
    const words = ['--input-type=module', '-e', code.replace('4000', String(hostOfGuide))]
    const child = spawn(process.execPath, words, { cwd: root, env: { CENTANG_WEBHOOK_SECRET: secret } })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    try {
      const ask = () => fetch(`http://127.0.0.1:${hostOfGuide}`, { method: 'POST' }).catch(() => undefined)
      await eventually(async () => (await ask())?.status === 400)
      const { id: verificationId } = await call(server, 'POST', '/v1/verifications', { to: freshNumber() })
      await eventually(async () => output.includes(verificationId))
      const { data } = await eventually(async () => {
        const page = await call(server, 'GET', `/v1/webhook_endpoints/${id}/deliveries`)
        return page.data[0].status === 'delivered' && page
      })
      assert.equal(output.trim(), `${data[0].id} verification.started ${verificationId}`)
    } finally {
      child.kill()
    }
  })
})
