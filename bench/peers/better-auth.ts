import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { phoneNumber } from 'better-auth/plugins'
import pg from 'pg'

/**
 * better-auth's phoneNumber plugin in its fastest sensible set-up: its own functions called straight from node:http
 * without its router, `consumePhoneNumberOTP`, which verifies and neither makes a user nor a session, no rate limit, no
 * log, and a pool of tuned size. It asks for no API key. The OTP is handed to the provider that ours is handed to, in the
 * way its documentation does it, and not waited for; without a PROVIDER_PORT it is sent nowhere.
 */
const { DATABASE_URL: connectionString, POOL_SIZE = '8', PROVIDER_PORT: providerPort } = process.env

/** The code is for the load generator, which learns it from a header. */
const codes = new Map<string, string>()

const auth = betterAuth({
  database: new pg.Pool({ connectionString, max: Number(POOL_SIZE) }),
  baseURL: 'http://127.0.0.1',
  secret: 'only-for-the-benchmark-0123456789abcdef',
  logger: { disabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [
    phoneNumber({
      sendOTP: ({ phoneNumber: recipient, code }) => {
        codes.set(recipient, code)
        if (providerPort !== undefined) void send(recipient, code)
      },
    }),
  ],
})

async function send(to: string, code: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${providerPort}/sms/send`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
    body: JSON.stringify({ to, from: 'Bench', text: `${code} is your code.` }),
  })
  await answer.text()
}

const { runMigrations } = await getMigrations(auth.options)
await runMigrations()

async function answer(path: string, text: string): Promise<{ body: object; code?: string | undefined }> {
  const body = JSON.parse(text) as { phoneNumber: string; code: string }
  if (path === '/verify') return { body: await auth.api.consumePhoneNumberOTP({ body }) }
  const sent = await auth.api.sendPhoneNumberOTP({ body })
  const code = codes.get(body.phoneNumber)
  codes.delete(body.phoneNumber)
  return { body: sent, code }
}

const server = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8')
  request.on('data', (part: string) => (text += part))
  request.on('end', () => {
    answer(request.url ?? '', text).then(
      ({ body, code }) => {
        const json = JSON.stringify(body)
        response.writeHead(200, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(json),
          ...(code !== undefined && { 'x-code': code }),
        })
        response.end(json)
      },
      (error: unknown) => {
        const detail = (error as Error).message
        response.writeHead(500, { 'content-length': Buffer.byteLength(detail) })
        response.end(detail)
      },
    )
  })
})
server.keepAliveTimeout = 0

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
for (const end of ['SIGTERM', 'disconnect']) process.on(end, () => process.exit(0))
