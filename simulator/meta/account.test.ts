import assert from 'node:assert/strict'
import { accountNewsFields } from './account-news-fields.ts'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Business, codeMessage, startBusiness, startOver } from '../testing.ts'

const ana = '+5511987654321'

describe('the simulated account', () => {
  let world: Business
  before(async () => {
    world = await startBusiness()
  })
  after(() => world.stop())
  beforeEach(() => startOver(world))

  const set = async (changes: object) => {
    const { status, body } = await world.call('PUT', '/account', changes)
    assert.equal(status, 200, JSON.stringify(body))
    return body
  }
  const number = async (fields: string) => (await world.graph('GET', `number?fields=${fields}`)).body
  const debug = async () => (await world.graph('GET', `debug_token?input_token=${world.facts.access_token}`)).body
  const asApp = (method: string, path: string, body?: object, secret = world.facts.app_secret) =>
    world.call(method, `/meta/v26.0/${path}`, body, {
      authorization: `Bearer ${world.facts.app_id}|${secret}`,
    })

  it('can be sick in every way the doctor looks for, and well again', async () => {
    const healthy = (await world.call('GET', '/account')).body
    await set({
      number_status: 'FLAGGED',
      quality_rating: 'RED',
      name_status: 'DECLINED',
      is_code_verified: false,
      messaging_limit: 'TIER_250',
    })
    const { id: _, ...sick } = await number(
      'status,quality_rating,name_status,code_verification_status,whatsapp_business_manager_messaging_limit',
    )
    assert.deepEqual(Object.values(sick), ['FLAGGED', 'RED', 'DECLINED', 'NOT_VERIFIED', 'TIER_250'])
    assert.equal((await world.send(codeMessage(ana, '1'))).body.error.code, 133010)
    assert.deepEqual((await world.call('DELETE', '/account')).body, healthy)
    assert.equal((await world.send(codeMessage(ana, '1'))).status, 200)
    for (const wrong of [
      { number_status: 'WELL' },
      { numberStatus: 'BANNED' },
      { scopes: 'all' },
      { token_expires_at: 5 },
      { health: { HEART: {} } },
      { health: { WABA: { can_send_message: 'YES' } } },
      { refused_with: 'x' },
    ])
      assert.equal((await world.call('PUT', '/account', wrong)).status, 400, JSON.stringify(wrong))
    assert.deepEqual((await world.call('GET', '/account')).body, healthy)
  })

  it('tells of its health, part by part, with what is wrong', async () => {
    assert.equal((await number('health_status')).health_status.can_send_message, 'AVAILABLE')
    await set({ number_status: 'DISCONNECTED' })
    const ofNumber = (await number('health_status')).health_status
    assert.equal(ofNumber.can_send_message, 'BLOCKED')
    assert.match(ofNumber.entities[0].errors[0].error_description, /DISCONNECTED/)
    await set({
      number_status: 'CONNECTED',
      health: {
        WABA: { can_send_message: 'LIMITED', additional_info: ['The limit is nearly reached.'] },
        BUSINESS: {
          can_send_message: 'BLOCKED',
          errors: [{ error_code: 141_006, error_description: 'No payment method.', possible_solution: 'Add one.' }],
        },
      },
    })
    const { health_status: health } = (await world.graph('GET', 'waba?fields=health_status')).body
    assert.deepEqual(
      [health.can_send_message, ...health.entities.map((one: any) => `${one.entity_type} ${one.can_send_message}`)],
      ['BLOCKED', 'WABA LIMITED', 'BUSINESS BLOCKED', 'APP AVAILABLE'],
    )
    assert.deepEqual(health.entities[0].additional_info, ['The limit is nearly reached.'])
    assert.deepEqual(health.entities[1].errors, [
      { error_code: 141_006, error_description: 'No payment method.', possible_solution: 'Add one.' },
    ])
  })

  it('has a token with permissions and an end', async () => {
    const well = (await debug()).data
    assert.deepEqual(
      [well.is_valid, well.app_id, well.expires_at, well.scopes],
      [true, world.facts.app_id, 0, ['whatsapp_business_management', 'whatsapp_business_messaging']],
    )
    await set({ scopes: ['whatsapp_business_management'] })
    assert.deepEqual((await debug()).data.scopes, ['whatsapp_business_management'])
    assert.deepEqual((await debug()).data.granular_scopes.length, 1)
    const unsent = await world.send(codeMessage(ana, '1'))
    assert.deepEqual([unsent.status, unsent.body.error.code], [403, 10])
    await set({ scopes: ['whatsapp_business_messaging'] })
    assert.equal((await world.graph('GET', 'waba/message_templates')).body.error.code, 10)
    assert.equal((await world.send(codeMessage(ana, '1'))).status, 200)

    const endsAt = new Date(world.running.simulator.world.clock.now() + 60_000)
    await set({ token_expires_at: endsAt.toISOString() })
    assert.equal((await debug()).data.expires_at, Math.floor(endsAt.getTime() / 1000))
    await world.advance(61_000)
    const over = await world.send(codeMessage(ana, '1'))
    assert.deepEqual([over.status, over.body.error.code, over.body.error.error_subcode], [401, 190, 463])
    const asked = await asApp('GET', `debug_token?input_token=${world.facts.access_token}`)
    assert.equal(asked.body.data.is_valid, false)
    assert.equal((await set({ token_expires_at: null })).token_expires_at, null)
    assert.equal((await world.send(codeMessage(ana, '1'))).status, 200)
    await set({ is_token_valid: false })
    assert.equal((await world.send(codeMessage(ana, '1'))).status, 401)
    assert.equal((await asApp('GET', `debug_token?input_token=${world.facts.access_token}`)).body.data.is_valid, false)
  })

  it('has an app that proves its secret and tells what it is subscribed to', async () => {
    const path = `${world.facts.app_id}/subscriptions`
    const { body } = await asApp('GET', path)
    assert.deepEqual(body.data, [
      {
        object: 'whatsapp_business_account',
        callback_url: world.hook.url,
        active: true,
        fields: ['messages', ...accountNewsFields].map((name) => ({ name, version: 'v26.0' })),
      },
    ])
    const byQuery = await world.call(
      'GET',
      `/meta/v26.0/${path}?access_token=${encodeURIComponent(`${world.facts.app_id}|${world.facts.app_secret}`)}`,
    )
    assert.deepEqual(byQuery.body, body)
    const wrong = await asApp('GET', path, undefined, 'wrong')
    assert.deepEqual([wrong.status, wrong.body.error.code], [401, 190])
    assert.equal((await world.graph('GET', path)).body.error.code, 15, 'the token of a person does not do')
    assert.equal((await asApp('GET', world.facts.phone_number_id)).body.error.error_subcode, 33)
    assert.equal((await asApp('POST', `${world.facts.phone_number_id}/messages`, codeMessage(ana, '1'))).status, 400)
  })

  it('sends webhooks only to an app that is subscribed, active and ours', async () => {
    const apps = async () =>
      (await world.graph('GET', 'waba/subscribed_apps')).body.data.map((one: any) => one.whatsapp_business_api_data.id)
    const hears = async () => {
      world.hook.posted.length = 0
      await world.send(codeMessage(ana, '1'))
      await world.advance(1000)
      await world.settled()
      return world.words().length > 0
    }
    assert.deepEqual([await apps(), await hears()], [[world.facts.app_id], true])
    await set({ app_fields: ['account_update'] })
    assert.equal(await hears(), false)
    const [{ fields }] = (await asApp('GET', `${world.facts.app_id}/subscriptions`)).body.data
    assert.deepEqual(fields, [{ name: 'account_update', version: 'v26.0' }])
    await set({ app_fields: ['messages'], is_app_active: false })
    assert.equal(await hears(), false)
    await set({ is_app_active: true, subscribed_app_id: '11111' })
    assert.deepEqual([await apps(), await hears()], [['11111'], false])
    await set({ is_subscribed: false })
    assert.deepEqual([await apps(), await hears()], [[], false])
    const again = { override_callback_uri: world.hook.url, verify_token: world.facts.verify_token }
    assert.equal((await world.graph('POST', 'waba/subscribed_apps', again)).status, 200)
    assert.deepEqual([await apps(), await hears()], [[world.facts.app_id], true])
  })

  it('takes a webhook URL only when it answers the question', async () => {
    const { hook, facts } = world
    const wrong = { override_callback_uri: hook.url, verify_token: 'wrong' }
    assert.equal((await world.graph('POST', 'waba/subscribed_apps', wrong)).body.error.code, 2200)
    const forApp = {
      object: 'whatsapp_business_account',
      callback_url: `${hook.url}?app`,
      fields: 'messages,account_update',
      verify_token: facts.verify_token,
    }
    const path = `${facts.app_id}/subscriptions`
    for (const [name, code] of [
      ['object', 100],
      ['fields', 100],
      ['callback_url', 100],
      ['verify_token', 100],
    ] as const)
      assert.equal((await asApp('POST', path, { ...forApp, [name]: undefined })).body.error.code, code, name)
    assert.equal(
      (await asApp('POST', path, { ...forApp, callback_url: hook.url, verify_token: 'x' })).body.error.code,
      2200,
    )
    assert.equal((await asApp('POST', path, { ...forApp, callback_url: hook.url })).status, 200)
    const [subscription] = (await asApp('GET', path)).body.data
    assert.equal(subscription.fields.length, 2)
    assert.equal((await number('webhook_configuration')).webhook_configuration.application, hook.url)
    const forNumber = { override_callback_uri: hook.url, verify_token: facts.verify_token }
    assert.equal((await world.graph('POST', 'number', { webhook_configuration: forNumber })).status, 200)
    assert.equal((await number('webhook_configuration')).webhook_configuration.phone_number, hook.url)
  })

  it('registers a number with a PIN, and counts wrong ones', async () => {
    assert.deepEqual((await world.graph('POST', 'number/deregister')).body, { success: true })
    assert.equal((await world.send(codeMessage(ana, '1'))).body.error.code, 133010)
    const register = (pin?: string) => world.graph('POST', 'number/register', { messaging_product: 'whatsapp', pin })
    assert.equal((await register('12')).body.error.code, 100)
    assert.equal((await register('111111')).body.error.code, 133005)
    assert.deepEqual((await register('000000')).body, { success: true })
    assert.equal((await world.send(codeMessage(ana, '1'))).status, 200)
    assert.equal((await world.graph('POST', 'number', { pin: '12345' })).body.error.code, 100)
    assert.equal((await world.graph('POST', 'number', { pin: '654321' })).status, 200)
    for (let guess = 0; guess < 5; guess++) assert.equal((await register('000000')).body.error.code, 133005)
    assert.equal((await register('654321')).body.error.code, 133008, 'also the right one has to wait')
    await world.call('PUT', '/account', { is_code_verified: false })
    assert.equal((await world.graph('POST', 'number/request_code')).status, 200)
    assert.equal((await world.graph('POST', 'number/verify_code', { code: '000000' })).body.error.code, 136025)
    assert.equal((await world.graph('POST', 'number/verify_code', { code: '123456' })).status, 200)
    assert.equal((await number('code_verification_status')).code_verification_status, 'VERIFIED')
  })

  it('answers for what there is not as Graph does', async () => {
    for (const [method, path] of [
      ['GET', '99999'],
      ['DELETE', 'number'],
      ['GET', 'number/weather'],
      ['GET', 'waba/weather'],
      ['GET', 'waba/a/b'],
      ['POST', '99999/unpause'],
    ] as const) {
      const { status, body } = await world.graph(method, path)
      assert.deepEqual([status, body.error.code, body.error.error_subcode], [400, 100, 33], `${method} ${path}`)
      assert.equal(body.error.type, 'GraphMethodException')
    }
    assert.equal((await number('weather')).error.code, 100)
  })
})
