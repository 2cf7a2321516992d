import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Business, codeMessage, eventually, signatureOf, startBusiness, startOver } from './testing.ts'

const ana = '+5511987654321'
const budi = '+6281234567890'

describe('the simulated world', () => {
  let world: Business
  before(async () => {
    world = await startBusiness({ verifiedName: 'Padaria São João/Filial' })
  })
  after(() => world.stop())
  beforeEach(() => startOver(world))

  it('accepts, then tells sent and delivered with our reference, signed over ASCII bytes', async () => {
    const { facts, hook } = world
    const answer = await world.send(codeMessage('+55 (11) 98765-4321', '483920', 'ref.1'))
    assert.equal(answer.status, 200)
    assert.deepEqual(answer.body.contacts, [{ input: '+55 (11) 98765-4321', wa_id: '5511987654321' }])
    assert.equal(answer.body.messages[0].message_status, 'accepted')
    await world.advance(100)
    await world.heard(2)
    assert.deepEqual(
      world.statuses().map(({ status, biz_opaque_callback_data: reference }) => [status, reference]),
      [
        ['sent', 'ref.1'],
        ['delivered', 'ref.1'],
      ],
    )
    for (const { raw, signature, userAgent } of hook.posted) {
      assert.match(raw, /^[\x00-\x7f]+$/)
      assert.match(raw, /\\u00eb/)
      assert.equal(signature, signatureOf(raw, facts.app_secret))
      assert.equal(userAgent, 'facebookexternalua')
    }
    const [message] = await world.inbox(ana)
    assert.equal(message.text, 'Seu código de verificação é 483920. Para sua segurança, não o compartilhe.')
    assert.equal(message.brand, 'Padaria São João/Filial')
  })

  it('keeps a message for a phone that is off, and drops it without a word after its time', async () => {
    await world.call('PUT', `/handsets/${ana}`, { online: false })
    await world.send(codeMessage(ana, '111111'))
    await world.advance(200_000)
    await world.call('PUT', `/handsets/${ana}`, { online: true })
    assert.equal((await world.inbox(ana)).length, 1)
    await world.call('PUT', `/handsets/${ana}`, { online: false })
    await world.send(codeMessage(ana, '222222'))
    await world.advance(400_000)
    await world.call('PUT', `/handsets/${ana}`, { online: true })
    assert.equal((await world.inbox(ana)).length, 1, 'the second was dropped')
    await world.heard(3)
    assert.ok(!world.words().includes('failed'))
  })

  it('brings a message late to a slow phone', async () => {
    await world.call('PUT', `/handsets/${ana}`, { delay_ms: 5000 })
    await world.send(codeMessage(ana, '1234'))
    await world.advance(4000)
    assert.equal((await world.inbox(ana)).length, 0)
    await world.advance(2000)
    assert.equal((await world.inbox(ana)).length, 1)
  })

  it('tells of a person who reads, unless the person does not want it told', async () => {
    for (const [to, isTold] of [
      [ana, true],
      [budi, false],
    ] as const) {
      await world.call('PUT', `/handsets/${to}`, { read_receipts: isTold })
      await world.send(codeMessage(to, '1234'))
      await world.advance(100)
      const [message] = await world.inbox(to)
      await world.call('POST', `/handsets/${to}/messages/${message.id}/read`, {})
      await world.advance(100)
      assert.equal((await world.inbox(to))[0].status, 'read')
    }
    await world.heard(5)
    assert.deepEqual(world.words(ana), ['sent', 'delivered', 'read'])
    assert.deepEqual(world.words(budi), ['sent', 'delivered'])
  })

  it('comes back with news that were not taken, after pauses that can be set', async () => {
    const { hook } = world
    const before = (await world.call('PUT', '/news', {})).body
    assert.equal(before.retry_delays_ms.length, 7)
    await world.call('PUT', '/news', { retry_delays_ms: [500, 86_400_000] })
    try {
      hook.answer.status = 500
      await world.send(codeMessage(ana, '1234'))
      await world.advance(100)
      await eventually(() => hook.posted.length >= 2)
      await world.advance(600)
      await eventually(() => hook.posted.length >= 4)
      hook.answer.status = 200
      await world.advance(86_000_000)
      assert.equal(hook.posted.length, 4, 'not yet')
      await world.advance(1_000_000)
      await eventually(() => hook.posted.length >= 6)
      const raws = hook.posted.map(({ raw }) => raw)
      assert.deepEqual(raws.slice(2, 4).toSorted(), raws.slice(0, 2).toSorted())
      assert.deepEqual(raws.slice(4, 6).toSorted(), raws.slice(0, 2).toSorted())
    } finally {
      await world.call('PUT', '/news', before)
    }
  })

  it('names each person of a batch once', async () => {
    await world.send(codeMessage(ana, '1'))
    await world.send(codeMessage(budi, '2'))
    await world.advance(1000)
    await world.heard(4)
    for (const { body } of world.hook.posted) {
      const { contacts, statuses } = body.entry[0].changes[0].value
      assert.equal(statuses.length, 2, 'the same status of both travels together')
      assert.deepEqual(
        contacts.map(({ wa_id: id, user_id: userId }: any) => [id, userId]),
        statuses.map(({ recipient_id: id, recipient_user_id: userId }: any) => [id, userId]),
      )
    }
  })

  it('limits one person to a burst of 45, and the number to what it was set to', async () => {
    const codes = []
    for (let index = 0; index < 50; index++) codes.push((await world.send(codeMessage(ana, '1'))).body.error?.code)
    assert.equal(codes.indexOf(131056), 45)
    await world.advance(6100)
    assert.equal((await world.send(codeMessage(ana, '1234'))).status, 200)

    assert.deepEqual((await world.call('PUT', '/limits', { pair: false, per_second: 2 })).body, {
      pair: false,
      per_second: 2,
    })
    try {
      await world.advance(1000)
      const answers = []
      for (let index = 0; index < 3; index++) answers.push((await world.send(codeMessage(ana, '1'))).body.error?.code)
      assert.deepEqual(answers, [undefined, undefined, 130429])
      assert.equal((await world.call('PUT', '/limits', { per_second: '9' })).status, 400)
    } finally {
      await world.call('PUT', '/limits', { pair: true, per_second: 1000 })
    }
  })

  it('plays an SMS provider with signed receipts', async () => {
    const { facts, hook } = world
    const sms = {
      to: budi,
      from: 'Centang',
      text: 'Demo: your code is 483920.\n\n@example.com #483920',
      reference: 'r1',
      callback_url: hook.url,
    }
    const token = { authorization: `Bearer ${facts.sms.token}` }
    assert.equal((await world.call('POST', '/sms/send', sms)).status, 401)
    assert.equal((await world.call('POST', '/sms/send', { ...sms, to: 'x' }, token)).body.error.code, 'invalid_to')
    assert.equal((await world.call('POST', '/sms/send', sms, token)).status, 202)
    await world.advance(200)
    await eventually(() => hook.posted.length >= 2)
    assert.deepEqual(
      hook.posted.map(({ body, userAgent }) => [body.status, body.reference, userAgent]),
      [
        ['sent', 'r1', 'simulated-sms-provider'],
        ['delivered', 'r1', 'simulated-sms-provider'],
      ],
    )
    assert.equal(hook.posted[0]?.signature, signatureOf(hook.posted[0]?.raw ?? '', facts.sms.token))
    assert.equal((await world.inbox(budi))[0].code, '483920')
  })

  it('calls nothing but this machine and the hosts it was given', async () => {
    const { facts, headers, call } = world
    const sms = { to: budi, from: 'x', text: '1234', callback_url: 'http://169.254.169.254/latest' }
    const token = { authorization: `Bearer ${facts.sms.token}` }
    assert.equal((await call('POST', '/sms/send', sms, token)).body.error.code, 'invalid_callback')
    const wanted = { override_callback_uri: 'http://10.0.0.1/hook', verify_token: 'x' }
    const refused = await call('POST', `/meta/${facts.waba_id}/subscribed_apps`, wanted, headers)
    assert.equal(refused.body.error.code, 2200)
    assert.match(refused.body.error.message, /CENTANG_SIMULATOR_CALLBACK_HOSTS/)
    const generous = await startBusiness({ callbackHosts: ['203.0.113.9'] })
    const heard = await generous.call(
      'POST',
      '/sms/send',
      { ...sms, callback_url: 'http://203.0.113.9:1/hook' },
      { authorization: `Bearer ${generous.facts.sms.token}` },
    )
    assert.equal(heard.status, 202)
    await generous.stop()
  })
})
