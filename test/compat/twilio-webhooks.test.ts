import { accessIds } from '#access/core/ids.ts'
import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before } from 'node:test'
import twilio from 'twilio'
import { readId } from '#platform/core/id.ts'
import { bearer, eventually, operatorKey, wrongCode } from '../kit/api.ts'
import { shownCode } from '../kit/authenticator.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { addKey } from '../kit/keys.ts'
import { compatCases } from './cases.ts'

const test = compatCases('Webhooks by the API of Twilio Verify (npm twilio 6.2.0)')

interface Received {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

let server: SharedServer
let host: string
const received: Received[] = []
let statusOf: (one: Received) => number = () => 204
const receiver = createServer((request, reply) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const one = {
      url: `http://${host}${request.url}`,
      headers: request.headers,
      text: Buffer.concat(chunks).toString(),
    }
    received.push(one)
    reply.writeHead(statusOf(one)).end()
  })
})

before(async () => {
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done))
  host = `127.0.0.1:${(receiver.address() as AddressInfo).port}`
  server = await sharedServer()
})
after(async () => {
  await server.stop()
  receiver.closeAllConnections()
  receiver.close()
})

async function createTenant() {
  const { body } = await server.call('POST', '/v1/businesses', { name: 'Kedai' }, bearer(operatorKey))
  const key = body.api_key as string
  const found = await server.call('GET', `/v1/applications/${body.application_id}/credentials`, undefined, bearer(key))
  return { id: body.id as string, key, applicationId: body.application_id as string, sids: found.body.twilio }
}
type Tenant = Awaited<ReturnType<typeof createTenant>>

function serviceOf({ sids, key }: Pick<Tenant, 'sids' | 'key'>) {
  const client = twilio(sids.account_sid, key)
  client.verify.baseUrl = server.url
  return client.verify.v2.services(sids.service_sid)
}

const native = (tenant: Tenant, method: string, path: string, body?: unknown) =>
  server.call(method, `/v1/webhook_endpoints${path}`, body, bearer(tenant.key))
const idOf = (sid: string): string => sid.replace('YW', 'whe_')
/** Twilio's own client shows no secret: it is asked for once, natively. */
const secretOf = async (tenant: Tenant, sid: string): Promise<string> =>
  (await native(tenant, 'POST', `/${idOf(sid)}/secret`)).body.secret

const at = (path: string) => received.filter(({ url }) => url.startsWith(`http://${host}/${path}`))
const fieldsOf = ({ text }: Received): Record<string, string> => Object.fromEntries(new URLSearchParams(text))
const typesAt = (path: string) => at(path).map((one) => fieldsOf(one)['type'] ?? '')
const quiet = () => new Promise((done) => setTimeout(done, 1200))
const signatureOf = ({ headers }: Received) => String(headers['x-twilio-signature'])

const fault = (status: number, code: number) => (error: any) => {
  assert.deepEqual([error.status, error.code], [status, code], String(error))
  return true
}

const wanted = (path: string) => ({ friendlyName: 'News', eventTypes: ['*'], webhookUrl: `http://${host}/${path}` })

/** A person with an app: made, verified, asked wrongly and rightly, and removed. */
async function live(tenant: Tenant, identity: string) {
  const left = 30_000 - (Date.now() % 30_000)
  if (left < 6000) await new Promise((done) => setTimeout(done, left))
  const entity = serviceOf(tenant).entities(identity)
  const made = await entity.newFactors.create({ friendlyName: 'Télé & co', factorType: 'totp' })
  const { secret } = made.binding as { secret: string }
  await entity.factors(made.sid).update({ authPayload: wrongCode(shownCode(secret, -1)) })
  await entity.factors(made.sid).update({ authPayload: shownCode(secret, -1) })
  const challenge = await entity.challenges.create({ factorSid: made.sid, authPayload: wrongCode(shownCode(secret)) })
  await entity.challenges(challenge.sid).update({ authPayload: shownCode(secret) })
  await entity.factors(made.sid).remove()
  return { factor: made.sid, challenge: challenge.sid, secret }
}

test('a webhook is made, read, listed, changed, disabled and deleted', async () => {
  const tenant = await createTenant()
  const { webhooks } = serviceOf(tenant)
  const made = await webhooks.create(wanted('crud'))
  assert.match(made.sid, /^YW[0-9a-f]{32}$/)
  assert.deepEqual(
    [made.friendlyName, made.eventTypes, made.status, made.version, made.webhookMethod, made.serviceSid],
    ['News', ['*'], 'enabled', 'v2', 'POST', tenant.sids.service_sid],
  )
  const changed = await webhooks(made.sid).update({
    eventTypes: ['factor.created'],
    status: 'disabled',
    versionParam: 'v1',
  })
  assert.deepEqual(
    [changed.friendlyName, changed.eventTypes, changed.status, changed.version],
    ['News', ['factor.created'], 'disabled', 'v1'],
  )
  await webhooks.create({ ...wanted('crud2'), status: 'disabled' })
  assert.deepEqual(
    (await webhooks.list({ pageSize: 1 })).map(({ status }) => status),
    ['disabled', 'disabled'],
  )
  assert.equal((await webhooks(made.sid).fetch()).webhookUrl, `http://${host}/crud`)
  assert.equal(await webhooks(made.sid).remove(), true)
  await assert.rejects(webhooks(made.sid).fetch(), fault(404, 20404))
})

test('what is none of its events, versions or addresses is refused, and what another business has is not there', async () => {
  const tenant = await createTenant()
  const { webhooks } = serviceOf(tenant)
  const bad = [{ eventTypes: ['verification.approved'] }, { versionParam: 'v3' as never }, { status: 'gone' as never }]
  for (const change of bad) await assert.rejects(webhooks.create({ ...wanted('x'), ...change }), fault(400, 60200))
  // SSRF: the guard of the other formats.
  for (const webhookUrl of ['https://169.254.169.254/latest', 'http://shop.example.com/', `${server.url}/hook`]) {
    await assert.rejects(webhooks.create({ ...wanted('x'), webhookUrl }), fault(400, 60200))
  }
  const { sid } = await webhooks.create(wanted('own'))
  await assert.rejects(webhooks(sid).update({ webhookUrl: 'https://10.0.0.1/' }), fault(400, 60200))
  await assert.rejects(
    serviceOf(await createTenant())
      .webhooks(sid)
      .fetch(),
    fault(404, 20404),
  )
  const otherMode = { ...tenant, key: await addKey(server, tenant.applicationId, true) }
  await assert.rejects(serviceOf(otherMode).webhooks(sid).remove(), fault(404, 20404))
})

test('a form tells of each step of an app, signed so that validateRequest takes it', async () => {
  const tenant = await createTenant()
  const { sid } = await serviceOf(tenant).webhooks.create(wanted('story?shop=1'))
  const token = await secretOf(tenant, sid)
  assert.match(token, /^[0-9a-f]{32}$/)
  const { factor, challenge, secret } = await live(tenant, 'person-story')
  await eventually(async () => typesAt('story').includes('factor.deleted'))
  await quiet()
  assert.deepEqual(typesAt('story').toSorted(), [
    'challenge.approved',
    'factor.created',
    'factor.deleted',
    'factor.verified',
  ])
  for (const one of at('story')) {
    const fields = fieldsOf(one)
    assert.ok(twilio.validateRequest(token, signatureOf(one), one.url, fields), one.text)
    // The negative controls: another field, another token.
    assert.ok(!twilio.validateRequest(token, signatureOf(one), one.url, { ...fields, type: 'x' }))
    assert.ok(!twilio.validateRequest(tenant.key, signatureOf(one), one.url, fields))
    assert.deepEqual(
      [
        fields['account_sid'],
        fields['service_sid'],
        fields['entity_identity'],
        fields['factor_sid'],
        fields['factor_type'],
      ],
      [tenant.sids.account_sid, tenant.sids.service_sid, 'person-story', factor, 'totp'],
    )
    assert.equal(fields['factor_friendly_name'], 'Télé & co')
    assert.equal(fields['challenge_sid'], fields['type'] === 'challenge.approved' ? challenge : undefined)
    assert.ok(!one.text.includes(secret))
  }
  assert.equal(new Set(at('story').map((one) => fieldsOf(one)['uuid'])).size, 4)
  const { data } = (await native(tenant, 'GET', `/${idOf(sid)}/deliveries`)).body
  assert.ok(
    data.every(
      (one: any) => one.subject === 'factor' && one.subject_id.startsWith('fct_') && one.status === 'delivered',
    ),
  )
})

test('version v1 is JSON, signed so that validateRequestWithBody takes it', async () => {
  const tenant = await createTenant()
  const { sid } = await serviceOf(tenant).webhooks.create({ ...wanted('json?shop=1'), versionParam: 'v1' })
  const token = await secretOf(tenant, sid)
  await serviceOf(tenant).entities('person-json').newFactors.create({ friendlyName: 'Télé', factorType: 'totp' })
  const [one] = await eventually(async () => at('json').length > 0 && at('json'))
  assert.ok(one)
  assert.equal(JSON.parse(one.text).type, 'factor.created')
  assert.ok(twilio.validateRequestWithBody(token, signatureOf(one), one.url, one.text))
  assert.ok(!twilio.validateRequestWithBody(token, signatureOf(one), one.url, one.text.replace('created', 'deleted')))
})

test('only the events that were asked for come, of this service and mode; a deleted person deletes their apps', async () => {
  const tenant = await createTenant()
  const service = serviceOf(tenant)
  await service.webhooks.create({ ...wanted('some'), eventTypes: ['factor.deleted', 'challenge.denied'] })
  const liveKey = { ...tenant, key: await addKey(server, tenant.applicationId, true) }
  await serviceOf(liveKey).webhooks.create(wanted('live'))
  await service.entities('person-some').newFactors.create({ friendlyName: 'A', factorType: 'totp' })
  await service.entities('person-some').newFactors.create({ friendlyName: 'B', factorType: 'totp' })
  await service.entities('person-some').remove()
  await eventually(async () => at('some').length === 2)
  await quiet()
  assert.deepEqual(typesAt('some'), ['factor.deleted', 'factor.deleted'])
  assert.equal(at('live').length, 0)
})

test('a failed sending comes again with the same fields and is replayed on request; 410 disables the webhook', async () => {
  const tenant = await createTenant()
  const { webhooks, entities } = serviceOf(tenant)
  const { sid } = await webhooks.create(wanted('again'))
  statusOf = () => (at('again').length === 1 ? 500 : 204)
  await entities('person-again').newFactors.create({ friendlyName: 'A', factorType: 'totp' })
  await eventually(async () => at('again').length === 2, 12_000)
  const { data } = await eventually(async () => {
    const { body } = await native(tenant, 'GET', `/${idOf(sid)}/deliveries?status=delivered`)
    return body.data.length === 1 && body
  })
  await native(tenant, 'POST', `/${idOf(sid)}/replay`, { delivery_id: data[0].id })
  await eventually(async () => at('again').length === 3)
  await native(tenant, 'POST', `/${idOf(sid)}/replay`, { since: '2020-01-01T00:00:00Z' })
  await eventually(async () => at('again').length === 4)
  assert.equal(new Set(at('again').map(({ text }) => text)).size, 1)
  statusOf = () => 410
  await entities('person-gone').newFactors.create({ friendlyName: 'A', factorType: 'totp' })
  await eventually(async () => (await webhooks(sid).fetch()).status === 'disabled')
  statusOf = () => 204
  // An address that turns out to be inside is refused when it is called, too.
  await webhooks(sid).update({ status: 'enabled' })
  await server.database.query(
    `update webhook_endpoint set url = 'https://169.254.169.254/' where format_settings ->> 'friendly_name' = 'News' and business_id = $1`,
    [readId(accessIds.business, tenant.id)],
  )
  await entities('person-inside').newFactors.create({ friendlyName: 'A', factorType: 'totp' })
  await eventually(async () => {
    const { body } = await native(tenant, 'GET', `/${idOf(sid)}/deliveries`)
    return body.data.some((one: any) => one.problem === 'address_forbidden')
  })
})

test('an event is written with what it tells of, or not at all', async () => {
  const tenant = await createTenant()
  const entity = serviceOf(tenant).entities('person-atomic')
  const { sid } = await entity.newFactors.create({ friendlyName: 'A', factorType: 'totp' })
  await server.database.query(`alter table event add constraint broken check (kind <> 'factor.deleted') not valid`)
  await assert.rejects(entity.factors(sid).remove(), fault(500, 20500))
  assert.equal((await entity.factors(sid).fetch()).sid, sid)
  await server.database.query('alter table event drop constraint broken')
  assert.equal(await entity.factors(sid).remove(), true)
})
