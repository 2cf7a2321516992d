import fastify from 'fastify'
import { createSimulator } from './simulator.ts'

const {
  PORT = '3001',
  HOST = '127.0.0.1',
  CENTANG_SIMULATOR_CALLBACK_URL: callbackUrl,
  CENTANG_SIMULATOR_SMS_CALLBACK_URL: smsCallbackUrl,
} = process.env

const unlimited = { pair: false, perSecond: 1e9 }
const simulator = createSimulator({
  callbackUrl,
  smsCallbackUrl,
  ...(process.env['CENTANG_SIMULATOR_LIMITS'] === 'off' && { limits: unlimited }),
})
const app = fastify({ forceCloseConnections: true })
await app.register(simulator.plugin, { prefix: '/simulator' })
const address = await app.listen({ port: Number(PORT), host: HOST })
process.stdout.write(`The simulated world is at ${address}/simulator (phone: ${address}/simulator/phone)\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void app.close().then(() => simulator.close())
  })
}
