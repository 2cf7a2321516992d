import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { codesOn, freshCode } from './arrivals.ts'
import { type AuthServers, connectAuthServers, payloads, type SystemName } from './auth-servers.ts'

describe('two sessions with one number at an auth server', { concurrency: true }, () => {
  let server: SharedServer
  let authServers: AuthServers
  before(async () => {
    server = await sharedServer()
    authServers = await connectAuthServers(server)
  })
  after(() => server.stop())

  async function post(system: SystemName, to: string, code: string) {
    const text = JSON.stringify(payloads[system](to, code))
    const answer = await server.call('POST', authServers.path(system), text, authServers.proof(system, text))
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
  }
  const verificationsOf = async (to: string) =>
    (await server.call('GET', `/v1/verifications?to=${encodeURIComponent(to)}`)).body.data as {
      readonly id: string
      readonly status: string
    }[]

  for (const name of Object.keys(payloads) as SystemName[]) {
    it(`of ${name}: each has the code that was made for it, and the older message goes no further`, async () => {
      const to = freshNumber()
      const [theirs, own] = [freshCode(), freshCode()]
      await post(name, to, theirs)
      assert.deepEqual(await codesOn(server, to), [theirs])
      await post(name, to, own)
      assert.deepEqual(await codesOn(server, to, 2), [theirs, own])
      const [newest, older] = await verificationsOf(to)
      assert.deepEqual([newest?.status, older?.status], ['pending', 'canceled'])
      const check = async (id: string | undefined, code: string) =>
        (await server.call('POST', `/v1/verifications/${id}/check`, { code })).body
      assert.equal((await check(newest?.id, theirs)).valid, false, 'a code is of one session')
      assert.equal((await check(older?.id, theirs)).code, 'verification_closed')
    })
  }
})
