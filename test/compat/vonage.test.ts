import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, describe } from 'node:test'
import { Vonage } from '@vonage/server-sdk'
import { readId } from '#platform/core/id.ts'
import { bearer, codeOn, eventually, freshNumber, operatorKey, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { compatCases } from './cases.ts'
import { accessIds } from '#access/core/ids.ts'
import { verificationIds } from '#verification/core/ids.ts'

const test = compatCases('Vonage Verify v2 (`@vonage/server-sdk` 3.30.1)')

interface Answered {
  readonly status: number
  readonly type: string | null
  readonly body: any
}

/** What the SDK throws holds the answer. */
async function refused(call: Promise<unknown>): Promise<Answered> {
  const error = await call.then(
    () => assert.fail('it was answered'),
    (thrown: unknown) => thrown as { response?: Response },
  )
  assert.ok(error.response, String(error))
  return {
    status: error.response.status,
    type: error.response.headers.get('content-type'),
    body: await error.response.json(),
  }
}

const newPair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })

describe("Vonage's SDK", () => {
  let server: SharedServer
  let applicationId: string
  let privateKey: string
  let client: Vonage

  const clientWith = (key: string, id = applicationId): Vonage =>
    new Vonage({ applicationId: id, privateKey: key }, { apiHost: server.url })
  const digits = (number: string): string => number.slice(1)
  const start = (number: string, more: object = {}) =>
    client.verify2.newRequest({
      brand: 'ACME',
      workflow: [{ channel: 'whatsapp', to: digits(number), from: '551140000000' }],
      ...more,
    } as never)

  before(async () => {
    server = await sharedServer()
    const [application] = (await server.call('GET', '/v1/applications')).body.data
    applicationId = readId(accessIds.application, application.id) as string
    const pair = newPair()
    privateKey = pair.privateKey
    const kept = await server.call('PUT', `/v1/applications/${application.id}/public_key`, {
      public_key: pair.publicKey,
    })
    assert.equal(kept.status, 200)
    client = clientWith(privateKey)
  })
  after(() => server.stop())

  test('starts, and the right code completes it', async () => {
    const number = freshNumber()
    const { requestId } = await start(number, { locale: 'pt-br', channelTimeout: 60, clientRef: 'ref1', codeLength: 6 })
    assert.match(requestId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a UUID, which their Java client insists on')
    const code = await codeOn(server, number)
    assert.equal(code.length, 6)
    assert.equal(await client.verify2.checkCode(requestId, code), 'completed')
    const again = await refused(client.verify2.checkCode(requestId, code))
    assert.equal(again.status, 404, 'verified already')
  })

  test('gets four digits unless it asks for more, and the client reference is kept', async () => {
    const number = freshNumber()
    const { requestId } = await start(number, { clientRef: 'order-17' })
    assert.equal((await codeOn(server, number)).length, 4)
    const { body } = await server.call('GET', `/v1/verifications/ver_${requestId.replaceAll('-', '')}`)
    assert.deepEqual(body.metadata, { client_ref: 'order-17' })
    assert.equal(body.to, number)
  })

  test('is told of a wrong code, and with the last one that the workflow is over', async () => {
    const number = freshNumber()
    const { requestId } = await start(number)
    const wrong = wrongCode(await codeOn(server, number))
    const first = await refused(client.verify2.checkCode(requestId, wrong))
    assert.equal(first.status, 400)
    assert.match(first.type ?? '', /^application\/problem\+json/)
    assert.equal(first.body.title, 'Invalid Code')
    assert.equal(first.body.detail, 'The code you provided does not match the expected value.')
    assert.equal(first.body.type, 'https://www.developer.vonage.com/api-errors/verify#invalid-code')
    assert.ok(first.body.instance)
    for (let check = 2; check < 5; check++) {
      assert.equal((await refused(client.verify2.checkCode(requestId, wrong))).status, 400)
    }
    const last = await refused(client.verify2.checkCode(requestId, wrong))
    assert.equal(last.status, 410)
    assert.match(last.body.detail, /too many times\. Workflow terminated\.$/)
    assert.equal((await refused(client.verify2.checkCode(requestId, wrong))).status, 410)
  })

  test('takes letters in a code for a wrong one, and an own code with letters is refused', async () => {
    const { requestId } = await start(freshNumber())
    assert.equal((await refused(client.verify2.checkCode(requestId, 'ABCD'))).status, 400)
    const own = await refused(start(freshNumber(), { code: 'a1b2c3' }))
    assert.equal(own.status, 422)
    assert.equal(own.body.invalid_parameters[0].name, 'code')
  })

  test('sends its own code', async () => {
    const number = freshNumber()
    const { requestId } = await start(number, { code: '907856' })
    assert.equal(await codeOn(server, number), '907856')
    assert.equal(await client.verify2.checkCode(requestId, '907856'), 'completed')
  })

  test('is told of a concurrent verification with its id, and nothing is sent again', async () => {
    const number = freshNumber()
    const { requestId } = await start(number)
    await codeOn(server, number)
    // Also when a native start would send it again.
    await server.database.query(
      `update recipient set sent_at = array(select at - interval '2 minutes' from unnest(sent_at) at) where person = $1`,
      [number],
    )
    for (const more of [{}, { code: '445566' }]) {
      const second = await refused(start(number, more))
      assert.equal(second.status, 409)
      assert.equal(second.body.title, 'Conflict')
      assert.equal(second.body.request_id, requestId)
    }
    const { body } = await server.call('GET', `/v1/verifications/ver_${requestId.replaceAll('-', '')}`)
    assert.equal(body.deliveries.length, 1)
  })

  test('of ten starts in one moment one is accepted', async () => {
    for (const ownCode of [false, true]) {
      const number = freshNumber()
      const answers = await Promise.allSettled(
        Array.from({ length: 10 }, (_, index) => start(number, ownCode ? { code: String(445566 + index) } : {})),
      )
      const accepted = answers.filter(({ status }) => status === 'fulfilled')
      assert.equal(accepted.length, 1)
      const conflicts = answers.filter((one) => one.status === 'rejected' && one.reason.response.status === 409)
      assert.equal(conflicts.length, 9)
    }
  })

  test('cancels, and may start again at once', async () => {
    const number = freshNumber()
    const { requestId } = await start(number)
    assert.equal(await client.verify2.cancel(requestId), true)
    assert.equal(await client.verify2.cancel(requestId), false, 'it is over')
    assert.notEqual((await start(number)).requestId, requestId)
  })

  test('goes on to the next step with the same code', async () => {
    const number = freshNumber()
    const { requestId } = await start(number, {
      workflow: [
        { channel: 'whatsapp', to: digits(number), from: '551140000000' },
        { channel: 'sms', to: digits(number), app_hash: 'ABC123def45' },
      ],
    })
    const code = await codeOn(server, number)
    assert.equal(await client.verify2.nextWorkflow(requestId), true)
    assert.equal(await codeOn(server, number, 2), code)
    const { body } = await server.simulate('GET', `/handsets/${number}/messages`)
    assert.deepEqual(body.messages.map(({ channel }: { channel: string }) => channel).sort(), ['sms', 'whatsapp'])
    assert.equal(await client.verify2.nextWorkflow(requestId), false, 'no step is left')
    assert.equal(await client.verify2.checkCode(requestId, code), 'completed')
  })

  test('a step that fails hands over to the next by itself', async () => {
    const number = freshNumber()
    await server.simulate('PUT', `/handsets/${number}`, { whatsapp: false })
    const { requestId } = await start(number, {
      workflow: [
        { channel: 'whatsapp', to: digits(number), from: '551140000000' },
        { channel: 'sms', to: digits(number) },
      ],
    })
    assert.equal(await client.verify2.checkCode(requestId, await codeOn(server, number)), 'completed')
  })

  test('three steps take turns within the ten minutes that a code lives', async () => {
    const number = freshNumber()
    const steps = ['whatsapp', 'sms', 'whatsapp'].map((channel) => ({ channel, to: digits(number) }))
    const { requestId } = await start(number, { workflow: steps, channelTimeout: 900 })
    const { body } = await server.call('GET', `/v1/verifications/ver_${requestId.replaceAll('-', '')}`)
    assert.deepEqual(
      body.workflow.map(({ wait_seconds }: { wait_seconds: number }) => wait_seconds),
      [200, 200, 200],
    )
    assert.equal(Date.parse(body.expires_at) - Date.parse(body.created_at), 600_000)
  })

  test('is told which parameter is wrong', async () => {
    const number = digits(freshNumber())
    const sms = { channel: 'sms', to: number }
    const cases: [object, string][] = [
      [{ brand: '' }, 'brand'],
      [{ brand: 'more than eighteen characters' }, 'brand'],
      [{ brand: 'a{b}' }, 'brand'],
      [{ workflow: [] }, 'workflow'],
      [{ workflow: [sms, sms, sms, sms] }, 'workflow'],
      [{ workflow: [{ channel: 'silent_auth', to: number }] }, 'workflow'],
      [{ workflow: [{ channel: 'voice', to: number }] }, 'workflow'],
      [{ workflow: [{ channel: 'whatsapp_interactive', to: number }] }, 'workflow'],
      [{ workflow: [{ channel: 'email', to: 'ani@example.com' }] }, 'workflow'],
      [{ workflow: [sms, { channel: 'whatsapp', to: digits(freshNumber()) }] }, 'workflow'],
      [{ workflow: [{ channel: 'sms' }] }, 'to'],
      [{ workflow: [{ channel: 'sms', to: '12' }] }, 'to'],
      [{ workflow: [{ channel: 'sms', to: '8816123456789' }] }, 'to'],
      [{ locale: 'klingon' }, 'locale'],
      [{ channelTimeout: 14 }, 'channel_timeout'],
      [{ channelTimeout: 901 }, 'channel_timeout'],
      [{ codeLength: 3 }, 'code_length'],
      [{ code: '123' }, 'code'],
      [{ templateId: 'cc121958-672f-4a14-9a2f-cd0a5a5e5a6f' }, 'template_id'],
    ]
    for (const [more, name] of cases) {
      const { status, body } = await refused(start(freshNumber(), more))
      assert.equal(status, 422, JSON.stringify(more))
      assert.deepEqual(Object.keys(body).sort(), ['detail', 'instance', 'invalid_parameters', 'title', 'type'])
      assert.equal(body.invalid_parameters[0].name, name, JSON.stringify(more))
      assert.ok(body.invalid_parameters[0].reason)
    }
  })

  test('languages are those of the texts here, others read English', async () => {
    for (const [locale, ours] of Object.entries({ 'id-id': 'id', 'es-mx': 'es', 'pt-pt': 'pt-BR', 'fr-fr': 'en' })) {
      const { requestId } = await start(freshNumber(), { locale })
      const { body } = await server.call('GET', `/v1/verifications/ver_${requestId.replaceAll('-', '')}`)
      assert.equal(body.locale, ours)
    }
  })

  test('unknown and foreign ids are not found', async () => {
    const other = await server.call('POST', '/v1/businesses', { name: 'Other' }, bearer(operatorKey))
    const made = await server.call('POST', '/v1/verifications', { to: freshNumber() }, bearer(other.body.api_key))
    const foreign = readId(verificationIds.verification, made.body.id) as string
    for (const id of ['c11236f4-00bf-4b89-84ba-88b25df97315', 'nothing', foreign]) {
      const { status, body } = await refused(client.verify2.checkCode(id, '1234'))
      assert.equal(status, 404)
      assert.equal(body.title, 'Not Found')
      assert.equal(await client.verify2.cancel(id), false)
      assert.equal(await client.verify2.nextWorkflow(id), false)
    }
  })

  test('templates: one to read, none to make', async () => {
    const templates = await Array.fromAsync(client.verify2.listAllTemplates())
    assert.deepEqual(
      templates.map(({ isDefault }) => isDefault),
      [true],
    )
    const templateId = templates[0]?.templateId as string
    assert.equal((await client.verify2.getTemplate(templateId)).templateId, templateId)
    assert.deepEqual(await Array.fromAsync(client.verify2.listAllTemplateFragments({ templateId })), [])
    assert.equal((await refused(client.verify2.createTemplate({ name: 'mine' } as never))).status, 409)
    assert.equal((await refused(client.verify2.deleteTemplate(templateId))).status, 409)
    assert.equal((await refused(client.verify2.getTemplate('c11236f4-00bf-4b89-84ba-88b25df97315'))).status, 404)
    assert.ok((await start(freshNumber(), { templateId })).requestId)
  })

  test('a JWT of a stranger, or of no application, is refused', async () => {
    const strangers = [
      clientWith(newPair().privateKey),
      clientWith(privateKey, 'c11236f4-00bf-4b89-84ba-88b25df97315'),
      clientWith(privateKey, 'not-a-uuid'),
    ]
    for (const stranger of strangers) {
      const { status, body } = await refused(stranger.verify2.checkCode('c11236f4-00bf-4b89-84ba-88b25df97315', '1234'))
      assert.equal(status, 401)
      assert.equal(body.title, 'Unauthorized')
      assert.equal(body.detail, 'You did not provide correct credentials.')
    }
  })

  test('the pair of a live key works in live mode, and in no other', async () => {
    const live = await server.call('POST', '/v1/businesses', { name: 'Live', mode: 'live' }, bearer(operatorKey))
    const pair = newPair()
    const path = `/v1/applications/${live.body.application_id}/public_key`
    const kept = await server.call('PUT', path, { public_key: pair.publicKey }, bearer(live.body.api_key))
    assert.equal(kept.body.mode, 'live')
    const liveClient = clientWith(pair.privateKey, readId(accessIds.application, live.body.application_id))
    const workflow = [{ channel: 'sms', to: digits(freshNumber()) }]
    const { status, body } = await refused(liveClient.verify2.newRequest({ brand: 'ACME', workflow } as never))
    assert.equal(status, 422, 'the simulated senders are out of reach, and there is no live one')
    assert.equal(body.invalid_parameters[0].name, 'workflow')
  })

  test('parameters without effect are logged once, by name', async () => {
    for (let count = 0; count < 2; count++) await start(freshNumber(), { fraudCheck: true })
    const lines = await eventually(async () => {
      const found = server.logged.filter((line) => line.includes('"parameter":"fraud_check"'))
      return found.length > 0 && found
    })
    assert.equal(lines.length, 1)
  })
})
