import { letAllCheck } from '#verification/core/may-check.ts'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { Value } from 'typebox/value'
import { accessIds } from '#access/core/ids.ts'
import { modules } from '#app.ts'
import { mergeSubjects } from '#platform/core/event-subject.ts'
import { readId, spellId } from '#platform/core/id.ts'
import { Database } from '#platform/database/database.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import type { Platform } from '#platform/open-platform.ts'
import { totpIds } from '#totp/core/ids.ts'
import { totpDefaults } from '#totp/core/totp.ts'
import { openTotp } from '#totp/module.ts'
import { listPatterns } from '#webhooks/core/event-kinds.ts'
import { standardFormat } from '#webhooks/flows/standard-format.ts'
import { webhookSchemas } from '#webhooks/http/documented-events.ts'
import { newEndpointBody } from '#webhooks/http/endpoint-schemas.ts'
import { openWebhooks } from '#webhooks/module.ts'
import { eventually, freshNumber } from '../kit/api.ts'
import { shownCode } from '../kit/authenticator.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { accepts, type Received, type Receiver, startReceiver } from './receiver.ts'

const schemas = webhookSchemas(mergeSubjects(modules)) as Record<string, any>

describe('webhooks of every subject', () => {
  let server: SharedServer
  let receiver: Receiver
  before(async () => {
    receiver = await startReceiver()
    server = await sharedServer()
  })
  after(async () => {
    await server.stop()
    await receiver.close()
  })

  const add = async (path: string, events: readonly string[]) => {
    const url = `http://${receiver.host}/${path}`
    const { status, body } = await server.call('POST', '/v1/webhook_endpoints', { url, events })
    assert.equal(status, 201, JSON.stringify(body))
    return body as { readonly id: string; readonly secret: string }
  }
  const at = (path: string) => receiver.received.filter((one) => one.path === `/${path}`)
  const typesAt = (path: string) => at(path).map(({ body }) => body.type)
  const of = (path: string, type: string) => at(path).find(({ body }) => body.type === type) as Received

  it('tell of messages, sent and received, and not what was said', async () => {
    const { id, secret } = await add('chat', ['message.*'])
    const to = freshNumber()
    const template = { name: 'appointment', language: 'id', parameters: ['Budi', 'jam9'], payloads: ['yes:1', 'no:1'] }
    const { body: sent } = await server.call('POST', '/v1/messages', { to, template })
    const phone = `/handsets/${to}/messages`
    const shown = await eventually(async () => (await server.simulate('GET', phone)).body.messages[0])
    await server.simulate('POST', `${phone}/${shown.id}/press`, { button: 'yes:1' })
    await eventually(async () => ['message.received', 'message.read'].every((type) => typesAt('chat').includes(type)))
    // A receipt may be faster than the answer to the sending: then nothing was sent that had not arrived.
    const story = ['message.sent', 'message.delivered', 'message.read', 'message.received']
    assert.ok(typesAt('chat').every((type) => story.includes(type)))
    assert.equal(new Set(typesAt('chat')).size, at('chat').length, 'each once')
    const { body: kept } = await server.call('GET', `/v1/messages/${sent.id}`)
    assert.deepEqual(of('chat', 'message.read').body.data, {
      message_id: sent.id,
      direction: 'out',
      contact: to,
      contact_id: kept.contact_id,
      message_type: null,
      sender_id: kept.sender_id,
      test: true,
      channel: 'whatsapp',
      choice: null,
      reason: null,
      provider_code: null,
    })
    const { data } = of('chat', 'message.received').body
    assert.deepEqual([data['direction'], data['contact'], data['choice']], ['in', to, 'yes:1'])
    assert.notEqual(data['message_id'], sent.id)
    for (const one of at('chat')) {
      assert.ok(accepts(secret, one), one.body.type)
      assert.ok(Value.Check(schemas['MessageEvent'], one.body), 'as the OpenAPI file has it')
      assert.ok(!/Budi|jam9|Konfirmasi/.test(one.text))
    }
    const [first] = at('chat')
    assert.ok(!Value.Check(schemas['MessageEvent'], { ...first?.body, type: 'message.nonsense' }), 'a negative control')
    const deliveries = (await server.call('GET', `/v1/webhook_endpoints/${id}/deliveries`)).body.data
    assert.deepEqual(
      new Set(deliveries.map(({ subject, subject_id }: any) => `${subject} ${subject_id}`)),
      new Set([`message ${sent.id}`, `message ${String(data['message_id'])}`]),
    )
  })

  it('tell of authenticator apps, also when the app is gone by then, and no code or secret', async () => {
    const { secret } = await add('apps', ['factor.*', 'challenge.approved'])
    const settings = { statementTimeoutMs: 5000, lockTimeoutMs: 5000, poolSize: 2 }
    const database = new Database({ connectionString: server.database.url, ...settings })
    const keyring = new Keyring(new Map([[1, randomBytes(32)]]))
    const { entities, factors, challenges } = openTotp(
      { database, keyring },
      { mayCheck: letAllCheck, keepChallengesDays: 1 },
    ).port
    const now = new Date()
    const { rowId: businessId, application } = server.business
    const applicationId = readId(accessIds.application, application) as string
    const { entity } = await entities.open({ businessId, applicationId, live: false }, 'person-one', now)
    const given = { friendlyName: 'Phone', secret: 'MZXW6YTBOI', config: totpDefaults }
    const factor = await factors.create(entity, given, now)
    const challenge = await challenges.create(factor, { expiresAt: new Date(now.getTime() + 300_000) }, now)
    const code = shownCode(given.secret, 0, 6, now)
    await factors.check(factor, { code, challengeId: challenge.id }, now)
    await factors.delete(factor, now)
    await database.close()
    await eventually(async () => at('apps').length === 4)
    assert.deepEqual(typesAt('apps').toSorted(), [
      'challenge.approved',
      'factor.created',
      'factor.deleted',
      'factor.verified',
    ])
    assert.deepEqual(of('apps', 'challenge.approved').body.data, {
      factor_id: spellId(totpIds.factor, factor.id),
      challenge_id: spellId(totpIds.challenge, challenge.id),
      application_id: application,
      test: true,
      identity: 'person-one',
      factor_name: 'Phone',
    })
    assert.equal(of('apps', 'factor.created').body.data['challenge_id'], null)
    for (const one of at('apps')) {
      assert.ok(accepts(secret, one), one.body.type)
      assert.ok(Value.Check(schemas['FactorEvent'], one.body), 'as the OpenAPI file has it')
      assert.ok(!one.text.includes(given.secret))
    }
  })

  it('have no kinds but those of the modules: every kind that was written has a sentence', async () => {
    const known = Object.values(mergeSubjects(modules)).flatMap(({ kinds }) => Object.keys(kinds))
    const rows = await server.database.query<{ kind: string }>(
      'select distinct kind from event where business_id = $1',
      [server.business.rowId],
    )
    assert.ok(rows.length >= 8, 'there was something to look at')
    assert.deepEqual(
      rows.map(({ kind }) => kind).filter((kind) => !known.includes(kind)),
      [],
    )
  })
})

describe('a module that is not there', () => {
  const without = (name: string) => modules.filter((module) => module.name !== name)
  const platform = {
    idempotent: {},
    config: { keepEventsDays: 30 },
    database: { of: () => ({}) },
  } as unknown as Platform
  const none = async () => new Map()
  const sources = [{ readFacts: { verification: none, message: none, sender: none } }]
  const access = { findApplication: async () => undefined }
  const open = (facts: typeof modules) => openWebhooks(platform, { access, facts, sources, formats: [] })
  const takes = (facts: typeof modules, events: readonly string[]) =>
    Value.Check(newEndpointBody(listPatterns(mergeSubjects(facts)), new Map()), { url: 'https://a.b/', events })

  it('takes its kinds along: from the document, from what an endpoint may ask for, and from what is told', async () => {
    for (const kind of ['factor.created', 'message.received', 'delivery.failed'])
      assert.ok(open(modules).openApi.webhooks[kind], kind)
    const { schemas: left, webhooks } = open(without('totp')).openApi
    assert.ok(!webhooks['factor.created'] && !left['FactorEvent'])
    assert.ok(webhooks['message.received'] && left['MessageEvent'], 'and no others')
    assert.deepEqual(
      [takes(modules, ['factor.*']), takes(without('totp'), ['factor.*']), takes(without('totp'), ['message.*'])],
      [true, false, true],
    )
    // An endpoint that was made before may still ask for them.
    const format = standardFormat(mergeSubjects(without('totp')), sources[0]?.readFacts ?? {})
    assert.deepEqual(
      ['factor.created', 'message.received'].map((kind) => format.partsOf(kind, undefined)),
      [[], ['event']],
    )
  })

  it('is missed when it is not handed in open, instead of its events being forgotten one by one', () => {
    const closed = () => openWebhooks(platform, { access, facts: modules, sources: [], formats: [] })
    assert.throws(closed, /Nobody reads what webhooks say of a/)
  })
})
