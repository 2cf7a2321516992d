import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort, temporaryFolder } from '../kit/processes.ts'
import { eventually, freshNumber } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'

const main = fileURLToPath(new URL('../../simulator/main.ts', import.meta.url))

/** `npm run simulator` beside a server that was told where it is. */
describe('a simulator in a process of its own', () => {
  const folder = temporaryFolder()
  let port: number
  let url: string
  let simulator: ChildProcess
  let server: TestServer
  before(async () => {
    port = await freePort()
    url = `http://127.0.0.1:${port}/simulator`
    await start()
    server = await startTestServer({ CENTANG_SIMULATOR_URL: url })
  })
  after(async () => {
    await server.stop()
    await end()
    rmSync(folder, { recursive: true })
  })

  async function start(): Promise<void> {
    const { PATH = '' } = process.env
    const env = { PATH, PORT: String(port), CENTANG_DATA_DIR: folder }
    simulator = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'inherit'] })
    await eventually(async () => (await fetch(`${url}/clock`).catch(() => undefined))?.ok)
  }
  async function end(): Promise<void> {
    const exited = new Promise((done) => simulator.once('exit', done))
    simulator.kill('SIGKILL')
    await exited
  }
  async function verify(): Promise<{ channel: string; status: string }[]> {
    const to = freshNumber()
    const { body: started } = await server.call('POST', '/v1/verifications', { to })
    const code = await eventually(async () => {
      const { messages } = (await (await fetch(`${url}/handsets/${to}/messages`)).json()) as any
      return messages.at(-1)?.code as string | undefined
    })
    const checked = await server.call('POST', `/v1/verifications/${started.id}/check`, { code })
    assert.equal(checked.body.valid, true)
    return eventually(async () => {
      const { deliveries } = (await server.call('GET', `/v1/verifications/${started.id}`)).body
      return deliveries[0].status === 'delivered' && deliveries
    })
  }

  it('serves a server that goes on while it ends and comes back', async () => {
    const before = await verify()
    assert.deepEqual(
      before.map(({ channel }) => channel),
      ['whatsapp'],
    )
    await end()
    await start()
    const after = await verify()
    assert.deepEqual(
      after.map(({ channel }) => channel),
      ['whatsapp'],
      'its templates and the webhook URL are still there',
    )
  })
})
