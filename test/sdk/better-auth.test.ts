import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { phoneNumber } from 'better-auth/plugins'
import pg from 'pg'
import { phoneNumberCodes } from '../../sdk/src/better-auth.ts'
import { type CentangRefusal, createClient } from '../../sdk/src/client.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { type Answer, codeOn, freshNumber, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

const baseURL = 'http://127.0.0.1:9'

/** Better Auth as its documentation sets it up, with our codes. */
const authOf = (pool: pg.Pool, url: string, apiKey: string, onRefusal: (refusal: CentangRefusal) => void) =>
  betterAuth({
    database: pool,
    baseURL,
    secret: 'only-for-the-tests-0123456789abcdef',
    logger: { disabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    emailAndPassword: { enabled: true },
    plugins: [
      phoneNumber({
        ...phoneNumberCodes({
          centang: createClient({ baseUrl: url, apiKey, retryCountMax: 0 }),
          locale: 'id',
          onRefusal,
        }),
        signUpOnVerification: { getTempEmail: (number) => `${number.slice(1)}@phone.shop.example` },
      }),
    ],
  })

describe('Better Auth with codes by Centang', () => {
  let server: SharedServer
  let database: TestDatabase
  let pool: pg.Pool
  let auth: ReturnType<typeof authOf>
  const refused: string[] = []
  before(async () => {
    server = await sharedServer()
    database = await freshDatabase({ migrated: false })
    pool = new pg.Pool({ connectionString: database.url })
    auth = authOf(pool, server.url, server.key, ({ code }) => refused.push(code))
    await (await getMigrations(auth.options)).runMigrations()
  })
  after(async () => {
    await pool.end()
    await database.drop()
    await server.stop()
  })

  const call = async (path: string, body: object, cookie?: string, by = auth): Promise<Answer> => {
    const headers = { 'content-type': 'application/json', origin: baseURL, ...(cookie !== undefined && { cookie }) }
    const answer = await by.handler(
      new Request(`${baseURL}/api/auth${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
    )
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  const send = (number: string): Promise<Answer> => call('/phone-number/send-otp', { phoneNumber: number })
  const verify = (number: string, code: string, more: object = {}, cookie?: string): Promise<Answer> =>
    call('/phone-number/verify', { phoneNumber: number, code, ...more }, cookie)
  const verificationsOf = async (number: string): Promise<any[]> =>
    (await server.call('GET', `/v1/verifications?to=${encodeURIComponent(number)}`)).body.data

  /** As many codes as a number may get in ten minutes. */
  const spendSends = async (number: string): Promise<void> => {
    for (const purpose of ['a', 'b', 'c', 'd', 'e'])
      await server.call('POST', '/v1/verifications', { to: number, purpose })
    for (const { id } of await verificationsOf(number)) await server.call('POST', `/v1/verifications/${id}/cancel`, {})
  }

  it('signs up and signs in by a code that came to the phone', async () => {
    const number = freshNumber()
    assert.equal((await send(number)).status, 200)
    const code = await codeOn(server, number)
    const wrong = await verify(number, wrongCode(code))
    assert.deepEqual([wrong.status, wrong.body.code], [400, 'INVALID_OTP'])
    const right = await verify(number, code)
    assert.equal(right.status, 200, JSON.stringify(right.body))
    assert.deepEqual([right.body.user.phoneNumber, right.body.user.phoneNumberVerified], [number, true])
    assert.ok(right.body.token, 'a session')
    const [verification] = await verificationsOf(number)
    assert.deepEqual(
      [verification.status, verification.purpose, verification.locale],
      ['approved', 'better-auth.sign-in', 'id'],
    )
    assert.equal((await verify(number, code)).status, 400, 'a code is good once')

    assert.equal((await send(number)).status, 200)
    const again = await verify(number, await codeOn(server, number, 2))
    assert.equal(again.body.user.id, right.body.user.id, 'the same account')
  })

  /** An account with a password whose number is verified. */
  const signUp = async (number: string, password: string): Promise<void> => {
    const { headers } = await call('/sign-up/email', {
      email: `${number.slice(1)}@shop.example`,
      name: 'Budi',
      password,
    })
    const cookie = headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ')
    await send(number)
    const added = await verify(number, await codeOn(server, number), { updatePhoneNumber: true }, cookie)
    assert.equal(added.status, 200, JSON.stringify(added.body))
  }
  const signIn = async (number: string, password: string): Promise<number> =>
    (await call('/sign-in/phone-number', { phoneNumber: number, password })).status

  it('resets a password by a code that came to the phone', async () => {
    const number = freshNumber()
    await signUp(number, 'the first password')
    assert.equal(await signIn(number, 'the first password'), 200)
    assert.equal((await call('/phone-number/request-password-reset', { phoneNumber: number })).status, 200)
    const otp = await codeOn(server, number, 2)
    const reset = (code: string) =>
      call('/phone-number/reset-password', { phoneNumber: number, otp: code, newPassword: 'the second password' })
    assert.equal((await reset(wrongCode(otp))).status, 400)
    assert.equal((await verify(number, otp)).status, 400, 'a code for a new password signs nobody in')
    assert.equal((await reset(otp)).status, 200)
    assert.equal(await signIn(number, 'the first password'), 401)
    assert.equal(await signIn(number, 'the second password'), 200)
  })

  it('sets no new password with a code for signing in', async () => {
    const number = freshNumber()
    await signUp(number, 'the first password')
    await send(number)
    const otp = await codeOn(server, number, 2)
    const reset = await call('/phone-number/reset-password', {
      phoneNumber: number,
      otp,
      newPassword: 'a stolen account',
    })
    assert.equal(reset.status, 400)
    assert.equal(await signIn(number, 'a stolen account'), 401)
    assert.equal((await verify(number, otp)).status, 200, 'and it is still good for what it was sent for')
  })

  it('tells nobody which numbers have an account', async () => {
    const [known, unknown] = [freshNumber(), freshNumber()]
    await signUp(known, 'the first password')
    const ask = (number: string) => call('/phone-number/request-password-reset', { phoneNumber: number })
    const strange = await ask(unknown)
    for (const isRefused of [false, true]) {
      const answer = await ask(known)
      assert.deepEqual([answer.status, answer.body], [strange.status, strange.body])
      assert.equal(refused.includes('send_limit_reached'), isRefused, 'the business hears of it')
      await spendSends(known)
    }
    assert.equal((await verificationsOf(unknown)).length, 0, 'nothing is sent to strangers')
  })

  it('takes five guesses of fifty at once', async () => {
    const number = freshNumber()
    await send(number)
    const code = await codeOn(server, number)
    let guess = code
    const guesses = Array.from({ length: 50 }, () => verify(number, (guess = wrongCode(guess))))
    const answers = await Promise.all(guesses)
    assert.ok(
      answers.every(({ status }) => status === 400 || status === 429),
      answers.map(({ status }) => status).join(' '),
    )
    const [verification] = await verificationsOf(number)
    assert.equal(verification.status, 'blocked')
    assert.notEqual((await verify(number, code)).status, 200, 'the right one comes too late')
    const [row] = await server.database.query('select check_count from verification where recipient = $1', [number])
    assert.equal(row?.['check_count'], 5)
  })

  it('makes no second account of another spelling of a number', async () => {
    const number = freshNumber()
    const spaced = `${number.slice(0, 3)} ${number.slice(3)}`
    assert.equal((await send(spaced)).status, 400)
    await send(number)
    const code = await codeOn(server, number)
    assert.equal((await verify(spaced, code)).status, 400)
    assert.equal((await verify(number, code)).status, 200)
  })

  it('says when to come back, and of its own troubles nothing', async () => {
    const number = freshNumber()
    await spendSends(number)
    const soon = await send(number)
    assert.deepEqual([soon.status, soon.body.code], [429, 'SEND_LIMIT_REACHED'])
    assert.ok(Number(soon.headers.get('retry-after')) > 0)
    const invalid = await send('+62812')
    assert.deepEqual([invalid.status, invalid.body.code], [400, 'INVALID_PHONE_NUMBER'])

    const heard: string[] = []
    for (const [url, key, code] of [
      ['http://127.0.0.1:9', server.key, 'unreachable'],
      [server.url, 'ck_test_nobody0000', 'credentials_invalid'],
    ] as const) {
      const broken = authOf(pool, url, key, (refusal) => heard.push(refusal.code))
      const answer = await call('/phone-number/send-otp', { phoneNumber: number }, undefined, broken)
      assert.equal(answer.status, 503)
      assert.doesNotMatch(JSON.stringify(answer.body), /127\.0\.0\.1|key|fetch/i)
      assert.equal(heard.at(-1), code)
    }
  })
})
