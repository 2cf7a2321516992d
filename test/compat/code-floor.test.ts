import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bearer, codeOn, eventually, freshNumber } from '../kit/api.ts'
import { type Business, type SharedServer, sharedServer } from '../kit/shared.ts'

/** The application's policy is a floor for every vendor's call: guessing four digits is a hundred times easier than six. */
let server: SharedServer
before(async () => {
  server = await sharedServer()
})
after(() => server.stop())

const basic = (user: string, key: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}`,
})

async function withPolicy(code_length?: number) {
  const business = await server.freshBusiness()
  const path = `/v1/applications/${business.application}`
  if (code_length !== undefined) {
    const changed = await server.call('PATCH', path, { policy: { code_length } }, bearer(business.key))
    assert.equal(changed.status, 200)
  }
  const names = (await server.call('GET', `${path}/credentials`, undefined, bearer(business.key))).body
  return { business, names }
}

type Door = (
  tenant: { readonly business: Business; readonly names: any },
  asked: number | undefined,
  own?: string,
) => Promise<{ readonly status: number; readonly length?: number }>

const doors: Readonly<Record<string, Door>> = {
  vonage: async ({ business, names }, asked, own) => {
    const number = freshNumber()
    const body = {
      brand: 'ACME',
      workflow: [{ channel: 'sms', to: number.slice(1) }],
      ...(asked !== undefined && { code_length: asked }),
      ...(own !== undefined && { code: own }),
    }
    const { status } = await server.call('POST', '/v2/verify', body, basic(names.vonage.api_key, business.key))
    return status === 202 ? { status, length: (await codeOn(server, number)).length } : { status }
  },
  'message central': async ({ business, names }, asked) => {
    const number = freshNumber()
    const key = encodeURIComponent(Buffer.from(business.key).toString('base64'))
    const customer = names.message_central.customer_id
    const { body } = await server.call('GET', `/auth/v1/authentication/token?customerId=${customer}&key=${key}`)
    const query = `countryCode=62&flowType=SMS&mobileNumber=${number.slice(3)}${asked === undefined ? '' : `&otpLength=${asked}`}`
    const { status } = await server.call('POST', `/verification/v3/send?${query}`, undefined, { authToken: body.token })
    return { status, length: (await codeOn(server, number)).length }
  },
}

for (const [door, start] of Object.entries(doors)) {
  test(`${door}: what is asked below the floor is raised to it, by default to six`, async () => {
    const usual = await withPolicy()
    for (const [asked, got] of [
      [undefined, 6],
      [4, 6],
      [6, 6],
      [8, 8],
    ] as const) {
      assert.equal((await start(usual, asked)).length, got, `${asked}`)
    }
    const long = await withPolicy(8)
    for (const asked of [undefined, 4, 6]) assert.equal((await start(long, asked)).length, 8, `${asked}`)
  })

  test(`${door}: a business that chose four with its eyes open has four`, async () => {
    const short = await withPolicy(4)
    for (const [asked, got] of [
      [undefined, 4],
      [4, 4],
      [6, 6],
    ] as const) {
      assert.equal((await start(short, asked)).length, got, `${asked}`)
    }
  })
}

test('a code of the caller’s own is refused below the floor', async () => {
  const vonage = doors['vonage'] as Door
  const long = await withPolicy(8)
  assert.equal((await vonage(long, undefined, '1234567')).status, 422)
  assert.deepEqual(await vonage(long, undefined, '12345678'), { status: 202, length: 8 })
  const twilio = async (code: string) => {
    const { business, names } = long
    const { account_sid: account, service_sid: service } = names.twilio
    const form = new URLSearchParams({ To: freshNumber(), Channel: 'sms', CustomCode: code })
    const post = (path: string, fields: string) =>
      server.call('POST', path, fields, {
        ...basic(account, business.key),
        'content-type': 'application/x-www-form-urlencoded',
      })
    await post(`/v2/Services/${service}`, 'CustomCodeEnabled=true')
    const { status, body } = await post(`/v2/Services/${service}/Verifications`, form.toString())
    return [status, body.code]
  }
  assert.deepEqual(await twilio('1234567'), [400, 60200])
  assert.deepEqual(await twilio('12345678'), [201, undefined])
})

test('numeric codes of Vonage’s clients are read, with the zeros that a number loses', async () => {
  const { business, names } = await withPolicy()
  const headers = basic(names.vonage.api_key, business.key)
  const checkAs = async (code: string) => {
    const number = freshNumber()
    const body = { brand: 'ACME', workflow: [{ channel: 'sms', to: number.slice(1) }], code }
    const { body: started } = await server.call('POST', '/v2/verify', body, headers)
    await eventually(async () => (await codeOn(server, number)) === code)
    const path = `/v2/verify/${started.request_id}`
    assert.equal((await server.call('POST', path, { code: Number(code) + 1 }, headers)).status, 400)
    return (await server.call('POST', path, { code: Number(code) }, headers)).status
  }
  assert.equal(await checkAs('907856'), 200)
  assert.equal(await checkAs('007856'), 200)
  const own = { brand: 'ACME', workflow: [{ channel: 'sms', to: freshNumber().slice(1) }], code: 907856 }
  assert.equal((await server.call('POST', '/v2/verify', own, headers)).status, 202)
})
