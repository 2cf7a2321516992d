import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { runInNewContext } from 'node:vm'
import { type Answer, freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { assertUnseen, codesOn, freshCode, verificationOf } from './arrivals.ts'
import { auth0Payload, keycloakPayload, kratosPayload, logtoPayload } from './payloads.ts'

const systems = {
  logto: { payload: logtoPayload, locale: 'pt-BR', kind: 'SignIn' },
  kratos: { payload: kratosPayload, locale: 'en', kind: 'login_code_valid' },
  auth0: { payload: auth0Payload, locale: 'es', kind: 'otp_verify' },
  keycloak: { payload: keycloakPayload, locale: 'en', kind: undefined },
} as const

describe('auth servers that send a key', { concurrency: true }, () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())

  const post = (system: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    server.call('POST', `/v1/gateway/${system}`, body, headers)

  for (const [system, { payload, locale, kind }] of Object.entries(systems)) {
    describe(system, { concurrency: true }, () => {
      it('has its code delivered once, when the call is repeated', async () => {
        const [to, code] = [freshNumber(), freshCode()]
        const answers = [await post(system, payload(to, code)), await post(system, payload(to, code))]
        assert.deepEqual(
          answers.map(({ status, body }) => [status, body.id]),
          [
            [200, answers[0]?.body.id],
            [200, answers[0]?.body.id],
          ],
          JSON.stringify(answers[0]?.body),
        )
        assert.deepEqual(await codesOn(server, to), [code])
        const verification = await verificationOf(server, to)
        assert.deepEqual([verification.purpose, verification.locale, verification.status], [system, locale, 'pending'])
        assert.equal(verification.metadata?.kind, kind)
        assertUnseen(server, code, answers, verification)
      })

      it('has a second code delivered at once, and the first verification is over', async () => {
        const [to, first, second] = [freshNumber(), freshCode(), freshCode()]
        const before = await post(system, payload(to, first))
        await codesOn(server, to)
        await post(system, payload(to, second))
        assert.deepEqual(await codesOn(server, to, 2), [first, second])
        assert.equal((await server.call('GET', `/v1/verifications/${before.body.id}`)).body.status, 'canceled')
      })
    })
  }

  it('may give an Idempotency-Key, which decides what is a repetition', async () => {
    const [to, code] = [freshNumber(), freshCode()]
    for (const key of ['first', 'first', 'second']) {
      const answer = await post('auth0', auth0Payload(to, code), { 'idempotency-key': `${key}-${to}` })
      assert.equal(answer.status, 200, key)
    }
    assert.deepEqual(await codesOn(server, to, 2), [code, code])
    const other = await post('auth0', auth0Payload(to, freshCode()), { 'idempotency-key': `first-${to}` })
    assert.deepEqual([other.status, other.body.code], [422, 'idempotency_key_reused'])
    assert.equal(other.body.retry, false)
    const bad = await post('auth0', auth0Payload(to, freshCode()), { 'idempotency-key': 'x'.repeat(256) })
    assert.deepEqual([bad.status, bad.body.code], [400, 'idempotency_key_invalid'])
  })

  describe('the Actions of the guide for Auth0', { concurrency: true }, () => {
    const guide = readFileSync(new URL('../../docs/guides/auth0.md', import.meta.url), 'utf8')
    const exports: Record<string, (event: unknown, api: unknown) => Promise<void>> = {}
    for (const [, code] of guide.matchAll(/```js\n(.*?)```/gs)) {
      runInNewContext(code as string, { exports, fetch, AbortSignal })
    }
    const run = async (name: string, event: object, key = server.key, url = server.url): Promise<string[]> => {
      const said: string[] = []
      const notification = {
        drop: (reason: string) => said.push(`drop ${reason}`),
        retry: (reason: string) => said.push(`retry ${reason}`),
      }
      const secrets = { CENTANG_URL: url, CENTANG_API_KEY: key }
      await exports[name]?.({ ...event, secrets }, { notification })
      return said
    }
    const notificationFor = (recipient: string, code?: string) => ({
      notification: {
        recipient,
        code,
        as_text: `Your verification code is ${code}`,
        delivery_method: 'text',
        locale: 'es',
        message_type: 'otp_verify',
      },
    })

    it('deliver a code', async () => {
      const [to, other, code, second] = [freshNumber(), freshNumber(), freshCode(), freshCode()]
      assert.deepEqual(await run('onExecuteCustomPhoneProvider', notificationFor(to, code)), [])
      assert.deepEqual(await codesOn(server, to), [code])
      const options = { recipient: other, code: second, action: 'second-factor-authentication', message_type: 'sms' }
      await run('onExecuteSendPhoneMessage', { message_options: options })
      assert.deepEqual(await codesOn(server, other), [second])
      const { locale, metadata } = await verificationOf(server, to)
      assert.deepEqual([locale, metadata], ['es', { kind: 'otp_verify' }])
    })

    it('tell Auth0 why a code is not delivered', async () => {
      const provider = 'onExecuteCustomPhoneProvider'
      assert.deepEqual(await run(provider, notificationFor(freshNumber())), ['drop There is no code to deliver.'])
      const [nobody] = await run(provider, notificationFor('12345', freshCode()))
      assert.match(nobody ?? '', /^drop Centang: recipient_invalid\. The recipient is not a phone/)
      const unknown = await run(provider, notificationFor(freshNumber(), freshCode()), 'ck_test_wrong0000')
      assert.match(unknown[0] ?? '', /^drop Centang: credentials_invalid\. /)
      const options = { recipient: '12345', code: freshCode(), action: 'enrollment' }
      await assert.rejects(run('onExecuteSendPhoneMessage', { message_options: options }), {
        message: 'Centang: recipient_invalid',
      })
    })

    it('have Auth0 repeat what may succeed soon', async () => {
      const answers: { status: number; body: string }[] = []
      const proxy = createServer((_request, reply) => {
        const { status, body } = answers.shift() ?? { status: 200, body: '{}' }
        reply.writeHead(status).end(body)
      })
      await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
      const url = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`
      const call = () =>
        run('onExecuteCustomPhoneProvider', notificationFor(freshNumber(), freshCode()), server.key, url)
      answers.push({ status: 503, body: '{"code":"busy","message":"It stops.","retry":true}' })
      assert.deepEqual(await call(), ['retry Centang: busy. It stops.'])
      answers.push({ status: 502, body: '<h1>Bad gateway</h1>' })
      assert.deepEqual(await call(), ['retry Centang: 502. '])
      answers.push({ status: 403, body: '<h1>Forbidden</h1>' })
      assert.deepEqual(await call(), ['drop Centang: 403. '])
      await new Promise((done) => proxy.close(done))
      assert.deepEqual(await call(), ['retry Centang was not reached: TypeError'])
    })
  })

  it('take the key as they can send it', async () => {
    const basic = Buffer.from(`centang:${server.key}`).toString('base64')
    for (const authorization of [`Bearer ${server.key}`, `bearer ${server.key}`, server.key, `Basic ${basic}`]) {
      const answer = await post('keycloak', keycloakPayload(freshNumber(), freshCode()), { authorization })
      assert.equal(answer.status, 200, authorization.split(' ')[0])
    }
  })

  it('have the code’s own lifetime kept, as far as ours reach', async () => {
    for (const [minutes, seconds] of [
      [5, 300],
      [60, 600],
      [0.1, 60],
    ] as const) {
      const to = freshNumber()
      const payload = kratosPayload(to, freshCode())
      await post('kratos', { ...payload, template_data: { ...payload.template_data, expires_in_minutes: minutes } })
      const { created_at, expires_at } = await verificationOf(server, to)
      // The clock is read for each of the two.
      assert.equal(Math.round((Date.parse(expires_at) - Date.parse(created_at)) / 1000), seconds)
    }
  })

  it('have each of the codes of Kratos delivered', async () => {
    for (const name of ['login_code', 'registration_code', 'verification_code', 'recovery_code']) {
      const [to, code] = [freshNumber(), freshCode()]
      const answer = await post('kratos', { recipient: to, template_data: { [name]: code } })
      assert.equal(answer.status, 200, name)
      assert.deepEqual(await codesOn(server, to), [code])
    }
  })

  it('have the code found in a text, or nothing sent when there is a doubt', async () => {
    const found = {
      'Dein Code lautet 4711 und gilt 5 Minuten.': '4711',
      '123 456 is your code': '123456',
      'Your code is: 00987654.\n\n@shop.example #00987654': '00987654',
      'رمزك هو ١٢٣٤٥٦': '123456',
    }
    for (const [body, code] of Object.entries(found)) {
      const to = freshNumber()
      assert.equal((await post('keycloak', { to, body })).status, 200, body)
      assert.deepEqual(await codesOn(server, to), [code])
    }
    for (const body of [
      'Code 482913, valid in 2026',
      'Your code is ABC',
      'Call +6281234567890',
      'Pay 1234.56',
      '12 34',
    ])
      assert.match((await post('keycloak', { to: freshNumber(), body })).body, /^body_invalid: .*body\/body must hold/)
  })
})
