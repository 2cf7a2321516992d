import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import twilio from 'twilio'
import { bearer, codeOn, freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { startTestServer } from '../kit/server.ts'
import { twilioTenant, type TwilioTenant } from './twilio-tenant.ts'

let server: SharedServer
let tenant: TwilioTenant

before(async () => {
  server = await sharedServer()
  tenant = await twilioTenant(server)
})
after(() => server.stop())

const list = async () => (await tenant.get('/v2/Templates')).body.templates as { sid: string; friendly_name: string }[]
const start = (form: Record<string, string>, path = tenant.base) =>
  tenant.post(`${path}/Verifications`, { To: freshNumber(), Channel: 'whatsapp', ...form })

test('the list has the approved template that codes of the application go by, in its languages', async () => {
  const { body } = await tenant.get('/v2/Templates')
  assert.deepEqual(
    body.templates.map((one: { friendly_name: string }) => one.friendly_name),
    ['login_code_5m'],
  )
  const [only] = body.templates
  assert.match(only.sid, /^HJ[0-9a-f]{32}$/)
  assert.deepEqual([only.account_sid, only.channels], [tenant.account, ['whatsapp']])
  assert.deepEqual(Object.keys(only.translations).toSorted(), ['en-US', 'es', 'id', 'pt-BR'])
  assert.equal(only.translations['pt-BR'].status, 'approved')
  assert.equal((await list())[0]?.sid, only.sid, 'the same each time')
  assert.equal((await tenant.get('/v2/Templates?FriendlyName=login_code_5m')).body.templates.length, 1)
  assert.equal((await tenant.get('/v2/Templates?FriendlyName=other')).body.templates.length, 0)
  const client = twilio(tenant.account, tenant.key)
  client.verify.baseUrl = server.url
  assert.equal((await client.verify.v2.templates.list())[0]?.sid, only.sid)
})

test('a start that names it goes by it, and one that names another is refused', async () => {
  const [{ sid: TemplateSid } = { sid: '' }] = await list()
  const To = freshNumber()
  const more = { TemplateSid, TemplateCustomSubstitutions: '[]' }
  assert.equal((await start({ To, ...more })).status, 201)
  await codeOn(server, To)
  const { body } = await server.simulate('GET', `/handsets/${To}/messages`)
  assert.equal(body.messages[0].channel, 'whatsapp')
  assert.equal((await start({ Channel: 'auto', ...more })).status, 201)
  assert.equal((await start({ Channel: 'sms', ...more })).body.code, 60204)
  assert.equal((await start({ TemplateSid: `HJ${'0'.repeat(32)}` })).body.code, 60228)
  assert.equal((await start({ TemplateSid: 'HJ1' })).body.code, 60228)
  const variables = { ...more, TemplateCustomSubstitutions: '{"name": "Budi"}' }
  assert.deepEqual((await start(variables)).body.code, 60200)
})

test('codes that live longer go by another template, of another service too', async () => {
  const [{ sid: five } = { sid: '' }] = await list()
  const { sid } = (await tenant.post('/v2/Services', { FriendlyName: 'Slow' })).body
  const change = { policy: { expires_in_seconds: 600 } }
  await server.call('PATCH', `/v1/applications/app_${sid.slice(2)}`, change, bearer(tenant.key))
  const both = await list()
  assert.deepEqual(both.map((one) => one.friendly_name).toSorted(), ['login_code_10m', 'login_code_5m'])
  const ten = both.find((one) => one.friendly_name === 'login_code_10m')?.sid as string
  const slow = `/v2/Services/${sid}`
  assert.equal((await start({ TemplateSid: ten }, slow)).status, 201)
  assert.equal((await start({ TemplateSid: five }, slow)).body.code, 60228)
  assert.equal((await start({ TemplateSid: ten })).body.code, 60228)
})

test('what is no longer at the vendor is not there', async () => {
  const own = await startTestServer()
  try {
    const account = (await own.simulate('GET', '/meta')).body
    const graph = `/meta/${account.version}/${account.waba_id}/message_templates`
    const ask = (method: string, path: string) =>
      fetch(`${own.url}/simulator${path}`, { method, headers: bearer(account.access_token) })
    assert.equal((await ask('DELETE', `${graph}?name=login_code_5m`)).status, 200)
    const [application] = (await own.call('GET', '/v1/applications')).body.data
    const names = (await own.call('GET', `/v1/applications/${application.id}/credentials`)).body.twilio
    const authorization = `Basic ${Buffer.from(`${names.account_sid}:${own.key}`).toString('base64')}`
    const { body } = await own.call('GET', '/v2/Templates', undefined, { authorization })
    assert.deepEqual(body.templates, [])
  } finally {
    await own.stop()
  }
})
