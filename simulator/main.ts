import fastify from 'fastify'
import { join } from 'node:path'
import { keepAccount } from './meta/kept-account.ts'
import { createSimulator } from './simulator.ts'

const {
  PORT = '3001',
  HOST = '127.0.0.1',
  CENTANG_DATA_DIR: dataFolder = './data',
  CENTANG_SIMULATOR_FILE: file = join(dataFolder, 'simulator.json'),
  CENTANG_SIMULATOR_CALLBACK_URL: callbackUrl,
  CENTANG_SIMULATOR_SMS_CALLBACK_URL: smsCallbackUrl,
  CENTANG_SIMULATOR_CALLBACK_HOSTS: callbackHosts = '',
} = process.env

const unlimited = { pair: false, perSecond: 1e9 }
const simulator = createSimulator({
  callbackUrl,
  smsCallbackUrl,
  callbackHosts: callbackHosts.split(/[\s,]+/).filter(Boolean),
  // Ids must not come again after a restart: servers remember what was sent before it.
  seed: Date.now() % 0xffffffff,
  ...(process.env['CENTANG_SIMULATOR_LIMITS'] === 'off' && { limits: unlimited }),
})
const save = keepAccount(simulator.world.account, file)
save()
const app = fastify({ forceCloseConnections: true })
// Before the answer leaves, so that what was acknowledged is still there after a kill.
app.addHook('onSend', async (request) => {
  if (request.method !== 'GET' && !request.url.endsWith('/messages')) save()
})
await app.register(simulator.plugin, { prefix: '/simulator' })
const address = await app.listen({ port: Number(PORT), host: HOST })
process.stdout.write(`The simulated world is at ${address}/simulator (phone: ${address}/simulator/phone)\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void app.close().then(() => simulator.close())
  })
}
