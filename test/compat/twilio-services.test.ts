import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { generateKeyPairSync } from 'node:crypto'
import { bearer, codeOn, eventually, freshNumber } from '../kit/api.ts'
import { addKey } from '../kit/keys.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { twilioTenant, type TwilioTenant } from './twilio-tenant.ts'

let server: SharedServer
let tenant: TwilioTenant

before(async () => {
  server = await sharedServer()
  tenant = await twilioTenant(server)
})
after(() => server.stop())

const make = async (form: Record<string, string> = {}): Promise<{ sid: string; path: string; body: any }> => {
  const { status, body } = await tenant.post('/v2/Services', { FriendlyName: 'Toko', ...form })
  assert.equal(status, 201, JSON.stringify(body))
  return { sid: body.sid, path: `/v2/Services/${body.sid}`, body }
}

test('a code of the caller’s own needs CustomCodeEnabled, which is off until it is set', async () => {
  const { path, body } = await make()
  assert.equal(body.custom_code_enabled, false)
  const start = () => tenant.post(`${path}/Verifications`, { To: freshNumber(), Channel: 'sms', CustomCode: '907856' })
  const refused = await start()
  assert.deepEqual([refused.status, refused.body.code], [403, 60204])
  assert.equal((await tenant.post(path, { CustomCodeEnabled: 'true' })).body.custom_code_enabled, true)
  assert.equal((await start()).status, 201)
  assert.equal((await tenant.get(path)).body.custom_code_enabled, true)
  const renamed = await tenant.post(path, { FriendlyName: 'Other' })
  assert.equal(renamed.body.custom_code_enabled, true, 'what is not given stays')
  assert.equal((await tenant.post(path, { CustomCodeEnabled: 'false' })).body.custom_code_enabled, false)
  assert.equal((await start()).body.code, 60204)
  assert.equal((await make({ CustomCodeEnabled: 'true' })).body.custom_code_enabled, true)
})

test('an update that cannot be done is refused and changes nothing', async () => {
  const { path } = await make()
  for (const name of ['Psd2Enabled', 'DoNotShareWarningEnabled', 'DtmfInputRequired']) {
    const { status, body } = await tenant.post(path, { FriendlyName: 'Changed', [name]: 'false' })
    assert.deepEqual([status, body.code], [403, 60204], name)
    assert.equal((await tenant.post(path, { [name]: 'true' })).status, 200, name)
  }
  assert.equal((await tenant.get(path)).body.friendly_name, 'Toko')
  for (const form of [{ CustomCodeEnabled: 'yes' }, { 'Totp.CodeLength': '5' }, { 'Totp.Skew': '2' }] as object[]) {
    assert.equal((await tenant.post(path, form as Record<string, string>)).body.code, 60200)
  }
})

test('an update moves date_updated, of a service and of a webhook', async () => {
  const { path, body } = await make()
  assert.equal(body.date_updated, body.date_created)
  await eventually(async () => Date.now() > Date.parse(body.date_created) + 1000)
  const changed = (await tenant.post(path, { FriendlyName: 'Later' })).body
  assert.ok(Date.parse(changed.date_updated) > Date.parse(body.date_created))
  assert.deepEqual((await tenant.get(path)).body, changed)
  const form = { FriendlyName: 'Apps', EventTypes: '*', WebhookUrl: 'http://127.0.0.1:9/hook' }
  const hook = (await tenant.post(`${path}/Webhooks`, form)).body
  assert.equal(hook.date_updated, hook.date_created)
  await eventually(async () => Date.now() > Date.parse(hook.date_created) + 1000)
  const moved = (await tenant.post(`${path}/Webhooks/${hook.sid}`, { FriendlyName: 'Later' })).body
  assert.ok(Date.parse(moved.date_updated) > Date.parse(hook.date_created))
})

test('the objects of a service have their members, which typed clients read without asking', async () => {
  const { body } = await make()
  assert.deepEqual(body.passkeys, {
    relying_party: { id: null, name: null, origins: [] },
    authenticator_attachment: null,
    discoverable_credentials: null,
    user_verification: null,
  })
})

test('a service made here is deleted here, with what is pending and all that hangs on it', async () => {
  const { sid, path } = await make()
  const application = `app_${sid.slice(2)}`
  const To = freshNumber()
  const started = await tenant.post(`${path}/Verifications`, { To, Channel: 'sms' })
  assert.equal(started.status, 201)
  const code = await codeOn(server, To)
  await tenant.post(`${path}/RateLimits`, { UniqueName: 'ip' })
  await tenant.post(`${path}/MessagingConfigurations`, { Country: 'ID', MessagingServiceSid: `MG${'a'.repeat(32)}` })
  await tenant.post(`${path}/Entities/customer-0001/Factors`, { FriendlyName: 'Phone', FactorType: 'totp' })
  await tenant.post(path, { 'Totp.Issuer': 'Toko', CustomCodeEnabled: 'true' })
  const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' })
  const kept = await server.call(
    'PUT',
    `/v1/applications/${application}/public_key`,
    { public_key: pem },
    bearer(tenant.key),
  )
  assert.equal(kept.status, 200)
  assert.equal((await tenant.remove(path)).status, 204)
  assert.equal((await tenant.get(path)).status, 404)
  const check = await tenant.post(`${path}/VerificationCheck`, { To, Code: code })
  assert.deepEqual([check.status, check.body.code], [404, 20404])
  const native = await server.call(
    'GET',
    `/v1/verifications/ver_${started.body.sid.slice(2)}`,
    undefined,
    bearer(tenant.key),
  )
  assert.equal(native.body.status, 'canceled')
})

test('a service with keys or a pre-send hook is more than Twilio’s, and a conflict', async () => {
  const withKey = await make()
  await addKey(server, `app_${withKey.sid.slice(2)}`, false)
  const withHook = await make()
  const hook = { url: 'http://127.0.0.1:9/hook', on_failure: 'allow' }
  const path = `/v1/applications/app_${withHook.sid.slice(2)}/pre_send_hook`
  assert.ok((await server.call('PUT', path, hook, bearer(tenant.key))).status < 300)
  for (const { path } of [withKey, withHook]) {
    const { status, body } = await tenant.remove(path)
    assert.deepEqual([status, body.code], [409, 60225])
    assert.equal((await tenant.get(path)).status, 200)
  }
})

test('no answer under Twilio’s paths has a Retry-After: a client would sleep on it, and then send', async () => {
  const To = freshNumber()
  const { path } = await make()
  const limit = (await tenant.post(`${path}/RateLimits`, { UniqueName: 'ip' })).body
  await tenant.post(`${path}/RateLimits/${limit.sid}/Buckets`, { Max: '1', Interval: '3600' })
  const start = (more: Record<string, string> = {}) =>
    tenant.post(`${path}/Verifications`, { To: freshNumber(), Channel: 'sms', ...more })
  await start({ RateLimits: '{"ip": "203.0.113.7"}' })
  const limited = await start({ RateLimits: '{"ip": "203.0.113.7"}' })
  await start({ To })
  const wrong = async () => tenant.post(`${path}/VerificationCheck`, { To, Code: '000000' })
  for (let check = 0; check < 5; check++) await wrong()
  const spent = await wrong()
  const identity = `${path}/Entities/customer-0001`
  const factor = (await tenant.post(`${identity}/Factors`, { FriendlyName: 'Phone', FactorType: 'totp' })).body
  const guess = () => tenant.post(`${identity}/Factors/${factor.sid}`, { AuthPayload: '000000' })
  for (let check = 0; check < 5; check++) await guess()
  const guessed = await guess()
  const answers = { limited, spent, guessed }
  assert.deepEqual(
    Object.entries(answers).map(([name, { status, body }]) => [name, status, body.code]),
    [
      ['limited', 429, 20429],
      ['spent', 429, 60202],
      ['guessed', 429, 60310],
    ],
  )
  for (const [name, { headers, body }] of Object.entries(answers)) {
    assert.equal(headers.get('retry-after'), null, name)
    if (name !== 'spent') assert.ok(body.details.retry_after_seconds > 0, name)
  }
})
