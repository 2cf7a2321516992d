import assert from 'node:assert/strict'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { freshDatabase } from '../kit/database.ts'
import { freshNumber } from '../kit/api.ts'
import type { Server as AnyServer } from '../kit/api.ts'
import { startTestServer } from '../kit/server.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { codesOn, freshCode } from './arrivals.ts'
import { type AuthServers, connectAuthServers, payloads, signs, type SystemName, systemNames } from './auth-servers.ts'
import { type RawAnswer, shapes } from './refusal-shapes.ts'

interface Sent {
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly proof?: Record<string, string>
}

const callerOf =
  (server: () => AnyServer, authServers: () => AuthServers) =>
  async (system: SystemName, text: string, { path, headers, proof }: Sent = {}): Promise<RawAnswer> => {
    const answer = await fetch(server().url + (path ?? authServers().path(system)), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(proof ?? authServers().proof(system, text)), ...headers },
      body: text,
    })
    const { status, statusText } = answer
    return { status, statusText, headers: answer.headers, text: await answer.text() }
  }

const textOf = (system: SystemName, to = freshNumber(), code = freshCode()): string =>
  JSON.stringify(payloads[system](to, code))

/** The call with more in it than anybody needs, so that it has this many bytes. */
function longText(system: SystemName, to: string, code: string, bytes: number): string {
  const payload = { ...payloads[system](to, code), more: '' }
  return JSON.stringify({ ...payload, more: 'x'.repeat(bytes - Buffer.byteLength(JSON.stringify(payload))) })
}

/** Without whom it is for, as far as it goes on being a call of that system. */
const withoutNumber: Readonly<Record<SystemName, (code: string) => unknown>> = {
  supabase: (otp) => ({ sms: { otp } }),
  clerk: (otp_code) => ({ type: 'sms.created', data: { data: { otp_code } } }),
  zitadel: (code) => ({ contextInfo: {}, args: { code } }),
  logto: (code) => ({ payload: { code } }),
  kratos: (login_code) => ({ template_data: { login_code } }),
  auth0: (code) => ({ code }),
  keycloak: (code) => ({ body: `Code ${code}.` }),
}

describe('a call that is refused is answered as its auth server reads it', { concurrency: true }, () => {
  let server: SharedServer
  let authServers: AuthServers
  before(async () => {
    server = await sharedServer()
    authServers = await connectAuthServers(server)
  })
  after(() => server.stop())
  const post = callerOf(
    () => server,
    () => authServers,
  )

  for (const system of systemNames) {
    describe(system, { concurrency: true }, () => {
      const shape = shapes[system]

      it('when it does not prove itself', async () => {
        const text = textOf(system)
        if (signs(system)) {
          const other = authServers.proof(system, text, 'whsec_bm90IHRoZSBzZWNyZXQgb2YgaXQ')
          for (const proof of [{}, other, authServers.proof(system, `${text} `)])
            shape(await post(system, text, { proof }), 'webhook_signature_invalid')
        } else {
          shape(await post(system, text, { proof: {} }), 'credentials_missing')
          for (const authorization of ['Bearer ck_test_wrong0000', 'Basic e', 'Digest x y', `Bearer ${server.key}x`])
            shape(await post(system, text, { proof: { authorization } }), 'credentials_invalid')
        }
      })

      if (signs(system)) {
        it('when there is no such gateway', async () => {
          const base = `/v1/gateway/${system}`
          const another = authServers.path(system === 'clerk' ? 'zitadel' : 'clerk').replace(/^.*\//, '')
          for (const path of [base, `${base}/x`, `${base}/gwy_${'0'.repeat(32)}`, `${base}/${another}`])
            shape(await post(system, textOf(system), { path }), 'resource_not_found')
        })
      }

      it('when it is no JSON, or not said to be', async () => {
        const text = textOf(system)
        shape(await post(system, text.slice(0, -1)), 'body_invalid')
        // Of Clerk, nothing at all is an event that is none of ours.
        if (system !== 'clerk') shape(await post(system, ''), 'body_invalid')
        for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/xml'])
          shape(await post(system, text, { headers: { 'content-type': type } }), 'content_type_unsupported')
      })

      it('when something is missing in it, without a word of what was there', async () => {
        const code = freshCode()
        const answer = await post(system, JSON.stringify(withoutNumber[system](code)))
        shape(answer, 'body_invalid')
        assert.ok(!answer.text.includes(code))
      })

      it('when it is larger than 64 kB, and not when it is a little less', async () => {
        const [to, code] = [freshNumber(), freshCode()]
        for (const bytes of [64 * 1024 + 1, 1_000_000])
          shape(await post(system, longText(system, to, code, bytes)), 'payload_too_large')
        assert.equal((await post(system, longText(system, to, code, 64 * 1024))).status, 200)
        assert.deepEqual(await codesOn(server, to), [code])
      })

      it('when nobody can be reached there', async () => {
        shape(await post(system, textOf(system, '+12345')), 'recipient_invalid')
        shape(await post(system, textOf(system, '+449098790000')), 'recipient_not_allowed')
      })

      it('when there were too many codes', async () => {
        const to = freshNumber()
        for (let count = 0; count < 5; count++) assert.equal((await post(system, textOf(system, to))).status, 200)
        const answer = await post(system, textOf(system, to))
        shape(answer, 'send_limit_reached')
        assert.ok(!answer.text.includes(to.slice(1)))
      })
    })
  }
})

/** The way to the database, which can be cut. */
async function startCable(databaseUrl: string): Promise<{ readonly url: string; cut(): Promise<void> }> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)))
    return socket
  }
  const cable: Server = createServer((near) => {
    const far = keep(connect(Number(target.port || 5432), target.hostname))
    keep(near).pipe(far).pipe(near)
  })
  await new Promise<void>((done) => cable.listen(0, '127.0.0.1', done))
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((cable.address() as { port: number }).port)
  return {
    url: url.href,
    async cut() {
      const closed = new Promise((done) => cable.close(done))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

describe('while the database is away', { concurrency: true }, () => {
  it('every auth server is told so, in its way, and to come again where it can', async () => {
    const database = await freshDatabase()
    const cable = await startCable(database.url)
    const server = await startTestServer({ DATABASE_URL: cable.url })
    try {
      const authServers = await connectAuthServers(server)
      const post = callerOf(
        () => server,
        () => authServers,
      )
      for (const system of systemNames) assert.equal((await post(system, textOf(system))).status, 200, system)
      await cable.cut()
      for (const system of systemNames) {
        // Known already, so that it is the start that fails; and one that has to be looked for.
        shapes[system](await post(system, textOf(system)), 'database_unavailable')
        const unknown = signs(system)
          ? { path: `/v1/gateway/${system}/gwy_${'1'.repeat(32)}` }
          : { proof: { authorization: `Bearer ${server.key}` } }
        shapes[system](await post(system, textOf(system), unknown), 'database_unavailable')
      }
    } finally {
      await server.stop()
      await database.drop()
    }
  })
})
