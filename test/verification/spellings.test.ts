import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { bearer, freshNumber, operatorKey, type Answer } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { kratosPayload } from '../gateways/payloads.ts'

/** How a number is dialled, and how it may come in: of Mexico, of Brazil, and of Indonesia from a phone set to Hindi. */
function freshSpellings(): readonly { readonly number: string; readonly typed: string }[] {
  const local = freshNumber().slice(6, 13)
  const hindi = [...local].map((digit) => String.fromCodePoint(0x9_66 + Number(digit))).join('')
  return [
    { number: `+52555${local}`, typed: `+52 1 555${local}` },
    { number: `+551198${local}`, typed: `\u202a+55 11 8${local}\u202c` },
    { number: `+62812${local}07`, typed: `\uff0b62\u200b 812 ${hindi} ०७` },
  ]
}

describe('every door reads a number in its old spelling and in any script', () => {
  let server: SharedServer
  let twilio: { readonly account_sid: string; readonly service_sid: string }
  let vonageKey: string
  let messageCentral: { readonly customer_id: string }
  before(async () => {
    server = await sharedServer()
    const path = `/v1/applications/${server.business.application}/credentials`
    const { body } = await server.call('GET', path)
    twilio = body.twilio
    vonageKey = body.vonage.api_key
    messageCentral = body.message_central
  })
  after(() => server.stop())

  const basic = (user: string) => ({
    authorization: `Basic ${Buffer.from(`${user}:${server.key}`).toString('base64')}`,
  })
  const form = async (path: string, fields: Record<string, string>): Promise<Answer> => {
    const headers = { ...basic(twilio.account_sid), 'content-type': 'application/x-www-form-urlencoded' }
    return server.call('POST', path, new URLSearchParams(fields).toString(), headers)
  }
  const startedTo = async (number: string): Promise<string[]> => {
    const { body } = await server.call('GET', `/v1/verifications?to=${encodeURIComponent(number)}`)
    return body.data.map(({ to }: { to: string }) => to)
  }

  const doors: Record<string, (typed: string) => Promise<Answer>> = {
    native: (to) => server.call('POST', '/v1/verifications', { to, channel: 'sms' }),
    Twilio: (To) => form(`/v2/Services/${twilio.service_sid}/Verifications`, { To, Channel: 'sms' }),
    Vonage: (to) =>
      server.call('POST', '/v2/verify', { brand: 'ACME', workflow: [{ channel: 'sms', to }] }, basic(vonageKey)),
    Kratos: (to) => server.call('POST', '/v1/gateway/kratos', kratosPayload(to, '482915')),
  }
  for (const [door, start] of Object.entries(doors)) {
    it(`${door}: what is started is found and goes to the number as it is dialled today`, async () => {
      for (const { number, typed } of freshSpellings()) {
        const { status, body } = await start(typed)
        assert.ok(status < 300, `${typed}: ${JSON.stringify(body)}`)
        assert.deepEqual(await startedTo(number), [number])
        assert.deepEqual(await startedTo(typed), [number])
      }
    })
  }

  it('Message Central, which takes bare digits', async () => {
    const key = Buffer.from(server.key).toString('base64')
    const customerId = messageCentral.customer_id
    const asked = new URLSearchParams({ customerId, key, scope: 'NEW' })
    const token = await server.call('GET', `/auth/v1/authentication/token?${asked.toString()}`)
    const local = freshNumber().slice(6, 13)
    for (const [countryCode, mobileNumber, number] of [
      ['52', `1555${local}`, `+52555${local}`],
      ['55', `118${local}`, `+551198${local}`],
      ['54', `11155${local}`, `+549115${local}`],
    ] as const) {
      const query = new URLSearchParams({ countryCode, mobileNumber, customerId, flowType: 'SMS', type: 'OTP' })
      const { status, body } = await server.call('POST', `/verification/v3/send?${query.toString()}`, undefined, {
        authorization: '',
        authtoken: token.body.token,
      })
      assert.equal(status, 200, JSON.stringify(body))
      assert.deepEqual(await startedTo(number), [number])
    }
  })

  it('chats, budgets and the safe list', async () => {
    for (const { number, typed } of freshSpellings()) {
      const template = { name: 'appointment', language: 'id', parameters: ['Budi', '09:00'] }
      const said = await server.call('POST', '/v1/messages', { to: typed, template })
      assert.deepEqual([said.status, said.body.contact], [201, number], JSON.stringify(said.body))
      const chat = await server.call('GET', `/v1/messages?contact=${encodeURIComponent(typed)}`)
      assert.equal(chat.body.data.length, 1)
      await server.call('POST', '/v1/verifications', { to: number, channel: 'sms' })
      const path = `/v1/businesses/${server.business.id}/budgets/reset`
      const reset = await server.call('POST', path, { recipient: typed }, bearer(operatorKey))
      assert.deepEqual(reset.body, { reset: true })
      const safe = await form('/v2/SafeList/Numbers', { PhoneNumber: typed })
      assert.deepEqual([safe.status, safe.body.phone_number], [201, number])
    }
  })
})
