import assert from 'node:assert/strict'
import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { type Answer, freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { assertUnseen, codesOn, freshCode, verificationOf } from './arrivals.ts'
import { clerkPayload, supabasePayload, zitadelOtpPayload, zitadelPayload } from './payloads.ts'

interface Sent {
  readonly id?: string
  readonly at?: Date
  readonly secret?: string
  /** Put in after signing. */
  readonly tampered?: string
}

describe('auth servers that sign', { concurrency: true }, () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())

  const newSecret = (): string => `whsec_${randomBytes(24).toString('base64')}`
  async function makeGateway(system: string, secret: string): Promise<string> {
    const made = await server.call('POST', '/v1/gateways', { system, secret })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    return made.body.url as string
  }
  const post = async (url: string, text: string, headers: Record<string, string>): Promise<Answer> => {
    const answer = await fetch(url, {
      method: 'POST',
      body: text,
      headers: { 'content-type': 'application/json', ...headers },
    })
    const isJson = answer.headers.get('content-type')?.startsWith('application/json')
    return { status: answer.status, headers: answer.headers, body: await (isJson ? answer.json() : answer.text()) }
  }
  /** As Supabase and Svix sign; the package is the reference implementation. */
  const sendSigned =
    (prefix: 'webhook' | 'svix', ownSecret: string) =>
    (
      url: string,
      payload: unknown,
      { id = randomUUID(), at = new Date(), secret = ownSecret, tampered }: Sent = {},
    ) => {
      const text = JSON.stringify(payload)
      return post(url, tampered ?? text, {
        [`${prefix}-id`]: id,
        [`${prefix}-timestamp`]: String(Math.floor(at.getTime() / 1000)),
        [`${prefix}-signature`]: new Webhook(secret).sign(id, at, text),
      })
    }

  describe('Supabase', { concurrency: true }, () => {
    const secret = newSecret()
    const send = sendSigned('webhook', secret)
    let url: string
    before(async () => {
      url = await makeGateway('supabase', `v1,${secret}`)
    })

    it('has its code delivered by WhatsApp, in the time it waits', async () => {
      const [to, code] = [freshNumber(), freshCode()]
      const startedAt = performance.now()
      const answer = await send(url, supabasePayload(to, code))
      // Its limit. What is slower than that is a machine with nothing left, and is to be seen as well.
      assert.ok(performance.now() - startedAt < 5000)
      assert.equal(answer.status, 200)
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
      assert.equal(answer.body.error, undefined)
      assert.deepEqual(await codesOn(server, to), [code])
      const verification = await verificationOf(server, to)
      assert.deepEqual(
        [verification.purpose, verification.status, verification.metadata],
        ['supabase', 'pending', { kind: 'sms' }],
      )
      assertUnseen(server, code, answer, verification)
    })

    it('has it delivered by SMS where WhatsApp does not reach', async () => {
      const [to, code] = [freshNumber(), freshCode()]
      await server.simulate('PUT', `/handsets/${to}`, { whatsapp: false })
      await send(url, supabasePayload(to, code))
      assert.deepEqual(await codesOn(server, to), [code])
      const { deliveries } = await verificationOf(server, to)
      assert.deepEqual(
        deliveries.map(({ channel }: { channel: string }) => channel),
        ['whatsapp', 'sms'],
      )
    })

    it('may repeat a call, under a new webhook-id as it does, and the person gets one message', async () => {
      const [to, code] = [freshNumber(), freshCode()]
      const payload = supabasePayload(to, code)
      const answers = [await send(url, payload), await send(url, payload), await send(url, payload)]
      assert.deepEqual(
        answers.map(({ status, body }) => [status, body.id]),
        answers.map(() => [200, answers[0]?.body.id]),
      )
      assert.deepEqual(await codesOn(server, to), [code])
    })

    it('may repeat a call in the same moment, and the person gets one message', async () => {
      const [to, code] = [freshNumber(), freshCode()]
      const payload = supabasePayload(to, code)
      const answers = await Promise.all([1, 2, 3, 4].map(() => send(url, payload)))
      assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
      assert.deepEqual(await codesOn(server, to), [code])
    })

    it('sends another code to somebody who asks again, and the pending one is replaced', async () => {
      const [to, first, second] = [freshNumber(), freshCode(), freshCode()]
      const before = await send(url, supabasePayload(to, first))
      await codesOn(server, to)
      const again = await send(url, supabasePayload(to, second))
      assert.notEqual(before.body.id, again.body.id)
      assert.deepEqual(await codesOn(server, to, 2), [first, second])
      const replaced = await server.call('GET', `/v1/verifications/${before.body.id}`)
      const pending = await server.call('GET', `/v1/verifications/${again.body.id}`)
      assert.deepEqual([replaced.body.status, pending.body.status], ['canceled', 'pending'])
    })

    it('is known by the code in versions that have no metadata, where every repetition has another id', async () => {
      const [to, code] = [freshNumber(), freshCode()]
      const { metadata: _, ...payload } = supabasePayload(to, code)
      await send(url, payload)
      await send(url, payload)
      assert.deepEqual(await codesOn(server, to), [code])
    })

    it('sends to the new number while it is changed', async () => {
      const [to, code] = [freshNumber(), freshCode()]
      const payload = supabasePayload(freshNumber(), code)
      await send(url, { ...payload, sms: { otp: code, phone: to.slice(1), sms_type: 'phone_change' } })
      assert.deepEqual(await codesOn(server, to), [code])
    })

    it('may replace its secret: the old and the new one stand side by side', async () => {
      const [old, next] = [newSecret(), newSecret()]
      const both = await makeGateway('supabase', `v1,${old}|v1,${next}`)
      for (const secretUsed of [old, next]) {
        assert.equal(
          (await send(both, supabasePayload(freshNumber(), freshCode()), { secret: secretUsed })).status,
          200,
        )
      }
      // As it signs with both: joined by a comma and a space.
      const [text, id, at] = [JSON.stringify(supabasePayload(freshNumber(), freshCode())), randomUUID(), new Date()]
      const answer = await post(url, text, {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': [newSecret(), secret].map((one) => new Webhook(one).sign(id, at, text)).join(', '),
      })
      assert.equal(answer.status, 200)
    })

    it('is refused in its own shape when the signature is not right, and nothing is sent', async () => {
      const to = freshNumber()
      const payload = supabasePayload(to, freshCode())
      const forged = JSON.stringify(supabasePayload(to, freshCode()))
      const refused = [
        await send(url, payload, { secret: newSecret() }),
        await send(url, payload, { tampered: forged }),
        await send(url, payload, { at: new Date(Date.now() - 6 * 60_000) }),
        await send(url, payload, { at: new Date(Date.now() + 6 * 60_000) }),
        await post(url, forged, {}),
        await post(url, forged, { 'webhook-id': 'a', 'webhook-timestamp': 'soon', 'webhook-signature': 'v1,' }),
      ]
      for (const { status, body } of refused) {
        assert.equal(status, 401)
        assert.deepEqual(Object.keys(body), ['error'])
        assert.equal(body.error.http_code, 401)
        assert.equal(typeof body.error.message, 'string')
      }
      await new Promise((done) => setTimeout(done, 300))
      assert.deepEqual((await server.simulate('GET', `/handsets/${to}/messages`)).body.messages, [])
    })

    it('hears in its own shape what is wrong with a call', async () => {
      const to = freshNumber()
      const good = supabasePayload(to, freshCode())
      const cases: readonly (readonly [unknown, number, number])[] = [
        [{}, 400, 400],
        [[], 400, 400],
        [null, 400, 400],
        [{ ...good, sms: { otp: 123456 } }, 400, 400],
        [{ ...good, user: { phone: null } }, 400, 400],
        // What the person is to read comes with 200: Supabase passes on no other text.
        [{ ...good, sms: { otp: 'canary' } }, 200, 422],
        [{ ...good, user: { phone: '12345' } }, 200, 422],
      ]
      for (const [payload, status, httpCode] of cases) {
        const answer = await send(url, payload)
        assert.deepEqual([answer.status, answer.body.error?.http_code], [status, httpCode], JSON.stringify(payload))
        assert.ok(!JSON.stringify(answer.body).includes('canary'))
      }
      const broken = await post(url, '{', {})
      assert.deepEqual([broken.status, broken.body.error.http_code], [400, 400])
    })

    it('tells the person when there were too many codes', async () => {
      const to = freshNumber()
      const statuses: unknown[] = []
      for (let count = 0; count < 6; count++) {
        const { status, body } = await send(url, supabasePayload(to, freshCode()))
        statuses.push([status, body.error?.http_code])
      }
      assert.deepEqual(statuses, [...[1, 2, 3, 4, 5].map(() => [200, undefined]), [200, 429]])
    })

    it('finds nothing under an id that is none, is removed, or is of another system', async () => {
      const payload = supabasePayload(freshNumber(), freshCode())
      const clerkUrl = await makeGateway('clerk', secret)
      const base = url.slice(0, url.lastIndexOf('/'))
      const removed = await makeGateway('supabase', secret)
      await server.call('DELETE', `/v1/gateways/${removed.slice(removed.lastIndexOf('/') + 1)}`)
      const others = [`${base}/gwy_${'0'.repeat(32)}`, `${base}/x`, removed, clerkUrl.replace('clerk', 'supabase')]
      for (const other of others) {
        const { status, body } = await send(other, payload)
        assert.deepEqual([status, body.error.http_code], [404, 404], other)
      }
    })
  })

  describe('Clerk', { concurrency: true }, () => {
    const secret = newSecret()
    const send = sendSigned('svix', secret)
    let url: string
    before(async () => {
      url = await makeGateway('clerk', secret)
    })

    it('has its code delivered once, however often Svix repeats', async () => {
      const [to, code, id] = [freshNumber(), freshCode(), 'msg_2nH3x8aQwErTy']
      const answers = [await send(url, clerkPayload(to, code), { id }), await send(url, clerkPayload(to, code), { id })]
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200],
      )
      assert.deepEqual(await codesOn(server, to), [code])
      const verification = await verificationOf(server, to)
      assert.deepEqual([verification.purpose, verification.metadata], ['clerk', { kind: 'verification_code' }])
      assertUnseen(server, code, answers, verification)
    })

    it('is thanked for what is not to be delivered, so that it does not come again', async () => {
      const to = freshNumber()
      const good = clerkPayload(to, freshCode())
      for (const payload of [
        { ...good, type: 'user.created' },
        { ...good, data: { ...good.data, delivered_by_clerk: true } },
        { ...good, data: { ...good.data, data: {} } },
        clerkPayload(to, freshCode(), Date.now() - 11 * 60_000),
      ]) {
        const { status, body } = await send(url, payload)
        assert.equal(status, 200)
        assert.equal(typeof body.skipped, 'string')
      }
      await new Promise((done) => setTimeout(done, 300))
      assert.deepEqual((await server.simulate('GET', `/handsets/${to}/messages`)).body.messages, [])
    })

    it('is refused when the signature is wrong or old', async () => {
      const payload = clerkPayload(freshNumber(), freshCode())
      for (const sent of [{ secret: newSecret() }, { at: new Date(Date.now() - 6 * 60_000) }, { tampered: '{}' }]) {
        const { status, body } = await send(url, payload, sent)
        assert.deepEqual([status, body.code], [401, 'webhook_signature_invalid'])
      }
    })
  })

  describe('ZITADEL', { concurrency: true }, () => {
    const secret = 'X93V1qG5Yx7mJd0aPk3wTuR8'
    const send = (url: string, payload: unknown, { at = new Date(), secret: used = secret, tampered }: Sent = {}) => {
      const text = JSON.stringify(payload)
      const seconds = Math.floor(at.getTime() / 1000)
      const signature = createHmac('sha256', used).update(`${seconds}.${text}`).digest('hex')
      return post(url, tampered ?? text, { 'zitadel-signature': `t=${seconds},v1=${signature}` })
    }
    let url: string
    before(async () => {
      url = await makeGateway('zitadel', secret)
    })

    it('has its codes delivered, for a number and for a sign-in', async () => {
      for (const payload of [zitadelPayload, zitadelOtpPayload]) {
        const [to, code] = [freshNumber(), freshCode()]
        const answer = await send(url, payload(to, code))
        assert.equal(answer.status, 200, JSON.stringify(answer.body))
        // As it does when the answer was lost, signed anew.
        const again = await send(url, payload(to, code), { at: new Date(Date.now() + 2000) })
        assert.equal(again.body.id, answer.body.id)
        assert.deepEqual(await codesOn(server, to), [code])
        const verification = await verificationOf(server, to)
        assert.equal(verification.purpose, 'zitadel')
        assertUnseen(server, code, answer, verification)
      }
    })

    it('is refused when the signature is wrong or old, or the code is none of digits', async () => {
      const payload = zitadelPayload(freshNumber(), freshCode())
      for (const sent of [{ secret: 'another-one' }, { at: new Date(Date.now() - 6 * 60_000) }, { tampered: '{}' }]) {
        const { status, body } = await send(url, payload, sent)
        assert.equal(status, 401)
        assert.match(body, /^webhook_signature_invalid: /)
      }
      const letters = await send(url, zitadelPayload(freshNumber(), 'WQX8OM'))
      assert.equal(letters.status, 422)
      assert.match(letters.body, /^code_unsuitable: /)
    })
  })
})
