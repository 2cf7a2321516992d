import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { readId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { refusalOf, refusals } from '../kit/refusals.ts'
import { policyDefaults } from '#access/core/policy.ts'
import { outcomeOf, outcomes } from '#compat/message-central/http/errors.ts'
import { readToken, tokenLastsSeconds } from '#compat/message-central/http/token.ts'
import { type Answer, bearer, codeOn, freshNumber, operatorKey, wrongCode } from '../kit/api.ts'
import { startTestServer } from '../kit/server.ts'
import { addKey } from '../kit/keys.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { compatCases } from './cases.ts'
import { accessIds } from '#access/core/ids.ts'

const test = compatCases('Message Central VerifyNow v3 (by HTTP: there is no official SDK)')

describe('Message Central, as its clients call it', () => {
  let server: SharedServer
  let customerId: string
  let authToken: string

  const tokenOf = (customer: string, key: string): Promise<Answer> => {
    const query = new URLSearchParams({
      customerId: customer,
      key: Buffer.from(key).toString('base64'),
      scope: 'NEW',
      country: '62',
      email: 'ani@example.com',
    })
    return server.call('GET', `/auth/v1/authentication/token?${query.toString()}`, undefined, {
      accept: '*/*',
      authorization: '',
    })
  }
  const send = (number: string, more: Record<string, string> = {}, token = authToken): Promise<Answer> => {
    const query = new URLSearchParams({
      countryCode: '62',
      customerId,
      flowType: 'SMS',
      mobileNumber: number.slice(3),
      type: 'OTP',
      ...more,
    })
    return server.call('POST', `/verification/v3/send?${query.toString()}`, undefined, {
      authtoken: token,
      authorization: '',
    })
  }
  const validate = (verificationId: string, code: string, token = authToken): Promise<Answer> =>
    server.call('GET', `/verification/v3/validateOtp?verificationId=${verificationId}&code=${code}`, undefined, {
      authtoken: token,
      authorization: '',
    })
  const started = async (number: string, more: Record<string, string> = {}): Promise<string> => {
    const { status, body } = await send(number, more)
    assert.equal(status, 200, JSON.stringify(body))
    return body.data.verificationId
  }
  /** What tells a client what happened: HTTP status, outer number, name, inner text. */
  const outcome = ({ status, body }: Answer) => [status, body.responseCode, body.message, body.data?.responseCode]
  /** Moves a pending verification's past, as if the time had gone by. */
  const letPass = (verificationId: string, seconds: number) =>
    server.database.query(
      `with one as (
         update verification v set expires_at = v.expires_at - make_interval(secs => $2)
         from verification_number n
         where n.number = $1 and n.verification_id = v.id returning v.business_id, v.live, v.person
       )
       update recipient r set sent_at = array(select at - make_interval(secs => $2) from unnest(r.sent_at) at)
       from one where one.business_id = r.business_id and one.live = r.live and one.person = r.person`,
      [verificationId, seconds],
    )

  before(async () => {
    server = await sharedServer()
    customerId = `C-${server.business.rowId.replaceAll('-', '').toUpperCase()}`
    authToken = (await tokenOf(customerId, server.key)).body.token
  })
  after(() => server.stop())

  test('200: a token, a code, and the code is right', async () => {
    const token = await tokenOf(customerId, server.key)
    assert.deepEqual([token.status, token.body.status, Object.keys(token.body)], [200, 200, ['status', 'token']])
    assert.equal(token.headers.get('cache-control'), 'no-store')
    const number = freshNumber()
    const sent = await send(number, { otpLength: '6' }, token.body.token)
    const { verificationId, transactionId } = sent.body.data
    assert.deepEqual(sent.body, {
      responseCode: 200,
      message: 'SUCCESS',
      data: {
        verificationId,
        mobileNumber: number.slice(3),
        responseCode: '200',
        errorMessage: null,
        timeout: String(policyDefaults.resendWaitsSeconds[0]),
        smsCLI: null,
        transactionId,
      },
    })
    assert.match(verificationId, /^\d{1,15}$/, 'text that is a number')
    const code = await codeOn(server, number)
    assert.equal(code.length, 6)
    const validated = await validate(verificationId, code)
    assert.deepEqual(validated.body, {
      responseCode: 200,
      message: 'SUCCESS',
      data: {
        verificationId: Number(verificationId),
        mobileNumber: number.slice(3),
        verificationStatus: 'VERIFICATION_COMPLETED',
        responseCode: '200',
        errorMessage: null,
        transactionId,
        referenceId: transactionId,
        authToken: null,
      },
    })
    assert.equal(typeof validated.body.data.verificationId, 'number', 'a number when validated')
  })

  test('702: a wrong code is HTTP 200, and the right one is still good', async () => {
    const number = freshNumber()
    const id = await started(number)
    const code = await codeOn(server, number)
    assert.equal(code.length, 6, 'their default of 4 is raised')
    for (const wrong of [wrongCode(code), 'abcd']) {
      assert.deepEqual(outcome(await validate(id, wrong)), [200, 702, 'WRONG_OTP_PROVIDED', '702'])
    }
    assert.deepEqual(outcome(await validate(id, code)), [200, 200, 'SUCCESS', '200'])
  })

  test('703: verified already', async () => {
    const number = freshNumber()
    const id = await started(number)
    const code = await codeOn(server, number)
    await validate(id, code)
    assert.deepEqual(outcome(await validate(id, code)), [200, 703, 'ALREADY_VERIFIED', '703'])
  })

  test('700: it ended without the code', async () => {
    const number = freshNumber()
    const id = await started(number)
    const { body } = await server.call('GET', `/v1/verifications?to=${encodeURIComponent(number)}`)
    await server.call('POST', `/v1/verifications/${body.data[0].id}/cancel`)
    assert.deepEqual(outcome(await validate(id, '1234')), [200, 700, 'VERIFICATION_FAILED', '700'])
  })

  test('705: the time is over', async () => {
    const number = freshNumber()
    const id = await started(number)
    const code = await codeOn(server, number)
    await letPass(id, policyDefaults.expiresInSeconds + 1)
    assert.deepEqual(outcome(await validate(id, code)), [200, 705, 'VERIFICATION_EXPIRED', '705'])
  })

  test('800: too many wrong codes, then too many of the recipient', async () => {
    const number = freshNumber()
    const id = await started(number)
    const code = await codeOn(server, number)
    for (let check = 0; check < policyDefaults.checkCountMax; check++) {
      assert.equal((await validate(id, wrongCode(code))).body.responseCode, 702)
    }
    assert.deepEqual(outcome(await validate(id, code)), [200, 800, 'MAXIMUM_LIMIT_REACHED', '800'])
    const again = await started(number)
    await server.database.query(
      `update recipient set failed_at = array(select now() from generate_series(1, 20)) where person in (select v.person from verification v where v.recipient = $1)`,
      [number],
    )
    const paused = await validate(again, code)
    assert.deepEqual(outcome(paused), [200, 800, 'MAXIMUM_LIMIT_REACHED', '800'])
    assert.ok(Number(paused.headers.get('retry-after')) > 0)
  })

  test('800: too many codes sent to one number', async () => {
    const number = freshNumber()
    for (let sends = 0; sends < policyDefaults.sendCountMax; sends++) {
      await started(number)
      const { body } = await server.call('GET', `/v1/verifications?status=pending&to=${encodeURIComponent(number)}`)
      await server.call('POST', `/v1/verifications/${body.data[0].id}/cancel`)
    }
    assert.deepEqual(outcome(await send(number)), [200, 800, 'MAXIMUM_LIMIT_REACHED', undefined])
  })

  test('506: again too soon, with the seconds left and not the first one’s id; after them the same code comes again, for another', async () => {
    const number = freshNumber()
    const id = await started(number)
    const code = await codeOn(server, number)
    const soon = await send(number)
    assert.deepEqual(outcome(soon), [200, 506, 'REQUEST_ALREADY_EXISTS', '506'])
    assert.deepEqual(Object.keys(soon.body.data).sort(), ['errorMessage', 'mobileNumber', 'responseCode', 'timeout'])
    assert.ok(Number(soon.body.data.timeout) > 0)
    const wait = policyDefaults.resendWaitsSeconds[0] as number
    await letPass(id, wait + 1)
    const own = await started(number)
    assert.notEqual(own, id)
    assert.equal(await codeOn(server, number, 2), code)
    assert.equal((await validate(own, code)).body.responseCode, 200)
    assert.notEqual((await validate(id, code)).body.responseCode, 703, 'the first one did not bring the code')
  })

  test('505: unknown, malformed and foreign ids', async () => {
    const other = (await server.call('POST', '/v1/businesses', { name: 'Other' }, bearer(operatorKey))).body
    const customer = `C-${(readId(accessIds.business, other.id) as string).replaceAll('-', '').toUpperCase()}`
    const foreign = (await tokenOf(customer, other.api_key)).body.token
    const id = await started(freshNumber())
    for (const [unknown, token] of [
      ['12659709', authToken],
      ['nothing', authToken],
      ['9'.repeat(40), authToken],
      ['', authToken],
      [id, foreign],
    ] as const) {
      const answer = await validate(unknown, '1234', token)
      assert.deepEqual(outcome(answer), [200, 505, 'INVALID_VERIFICATION_ID', undefined])
    }
  })

  test('501: another customer id than the token; none is fine', async () => {
    const answer = await send(freshNumber(), { customerId: 'C-1A2B3C4D' })
    assert.deepEqual(outcome(answer), [200, 501, 'INVALID_CUSTOMER_ID', undefined])
    assert.equal((await send(freshNumber(), { customerId: '' })).body.responseCode, 200)
    assert.equal((await send(freshNumber(), { customerId: customerId.toLowerCase() })).body.responseCode, 200)
  })

  test('511: a country code that nobody has', async () => {
    for (const countryCode of ['999', '0', 'ID']) {
      const answer = await send(freshNumber(), { countryCode })
      assert.deepEqual(outcome(answer), [200, 511, 'INVALID_COUNTRY_CODE', undefined])
    }
    assert.equal((await send(freshNumber(), { countryCode: '+62' })).body.responseCode, 200)
  })

  test('400: parameters that are missing, wrong or twice', async () => {
    const wrong: Record<string, string>[] = [
      { mobileNumber: '' },
      { mobileNumber: '12' },
      { mobileNumber: '81x2345678' },
      { countryCode: '' },
      { flowType: 'SAUTH' },
      { flowType: 'PIGEON' },
      { flowType: 'RCS' },
      { otpLength: '3' },
      { otpLength: '9' },
      { otpLength: 'six' },
      { type: 'LINK' },
    ]
    for (const more of wrong) {
      const answer = await send(freshNumber(), more)
      assert.deepEqual(outcome(answer), [400, 400, 'BAD_REQUEST', undefined], JSON.stringify(more))
    }
    const headers = { authtoken: authToken }
    const twice = await server.call('POST', '/verification/v3/send?countryCode=62&countryCode=62', undefined, headers)
    assert.deepEqual(outcome(twice), [400, 400, 'BAD_REQUEST', undefined])
    const none = await validate(await started(freshNumber()), '')
    assert.deepEqual(outcome(none), [400, 400, 'BAD_REQUEST', undefined])
  })

  test('401: no token, a wrong one, one that is over, and one of a revoked key', async () => {
    const [prefix = '', claims = '', mac = ''] = authToken.split('.')
    const told = JSON.parse(Buffer.from(claims, 'base64url').toString()) as object
    const forged = Buffer.from(JSON.stringify({ ...told, exp: 9e9 })).toString('base64url')
    for (const token of ['', 'x', `${prefix}.${claims}.`, `${prefix}.${forged}.${mac}`, `${authToken}.x`, server.key]) {
      assert.deepEqual(outcome(await send(freshNumber(), {}, token)), [401, 401, 'UNAUTHORIZED', undefined], token)
      assert.equal((await validate('1', '1234', token)).status, 401)
    }
    const made = (await server.call('POST', '/v1/api_keys')).body
    const token = (await tokenOf(customerId, made.key)).body.token
    assert.equal((await send(freshNumber(), {}, token)).status, 200)
    await server.call('DELETE', `/v1/api_keys/${made.id}`)
    assert.equal((await send(freshNumber(), {}, token)).status, 401)
  })

  test('a token lasts ten minutes, not five years', () => {
    const claims = JSON.parse(Buffer.from(authToken.split('.')[1] as string, 'base64url').toString()) as {
      sub: string
      iat: number
      exp: number
    }
    assert.equal(claims.sub, customerId)
    assert.equal(claims.exp - claims.iat, tokenLastsSeconds)
    assert.equal(tokenLastsSeconds, 600)
    assert.ok(!authToken.includes(server.key) && !JSON.stringify(claims).includes(server.key), 'it holds no key')
    const [prefix, body] = authToken.split('.')
    const mac = Buffer.alloc(16, 7)
    const keys = { fingerprint: () => mac } as never
    const own = `${prefix}.${body}.${mac.toString('base64url')}`
    const at = (seconds: number) => readToken(keys, own, new Date((claims.exp + seconds) * 1000))
    assert.deepEqual([at(-1) === undefined, at(0) === undefined], [false, true])
    return Promise.resolve()
  })

  test('a token is given for the right key and customer id only', async () => {
    const wrong: [string, string][] = [
      [customerId, `${server.key}x`],
      [customerId, 'password'],
      ['C-1A2B3C4D', server.key],
      ['', server.key],
      [customerId, ''],
    ]
    for (const [customer, key] of wrong) {
      assert.deepEqual(outcome(await tokenOf(customer, key)), [401, 401, 'UNAUTHORIZED', undefined])
    }
    const live = await addKey(server, (await server.call('GET', '/v1/applications')).body.data[0].id, true)
    const liveToken = (await tokenOf(customerId, live)).body.token
    const id = await started(freshNumber())
    const fromLive = await validate(id, '1234', liveToken)
    assert.deepEqual(
      outcome(fromLive),
      [200, 505, 'INVALID_VERIFICATION_ID', undefined],
      'test and live are two worlds',
    )
  })

  test('WHATSAPP and no flow type; a slash at the end; a body of any type, which says nothing', async () => {
    const number = freshNumber()
    await started(number, { flowType: 'WHATSAPP' })
    await codeOn(server, number)
    const { body } = await server.simulate('GET', `/handsets/${number}/messages`)
    assert.equal(body.messages[0].channel, 'whatsapp')
    assert.equal((await send(freshNumber(), { flowType: '' })).body.responseCode, 200)
    const query = `countryCode=62&flowType=SMS&mobileNumber=${freshNumber().slice(3)}`
    for (const type of ['application/x-www-form-urlencoded', 'application/json', 'text/plain']) {
      const headers = { authtoken: authToken, 'content-type': type }
      const path = `/verification/v3/send/?countryCode=62&flowType=SMS&mobileNumber=${freshNumber().slice(3)}`
      assert.equal((await server.call('POST', path, '{"a":', headers)).body.responseCode, 200, type)
    }
    const large = await server.call('POST', `/verification/v3/send?${query}`, 'x'.repeat(1_000_000), {
      authtoken: authToken,
    })
    assert.deepEqual(outcome(large), [413, 400, 'BAD_REQUEST', undefined])
  })

  test('500: a fault of ours, without its details', async () => {
    await server.database.query('alter table verification_number rename to lost')
    const answer = await send(freshNumber())
    await server.database.query('alter table lost rename to verification_number')
    assert.deepEqual(answer.body, { responseCode: 500, message: 'SERVER_ERROR', data: null })
    assert.equal(answer.status, 500)
  })

  test('every refusal of the catalogue has a code that their clients know', () => {
    const known = new Map(Object.values(outcomes).map(({ code, name }) => [code, name]))
    for (const code of Object.keys(refusals)) {
      const { code: told, name, httpStatus } = outcomeOf(new Refusal(refusalOf(code)))
      assert.equal(known.get(told), name, code)
      assert.ok(told < 500 || told === 500 ? httpStatus >= 400 : httpStatus === 200, code)
    }
    return Promise.resolve()
  })

  test('neither keys, tokens nor codes are logged, though they stand in URLs', async () => {
    const logging = await startTestServer({ CENTANG_LOG_REQUESTS: 'on' })
    const key = Buffer.from(logging.key).toString('base64')
    await logging.call('GET', `/auth/v1/authentication/token?customerId=C-1&key=${key}`)
    await logging.call('GET', '/verification/v3/validateOtp?verificationId=1&code=8642')
    const text = logging.logged.join('')
    await logging.stop()
    assert.ok(text.includes('/auth/v1/authentication/token'), 'requests were logged')
    assert.ok(!text.includes(key) && !text.includes(logging.key) && !text.includes('8642'))
  })
})
