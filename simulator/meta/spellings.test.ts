import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Business, codeMessage, loginCode, startBusiness, startOver } from '../testing.ts'

const ana = '+5511987654321'

describe('what clients of Meta rely on', () => {
  let world: Business
  before(async () => {
    world = await startBusiness()
    for (const language of ['id', 'es', 'en_US'])
      await world.graph('POST', 'waba/message_templates', loginCode(language))
  })
  beforeEach(() => startOver(world))
  after(() => world.stop())

  it('opens a paging link as it stands', async () => {
    const first = (await world.graph('GET', 'waba/message_templates?limit=2')).body
    const second: any = await (await fetch(first.paging.next)).json()
    assert.equal(second.data.length, 2)
    assert.equal(second.paging.next, undefined)
    const back: any = await (await fetch(second.paging.previous)).json()
    assert.deepEqual(back.data, first.data)
  })

  it('filters lists by one value or by a JSON array of them', async () => {
    await world.call('PUT', '/templates/login_code', { status: 'PAUSED' })
    const count = async (query: string) =>
      (await world.graph('GET', `waba/message_templates?${query}`)).body.data.length
    assert.equal(await count('status=PAUSED'), 4)
    assert.equal(await count(`status=${encodeURIComponent('["APPROVED","PAUSED"]')}`), 4)
    assert.equal(await count(`status=${encodeURIComponent('["APPROVED","REJECTED"]')}`), 0)
    assert.equal(await count(`language=${encodeURIComponent('["id","es"]')}`), 2)
    await world.call('PUT', '/templates/login_code', { status: 'APPROVED' })
  })

  it('asks for the inside of a field, and for fields that this world has nothing to tell of', async () => {
    const read = async (fields: string) =>
      (await world.graph('GET', `number?fields=${encodeURIComponent(fields)}`)).body
    const { phone_number_id: id } = world.facts
    assert.deepEqual(await read('throughput{level},status'), {
      throughput: { level: 'STANDARD' },
      status: 'CONNECTED',
      id,
    })
    const { health_status: health } = await read('health_status{can_send_message,entities{entity_type}}')
    assert.deepEqual(health.entities[0], { entity_type: 'PHONE_NUMBER' })
    assert.deepEqual(await read('new_name_status,certificate,is_pin_enabled'), { id })
    assert.equal((await read('nonsense')).error.code, 100)
    assert.equal((await read('throughput{level')).error.code, 100)
    const waba = (await world.graph('GET', 'waba?fields=currency,owner_business_info,creation_time')).body
    assert.equal(waba.currency, 'USD')
    const [template] = (
      await world.graph('GET', 'waba/message_templates?fields=name,sub_category,library_template_name')
    ).body.data
    assert.deepEqual(Object.keys(template), ['name', 'id'])
  })

  it('hears of a failure without a contact, and of everything else with one', async () => {
    await world.call('PUT', `/handsets/${ana}`, { fails_with: 131026 })
    await world.send(codeMessage(ana, '1'))
    await world.advance(1000)
    await world.heard(1)
    assert.ok(!('contacts' in world.newest()), JSON.stringify(world.newest()))
    await world.call('PUT', `/handsets/${ana}`, { fails_with: null })
    await world.send(codeMessage(ana, '2'))
    await world.advance(1000)
    await world.heard(3)
    assert.equal(world.newest().contacts.length, 1)
  })

  it('is told of a kind of button that there is not', async () => {
    const message = codeMessage(ana, '1')
    ;(message.template.components[1] as { sub_type: string }).sub_type = 'link'
    const { status, body } = await world.send(message)
    assert.deepEqual([status, body.error.code], [400, 100])
    assert.match(body.error.message, /sub_type'\] must be one of/)
  })

  it('hears of account, number and templates when it has subscribed to that', async () => {
    const heard = async () => {
      await world.advance(1000)
      await world.settled()
      const posted = world.hook.posted.flatMap(({ body }) => body.entry[0].changes)
      world.hook.posted.length = 0
      return posted
    }
    await world.call('PUT', '/templates/login_code', { status: 'PAUSED' })
    const told = await heard()
    assert.equal(told.length, 4)
    assert.partialDeepStrictEqual(told[0], {
      field: 'message_template_status_update',
      value: { event: 'PAUSED', message_template_name: 'login_code', message_template_category: 'AUTHENTICATION' },
    })
    await world.call('PUT', '/templates/login_code', { category: 'MARKETING' })
    assert.equal((await heard())[0].field, 'template_category_update')
    await world.call('PUT', '/templates/login_code', { category: 'AUTHENTICATION', status: 'APPROVED' })
    await heard()
    await world.call('PUT', '/account', { quality_rating: 'RED' })
    assert.partialDeepStrictEqual(await heard(), [
      { field: 'phone_number_quality_update', value: { event: 'FLAGGED' } },
      { field: 'phone_number_quality_update' },
    ])
    const value = { event: 'ACCOUNT_VIOLATION', violation_info: { violation_type: 'SPAM' } }
    const { body } = await world.call('POST', '/account/news', { field: 'account_update', value })
    assert.deepEqual(body, { is_heard: true })
    assert.deepEqual(await heard(), [{ field: 'account_update', value }])
    await world.call('PUT', '/account', { app_fields: ['messages'] })
    assert.deepEqual((await world.call('POST', '/account/news', { field: 'security', value: {} })).body, {
      is_heard: false,
    })
    assert.deepEqual(await heard(), [])
    assert.equal((await world.call('POST', '/account/news', { field: 'nonsense' })).status, 400)
  })

  it('sends by the hash of an account, which is compared when it is given and only then', async () => {
    const { body } = await world.call('PUT', `/handsets/${ana}`, { changes_hands: true })
    const first = body.identity_key_hash
    const sendWith = async (hash?: string) => {
      world.hook.posted.length = 0
      await world.send({ ...codeMessage(ana, '1'), ...(hash !== undefined && { recipient_identity_key_hash: hash }) })
      await world.advance(10_000)
      await world.settled()
      return world.words().at(-1)
    }
    assert.equal(await sendWith(first), 'delivered')
    assert.equal(await sendWith(first), 'failed', 'somebody else has the account by now')
    assert.equal(await sendWith(), 'delivered')
  })
})
