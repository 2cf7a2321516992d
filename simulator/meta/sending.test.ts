import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { phoneOf } from '../handsets/phone-number.ts'
import { type Business, codeMessage, loginCode, startBusiness, startOver } from '../testing.ts'
import { waIdOf } from './wa-id.ts'

const ana = '+5511987654321'
const budi = '+6281234567890'

describe('sending by the Graph API', () => {
  let world: Business
  before(async () => {
    world = await startBusiness()
    const reminder = {
      name: 'reminder',
      language: 'en',
      category: 'UTILITY',
      components: [{ type: 'BODY', text: 'Your table waits.' }],
    }
    assert.equal((await world.graph('POST', 'waba/message_templates', reminder)).status, 200)
  })
  after(() => world.stop())
  beforeEach(() => startOver(world))

  const text = (to: string, body = 'Hello') => ({ messaging_product: 'whatsapp', to, type: 'text', text: { body } })
  const reminder = (recipient: object) => ({
    messaging_product: 'whatsapp',
    ...recipient,
    type: 'template',
    template: { name: 'reminder', language: { code: 'en' } },
  })

  it('refuses in the shape and with the codes of the real one', async () => {
    const good = codeMessage(ana, '483920')
    const withTemplate = (changes: object) => ({ ...good, template: { ...good.template, ...changes } })
    const [bodyPart, button] = good.template.components as [object, object]
    const withCode = (code: string) => codeMessage(ana, code)
    const cases: [string, object, number, number][] = [
      ['no product', { ...good, messaging_product: undefined }, 400, 100],
      ['no recipient', { ...good, to: undefined }, 400, 100],
      ['recipient is a name', { ...good, to: 'Ana' }, 400, 100],
      ['recipient is the sender', { ...good, to: world.facts.display_phone_number }, 400, 131021],
      ['user id instead of number', { ...good, to: undefined, recipient: 'US.1' }, 400, 131062],
      ['user id of nobody', reminder({ recipient: 'US.1' }), 400, 100],
      ['unknown language', withTemplate({ language: { code: 'xx' } }), 404, 132001],
      ['no parameters', withTemplate({ components: [] }), 400, 132000],
      ['no button', withTemplate({ components: [bodyPart] }), 400, 131008],
      ['button elsewhere', withTemplate({ components: [bodyPart, { ...button, index: '1' }] }), 400, 132018],
      ['copy_code button', withTemplate({ components: [bodyPart, { ...button, sub_type: 'copy_code' }] }), 400, 132018],
      [
        'another code in the button',
        withTemplate({ components: [bodyPart, { ...button, parameters: [{ type: 'text', text: '1' }] }] }),
        400,
        132018,
      ],
      ['a newline', withCode('1\n2'), 400, 132012],
      ['too long a code', withCode('1234567890123456'), 400, 132018],
      ['an emoji', withCode('12😀4'), 400, 132018],
      ['a flag', withCode('12🇧🇷4'), 400, 132018],
      ['a URL', withCode('http://a.bc'), 400, 132018],
      ['a URL without its scheme', withCode('a.bc/12'), 400, 132018],
      ['a reference that is no text', { ...good, biz_opaque_callback_data: 7 }, 400, 100],
      ['unknown type', { ...good, type: 'hologram' }, 400, 100],
      ['a type that is not played', { ...good, type: 'image' }, 400, 131051],
      ['too long a text', text(ana, 'x'.repeat(4097)), 400, 131009],
    ]
    for (const [name, body, status, code] of cases) {
      const answer = await world.send(body)
      assert.deepEqual([answer.status, answer.body.error?.code], [status, code], name)
      assert.match(answer.body.error.fbtrace_id, /^A/)
      assert.equal(answer.headers.get('x-fb-trace-id'), answer.body.error.fbtrace_id)
    }
    const named = await world.send({ ...good, to: 'Ana' })
    assert.match(named.body.error.message, /^\(#100\) Param to must be/)
    assert.equal((await world.call('GET', '/messages')).body.messages.length, 0, 'nothing was sent')
    for (const code of ['J$FpnYnP', 'A-1.2', '12#4*'])
      assert.equal((await world.send(withCode(code))).status, 200, code)
  })

  it('asks for a token, and says of a wrong one that it is wrong', async () => {
    const good = codeMessage(ana, '1')
    const without = await world.send(good, {})
    assert.deepEqual([without.status, without.body.error.code], [400, 104])
    const wrong = await world.send(good, { authorization: 'Bearer EAAwrong' })
    assert.deepEqual(
      [wrong.status, wrong.body.error.code, wrong.body.error.message],
      [401, 190, 'Invalid OAuth access token - Cannot parse access token'],
    )
    assert.equal((await world.send({ ...good, access_token: world.facts.access_token }, {})).status, 200)
  })

  it('takes JSON, forms and multipart, and never answers 500 for a body', async () => {
    const { running, facts, headers } = world
    const url = `${running.url}/meta/v26.0/${facts.phone_number_id}/messages`
    const { template, ...rest } = codeMessage(ana, '1234')
    const fields = { ...rest, template: JSON.stringify(template) } as Record<string, string>
    const multipart = new FormData()
    for (const [name, value] of Object.entries(fields)) multipart.set(name, value)
    const query = new URLSearchParams(fields)
    const post = async (address: string, body?: string | URLSearchParams | FormData, type?: string) => {
      const answer = await fetch(address, {
        method: 'POST',
        headers: { ...headers, ...(type !== undefined && { 'content-type': type }) },
        ...(body !== undefined && { body }),
      })
      return [answer.status, ((await answer.json()) as any).error?.code]
    }
    assert.deepEqual(await post(url, query), [200, undefined])
    assert.deepEqual(await post(url, multipart), [200, undefined])
    assert.deepEqual(await post(`${url}?${query.toString()}`, 'whatever', 'text/plain'), [200, undefined])
    assert.deepEqual(await post(url, JSON.stringify(rest), 'text/plain'), [400, 100])
    assert.deepEqual(await post(url, '{', 'application/json'), [400, 100])
    assert.deepEqual(await post(url, 'nothing', 'multipart/form-data; boundary=x'), [400, 100])
    assert.deepEqual(await post(url, `"${'x'.repeat(1_100_000)}"`, 'application/json'), [400, 100])
  })

  it('reads numbers as practice does, or as the documentation says', async () => {
    const idOf = async (to: string) => (await world.send(codeMessage(to, '1'))).body.contacts?.[0].wa_id
    assert.equal(await idOf('62 812-3456-7890'), '6281234567890')
    await world.call('PUT', '/account', { recipient_mode: 'strict' })
    assert.equal(await idOf('(202) 555-0187'), '12025550187')
    assert.equal(await idOf('+62 812-3456-7890'), '6281234567890')
    assert.equal(await idOf('6281234567890'), '16281234567890')
  })

  it('gives the id that WhatsApp has for a number, and brings it to the same phone', async () => {
    for (const [to, waId, phone] of [
      ['+525512345678', '5215512345678', '525512345678'],
      ['+5215512345678', '5215512345678', '525512345678'],
      ['+541123456789', '5491123456789', '5491123456789'],
      ['+5531987654321', '553187654321', '5531987654321'],
      ['+553187654321', '553187654321', '5531987654321'],
      ['+551187654321', '5511987654321', '5511987654321'],
      ['+551133334444', '551133334444', '551133334444'],
      [budi, '6281234567890', '6281234567890'],
    ] as const) {
      assert.deepEqual([phoneOf(to.slice(1)), waIdOf(phone)], [phone, waId], to)
      assert.equal((await world.send(codeMessage(to, '1'))).body.contacts[0].wa_id, waId)
    }
    await world.advance(1000)
    await world.heard(16)
    assert.equal((await world.inbox('+525512345678')).length, 2)
    assert.equal((await world.call('GET', '/handsets/+5215512345678')).body.e164, '+525512345678')
    assert.equal(world.statuses('+5215512345678').length, 4)
    await world.call('POST', '/handsets/+525512345678/reply', { text: 'Hola' })
    await world.advance(100)
    await world.settled()
    assert.equal(world.newest().messages[0].from, '5215512345678')
  })

  it('reaches a person by user id, but not with a code', async () => {
    await world.send(codeMessage(budi, '1'))
    await world.advance(100)
    await world.heard(2)
    const [{ recipient_user_id: userId }] = world.statuses()
    const sent = await world.send(reminder({ recipient: userId }))
    assert.deepEqual(sent.body.contacts, [{ input: userId, user_id: userId }])
    assert.equal(
      (await world.send({ ...codeMessage(budi, '1'), to: undefined, recipient: userId })).body.error.code,
      131062,
    )
    const both = await world.send({ ...codeMessage(ana, '1'), recipient: userId })
    assert.equal(both.body.contacts[0].wa_id, ana.slice(1))
    await world.advance(100)
    assert.equal((await world.inbox(budi)).at(-1).text, 'Your table waits.')
  })

  it('lets free text through for a day after the person wrote', async () => {
    const failing = async () => {
      await world.send(text(ana))
      await world.advance(100)
      await world.settled()
      return world.statuses().at(-1)
    }
    const closed = await failing()
    assert.deepEqual([closed.status, closed.errors[0].code], ['failed', 131047])
    await world.call('POST', `/handsets/${ana}/reply`, { text: 'Hi' })
    await world.advance(1000)
    assert.equal((await failing()).status, 'delivered')
    const shown = (await world.inbox(ana)).at(-1)
    assert.deepEqual(
      [shown.text, shown.from, shown.brand, shown.verified],
      ['Hello', world.facts.display_phone_number, 'Demo Bank', true],
    )
    await world.advance(86_400_000)
    assert.equal((await failing()).errors[0].code, 131047)
  })

  it('keeps a message for as long as its template says', async () => {
    const make = (name: string, category: string, ttl?: number) =>
      world.graph('POST', 'waba/message_templates', {
        ...(category === 'AUTHENTICATION'
          ? loginCode('pt_BR')
          : { language: 'pt_BR', category, components: [{ type: 'BODY', text: 'x' }] }),
        name,
        message_send_ttl_seconds: ttl,
      })
    const dayMs = 86_400_000
    const cases: [string, string, number | undefined, number, boolean][] = [
      ['auth_usual', 'AUTHENTICATION', undefined, 9 * 60_000, true],
      ['auth_usual', 'AUTHENTICATION', undefined, 11 * 60_000, false],
      ['auth_endless', 'AUTHENTICATION', -1, 29 * dayMs, true],
      ['auth_endless', 'AUTHENTICATION', -1, 31 * dayMs, false],
      ['utility_usual', 'UTILITY', undefined, 29 * dayMs, true],
      ['utility_short', 'UTILITY', 60, 61_000, false],
      ['marketing_usual', 'MARKETING', undefined, 29 * dayMs, true],
    ]
    for (const [name, category, ttl, afterMs, arrives] of cases) {
      await make(name, category, ttl)
      await world.call('PUT', `/handsets/${budi}`, { online: false })
      const before = (await world.inbox(budi)).length
      const message = codeMessage(budi, '1')
      const components = category === 'AUTHENTICATION' ? message.template.components : []
      const sent = await world.send({ ...message, template: { ...message.template, name, components } })
      assert.equal(sent.status, 200, JSON.stringify(sent.body))
      await world.advance(afterMs)
      await world.call('PUT', `/handsets/${budi}`, { online: true })
      assert.equal((await world.inbox(budi)).length - before, arrives ? 1 : 0, `${name} after ${afterMs}`)
    }
    const ranges: [string, number, boolean][] = [
      ['AUTHENTICATION', 29, false],
      ['AUTHENTICATION', 30, true],
      ['AUTHENTICATION', 901, false],
      ['UTILITY', 5, false],
      ['UTILITY', 43_200, true],
      ['UTILITY', -1, true],
      ['MARKETING', 5, false],
      ['MARKETING', -1, false],
      ['MARKETING', 2_592_000, true],
    ]
    for (const [index, [category, ttl, isTaken]] of ranges.entries()) {
      const answer = await make(`range_${index}`, category, ttl)
      assert.equal(answer.status === 200, isTaken, `${category} ${ttl}: ${JSON.stringify(answer.body)}`)
    }
  })

  it('plays any code of the Graph API, at once or later', async () => {
    for (const [code, status, title] of [
      [131030, 400, 'Recipient phone number not in allowed list'],
      [131031, 403, 'Account has been locked'],
      [368, 403, 'Temporarily blocked for policies violations'],
      [131057, 500, 'Account in maintenance mode'],
      [999_999, 400, 'Unknown error'],
    ] as const) {
      await world.call('PUT', `/handsets/${ana}`, { refused_with: code })
      const refused = await world.send(codeMessage(ana, '1'))
      assert.deepEqual(
        [refused.status, refused.body.error.code, refused.body.error.message],
        [status, code, `(#${code}) ${title}`],
      )
    }
    assert.equal((await world.call('GET', `/handsets/${ana}`)).body.refused_with, 999_999)
    await world.call('PUT', `/handsets/${ana}`, { refused_with: null, fails_with: 131042 })
    assert.equal((await world.send(codeMessage(ana, '1'))).status, 200)
    await world.advance(100)
    await world.heard(1)
    await world.call('PUT', `/handsets/${ana}`, { fails_with: 131048, fails_after_sent: true })
    await world.send(codeMessage(ana, '1'))
    await world.advance(100)
    await world.heard(3)
    assert.deepEqual(
      world.statuses().map(({ status, errors: [error] = [] }) => [status, error?.code, error?.title]),
      [
        ['failed', 131042, 'Business eligibility payment issue'],
        ['sent', undefined, undefined],
        ['failed', 131048, 'Spam rate limit hit'],
      ],
    )
    assert.deepEqual(await world.inbox(ana), [])
    await world.call('PUT', '/account', { refused_with: 131031 })
    assert.equal((await world.send(codeMessage(budi, '1'))).body.error.code, 131031, 'for everybody')
  })

  it('lets any status be heard late', async () => {
    await world.call('PUT', `/handsets/${ana}`, { receipt_delays_ms: { sent: 5000, read: 9000 } })
    await world.send(codeMessage(ana, '1'))
    await world.advance(1000)
    await world.heard(1)
    assert.deepEqual(world.words(), ['delivered'])
    const [message] = await world.inbox(ana)
    await world.call('POST', `/handsets/${ana}/messages/${message.id}/read`, {})
    await world.advance(5000)
    await world.heard(2)
    await world.advance(5000)
    await world.heard(3)
    assert.deepEqual(world.words(), ['delivered', 'sent', 'read'])
  })

  it('checks who is behind the number, when asked to', async () => {
    const settings = () => world.graph('GET', 'number/settings')
    const set = (isOn: unknown) =>
      world.graph('POST', 'number/settings', { user_identity_change: { enable_identity_key_check: isOn } })
    assert.equal((await set('maybe')).body.error.code, 100)
    assert.deepEqual((await set(true)).body, { success: true })
    assert.deepEqual((await settings()).body, { user_identity_change: { enable_identity_key_check: true } })
    await world.send(codeMessage(ana, '1'))
    await world.advance(100)
    await world.heard(2)
    const hash = world.statuses()[0].recipient_identity_key_hash as string
    assert.match(hash, /^[A-Za-z0-9+/=]{12}$/)
    await world.call('POST', `/handsets/${ana}/reply`, { text: 'Hi' })
    await world.advance(100)
    await world.settled()
    assert.equal(world.newest().contacts[0].identity_key_hash, hash)
    await world.send({ ...codeMessage(ana, '2'), recipient_identity_key_hash: hash })
    await world.call('PUT', `/handsets/${ana}`, { identity_key_hash: 'another+one=' })
    await world.advance(100)
    await world.heard(4)
    await world.send({ ...codeMessage(ana, '3'), recipient_identity_key_hash: hash })
    await world.advance(100)
    await world.heard(5)
    assert.deepEqual(world.words(), ['sent', 'delivered', 'sent', 'delivered', 'failed'])
    assert.equal(world.statuses().at(-1).errors[0].code, 137000)
    await set(false)
    await world.send(codeMessage(ana, '4'))
    await world.advance(100)
    await world.heard(7)
    assert.ok(!('recipient_identity_key_hash' in world.statuses().at(-1)))
  })
})
