import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { freshNumber } from '../kit/api.ts'
import { addKey } from '../kit/keys.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

describe('a key at Twilio’s door', () => {
  let server: SharedServer
  let account: string
  let service: string
  let otherService: string
  before(async () => {
    server = await sharedServer()
    const path = `/v1/applications/${server.business.application}/credentials`
    const { twilio } = (await server.call('GET', path)).body
    account = twilio.account_sid
    service = twilio.service_sid
    otherService = (await twilioAs(server.key, 'POST', '/Services', { FriendlyName: 'Other' })).body.sid
  })
  after(() => server.stop())

  const twilioAs = (key: string, method: string, path: string, form?: Record<string, string>) =>
    server.call(method, `/v2${path}`, form && new URLSearchParams(form).toString(), {
      authorization: `Basic ${Buffer.from(`${account}:${key}`).toString('base64')}`,
      ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
    })
  const startIn = (key: string, sid: string) =>
    twilioAs(key, 'POST', `/Services/${sid}/Verifications`, { To: freshNumber(), Channel: 'sms' })

  it('approves by its word in its own service only', async () => {
    const approve = (key: string, sid: string, verification: string) =>
      twilioAs(key, 'POST', `/Services/${sid}/Verifications/${verification}`, { Status: 'approved' })
    const own = (await startIn(server.key, service)).body
    const others = (await startIn(server.key, otherService)).body
    const refused = await approve(server.key, otherService, others.sid)
    assert.deepEqual([refused.status, refused.body.code], [403, 60204])
    assert.equal(
      (await twilioAs(server.key, 'GET', `/Services/${otherService}/Verifications/${others.sid}`)).body.status,
      'pending',
    )
    assert.equal((await approve(server.key, service, own.sid)).body.status, 'approved')
    // A key of that service says it.
    const application = `app_${otherService.slice(2)}`
    const made = await server.call('POST', '/v1/api_keys', { application_id: application, scopes: ['verify'] })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    assert.equal((await approve(made.body.key, otherService, others.sid)).body.status, 'approved')
  })

  it('of scope `verify` reaches no other service of the account', async () => {
    const key = await addKey(server, server.business.application, false, { scopes: ['verify'] })
    assert.equal((await startIn(key, service)).status, 201)
    assert.equal((await startIn(key, otherService)).status, 403)
    assert.equal((await startIn(server.key, otherService)).status, 201)
  })

  it('of test reads no safe number of the live world', async () => {
    const live = await addKey(server, server.business.application, true)
    const number = freshNumber()
    assert.equal((await twilioAs(live, 'POST', '/SafeList/Numbers', { PhoneNumber: number })).status, 201)
    assert.equal((await twilioAs(server.key, 'GET', `/SafeList/Numbers/${number}`)).status, 404)
    assert.equal((await twilioAs(live, 'GET', `/SafeList/Numbers/${number}`)).status, 200)
  })
})
