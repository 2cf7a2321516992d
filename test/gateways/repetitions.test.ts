import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { codesOn, freshCode } from './arrivals.ts'
import { type AuthServers, connectAuthServers, payloads, type SystemName } from './auth-servers.ts'

/** Seconds for which the same code for the same number is the repetition of a call, for those that send no id. */
const repeatedWithinSeconds = {
  // Somebody who asks again may be given the same code.
  auth0: 30,
  // Test messages all have one code.
  logto: 30,
  // As its payload says: five minutes.
  kratos: 300,
  keycloak: 3600,
  zitadel: 3600,
} as const satisfies Partial<Record<SystemName, number>>

describe('the same code for the same number', { concurrency: true }, () => {
  let server: SharedServer
  let authServers: AuthServers
  before(async () => {
    server = await sharedServer()
    authServers = await connectAuthServers(server)
  })
  after(() => server.stop())

  async function post(system: SystemName, payload: unknown): Promise<string> {
    const text = JSON.stringify(payload)
    const answer = await server.call('POST', authServers.path(system), text, authServers.proof(system, text))
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body.id
  }

  /** As if all that was started for a number had been started so much earlier. Nothing else looks at when it was. */
  const letPass = (to: string, seconds: number): Promise<unknown> =>
    server.database.query(
      `update verification set created_at = created_at - make_interval(secs => $1) where recipient = $2`,
      [seconds, to],
    )

  for (const [system, seconds] of Object.entries(repeatedWithinSeconds)) {
    const name = system as keyof typeof repeatedWithinSeconds
    it(`is a repetition of ${name} for ${seconds} seconds after the first call, and then another message`, async () => {
      const [to, code] = [freshNumber(), freshCode()]
      const call = () => post(name, payloads[name](to, code))
      const first = await call()
      await letPass(to, seconds - 10)
      assert.equal(await call(), first)
      assert.deepEqual(await codesOn(server, to), [code])
      await letPass(to, 11)
      const second = await call()
      assert.notEqual(second, first)
      assert.equal(await call(), second)
      assert.deepEqual(await codesOn(server, to, 2), [code, code])
      await letPass(to, seconds)
      assert.ok(![first, second].includes(await call()), 'and a third')
      assert.deepEqual(await codesOn(server, to, 3), [code, code, code])
    })
  }

  it('is one message, however many calls come in the same moment', async () => {
    const [to, code] = [freshNumber(), freshCode()]
    const ids = await Promise.all(Array.from({ length: 6 }, () => post('logto', payloads.logto(to, code))))
    assert.equal(new Set(ids).size, 1)
    assert.deepEqual(await codesOn(server, to), [code])
  })

  it('is a repetition for a day where the auth server has ids', async () => {
    const [to, code] = [freshNumber(), freshCode()]
    const payload = payloads.supabase(to, code)
    const first = await post('supabase', payload)
    await letPass(to, 23 * 3600)
    assert.equal(await post('supabase', payload), first)
    assert.deepEqual(await codesOn(server, to), [code])
  })

  it('is a repetition for a minute at least, whatever Kratos says of its lifetime', async () => {
    const [to, code] = [freshNumber(), freshCode()]
    const kratos = payloads.kratos(to, code)
    const payload = { ...kratos, template_data: { ...kratos.template_data, expires_in_minutes: 0 } }
    const first = await post('kratos', payload)
    await letPass(to, 50)
    assert.equal(await post('kratos', payload), first)
  })
})
