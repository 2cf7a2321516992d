import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Answer, bearer, codeOn, eventually, freshNumber, operatorKey } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

/** What no text may hold that a person reads beside ours. */
const bad = [
  'Shop\nYour code is 1',
  'Shop\u202e00.1',
  'Sh\u200bop',
  'Shop evil.com',
  'https://x',
  '\u2066Shop',
  'Sh\u00adop',
  ' ',
]

describe('a text that a person reads', () => {
  let server: SharedServer
  let twilio: { readonly account_sid: string; readonly service_sid: string }
  before(async () => {
    server = await sharedServer()
    const { body } = await server.call('GET', `/v1/applications/${server.business.application}/credentials`)
    twilio = body.twilio
  })
  after(() => server.stop())

  const form = (path: string, fields: Record<string, string>): Promise<Answer> =>
    server.call('POST', `/v2${path}`, new URLSearchParams(fields).toString(), {
      authorization: `Basic ${Buffer.from(`${twilio.account_sid}:${server.key}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    })
  const service = () => `/Services/${twilio.service_sid}`
  const transaction = { amount: '10.75', currency: 'IDR', payee: 'Padaria "São João"' }
  const parameters = (text: string) => ({
    template: { name: 'appointment', language: 'id', parameters: [text, '09:00'] },
  })
  const say = (content: object) => server.call('POST', '/v1/messages', { to: freshNumber(), ...content })

  const native: Record<string, (text: string) => Promise<Answer>> = {
    'body/transaction/payee': (payee) =>
      server.call('POST', '/v1/verifications', { to: freshNumber(), transaction: { ...transaction, payee } }),
    'body/brand': (brand) => server.call('PATCH', `/v1/applications/${server.business.application}`, { brand }),
    'body/name': (name) => server.call('POST', '/v1/businesses', { name }, bearer(operatorKey)),
    'body/template/parameters/0': (text) => say(parameters(text)),
    'body/buttons/0/title': (title) => say({ text: 'a', buttons: [{ id: '1', title: title.slice(0, 20) }] }),
    'body/list/label': (label) =>
      say({ text: 'a', list: { label: label.slice(0, 20), choices: [{ id: '1', title: 'x' }] } }),
    'body/list/choices/0/description': (description) =>
      say({ text: 'a', list: { label: 'x', choices: [{ id: '1', title: 'x', description }] } }),
  }
  for (const [path, send] of Object.entries(native)) {
    it(`is refused by name at ${path}`, async () => {
      for (const text of bad) {
        const { status, body } = await send(text)
        assert.deepEqual([status, body.code, body.errors?.[0]?.path], [400, 'body_invalid', path], JSON.stringify(text))
        assert.match(body.errors[0].problem, /^must (be|not|have)/)
      }
      const fine = await send('Toko Budi №5')
      assert.notEqual(fine.body.errors?.[0]?.path, path, JSON.stringify(fine.body))
    })
  }

  const vendors: Record<string, (text: string) => Promise<Answer>> = {
    Payee: (Payee) => form(`${service()}/Verifications`, { To: freshNumber(), Channel: 'sms', Amount: '5 USD', Payee }),
    Amount: (Amount) => form(`${service()}/Verifications`, { To: freshNumber(), Channel: 'sms', Amount, Payee: 'x' }),
    FriendlyName: (FriendlyName) => form('/Services', { FriendlyName }),
    'Totp.Issuer': (issuer) => form('/Services', { FriendlyName: 'x', 'Totp.Issuer': issuer }),
  }
  for (const [name, send] of Object.entries(vendors)) {
    it(`is refused by name through Twilio's ${name}`, async () => {
      for (const text of bad) {
        const { status, body } = await send(text)
        assert.deepEqual([status, body.code], [400, 60200], JSON.stringify(text))
        assert.ok(body.message.includes(name), body.message)
      }
      assert.equal((await send('10 EUR')).status, 201)
    })
  }

  it('may be an address where it names an account in an authenticator', async () => {
    const make = (FriendlyName: string) =>
      form(`${service()}/Entities/person-of-shown-texts/Factors`, { FriendlyName, FactorType: 'totp' })
    assert.equal((await make('ann@example.com')).status, 201)
    assert.equal((await make('ann\u202e@example.com')).status, 400)
  })

  it('may be of many lines and lead somewhere in a chat, but turn nothing around', async () => {
    for (const text of ['Halo\n\nhttps://shop.example 👨‍👩‍👧', 'שלום\u200f!']) {
      const { status, body } = await say({ text })
      assert.notEqual(body.code, 'body_invalid', `${status} ${JSON.stringify(body)}`)
    }
    for (const text of ['a\u202eb', 'a\u0007b', 'a\u2067b']) {
      const { status, body } = await say({ text })
      assert.deepEqual([status, body.errors?.[0]?.path], [400, 'body/text'])
    }
  })

  it('shows the amount that is bound, on page, phone and answer, and never one that was rounded', async () => {
    for (const [amount, currency] of [
      ['1.999', 'USD'],
      ['100.5', 'JPY'],
      ['0.001', 'IDR'],
      ['1', 'XXX'],
    ] as const) {
      const body = { to: freshNumber(), transaction: { ...transaction, amount, currency } }
      const refused = await server.call('POST', '/v1/verifications', body)
      const field = currency === 'XXX' ? 'currency' : 'amount'
      assert.deepEqual([refused.status, refused.body.errors?.[0]?.path], [400, `body/transaction/${field}`])
    }
    assert.equal((await vendors['Amount']?.('100.5 JPY'))?.status, 400)
    const to = freshNumber()
    const started = await server.call('POST', '/v1/verifications', { to, channel: 'sms', transaction })
    assert.deepEqual(started.body.transaction, transaction)
    await codeOn(server, to)
    const { body: phone } = await server.simulate('GET', `/handsets/${to}/messages`)
    assert.ok(phone.messages[0].text.includes('IDR 10.75 to Padaria "São João"'), phone.messages[0].text)
    const made = await server.call('POST', `/v1/verifications/${started.body.id}/hosted_page`, {})
    const html = await eventually(async () => (await fetch(made.body.url)).text())
    assert.ok(html.includes('<bdi>IDR\u00a010.75</bdi> to <bdi>Padaria &quot;São João&quot;</bdi>'), html)
  })
})
