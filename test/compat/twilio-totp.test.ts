import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import twilio from 'twilio'
import { readBase32, spellBase32 } from '#totp/core/base32.ts'
import { bearer, operatorKey, wrongCode } from '../kit/api.ts'
import { shownCode } from '../kit/authenticator.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { compatCases } from './cases.ts'

const test = compatCases('Authenticator apps by the API of Twilio Verify (npm twilio 6.2.0)')
let server: SharedServer
let shop: Tenant
let stranger: Tenant

interface Tenant {
  readonly key: string
  readonly sids: { readonly account_sid: string; readonly service_sid: string }
}

async function createTenant(name: string): Promise<Tenant> {
  const { body } = await server.call('POST', '/v1/businesses', { name, mode: 'test' }, bearer(operatorKey))
  const key = body.api_key as string
  const found = await server.call('GET', `/v1/applications/${body.application_id}/credentials`, undefined, bearer(key))
  return { key, sids: found.body.twilio }
}

function serviceOf({ sids, key }: Tenant) {
  const client = twilio(sids.account_sid, key)
  client.verify.baseUrl = server.url
  return client.verify.v2.services(sids.service_sid)
}

const fault = (status: number, code: number) => (error: any) => {
  assert.deepEqual([error.status, error.code], [status, code], String(error))
  assert.equal(error.moreInfo, `https://www.twilio.com/docs/errors/${code}`)
  return true
}

/** Within one step: the clock must not turn between a code and its check. */
async function whileStepLasts(neededMs = 6000): Promise<void> {
  const left = 30_000 - (Date.now() % 30_000)
  if (left < neededMs) await new Promise((done) => setTimeout(done, left))
}

let people = 0
const newPerson = () => `person-${String(people++).padStart(4, '0')}`

async function enrol(identity = newPerson()) {
  const entity = serviceOf(shop).entities(identity)
  const made = await entity.newFactors.create({ friendlyName: 'Phone', factorType: 'totp' })
  const { secret, uri } = made.binding as { secret: string; uri: string }
  return { entity, identity, sid: made.sid, secret, uri, made }
}

/** Verified with the code of the step before, so that the present one's is still good. */
async function verified() {
  await whileStepLasts()
  const one = await enrol()
  const factor = await one.entity.factors(one.sid).update({ authPayload: shownCode(one.secret, -1) })
  assert.equal(factor.status, 'verified')
  return one
}

before(async () => {
  server = await sharedServer()
  shop = await createTenant('Kedai')
  stranger = await createTenant('Stranger')
})
after(() => server.stop())

test('a person is made, read, listed page by page, refused a second time, and deleted', async () => {
  const service = serviceOf(await createTenant('Paged'))
  for (const identity of ['person-one', 'person-two', 'person-three']) {
    const made = await service.entities.create({ identity })
    assert.match(made.sid, /^YE[0-9a-f]{32}$/)
    assert.equal(made.links['factors'], `${made.url}/Factors`)
  }
  await assert.rejects(service.entities.create({ identity: 'person-one' }), fault(409, 60301))
  await assert.rejects(service.entities.create({ identity: 'short' }), fault(400, 60200))
  assert.equal((await service.entities('person-two').fetch()).identity, 'person-two')
  const listed = await service.entities.list({ pageSize: 1 })
  assert.deepEqual(
    listed.map(({ identity }) => identity),
    ['person-one', 'person-two', 'person-three'],
  )
  assert.equal(await service.entities('person-two').remove(), true)
  await assert.rejects(service.entities('person-two').fetch(), fault(404, 20404))
})

test('a new factor shows its secret once, as base 32 and as an otpauth address', async () => {
  const { entity, sid, secret, uri, made } = await enrol()
  assert.deepEqual([made.status, made.factorType], ['unverified', 'totp'])
  assert.equal(readBase32(secret)?.length, 20)
  assert.equal(uri, `otpauth://totp/Kedai:Phone?secret=${secret}&issuer=Kedai&algorithm=SHA1&digits=6&period=30`)
  const read = await entity.factors(sid).fetch()
  assert.deepEqual(read.config, { alg: 'sha1', skew: 1, code_length: 6, time_step: 30 })
  assert.ok(!JSON.stringify([read.toJSON(), await entity.factors.list()]).includes(secret))
  assert.ok(!server.logged.join('').includes(secret))
  const [row] = await server.database.query<{ row: string }>(`select row_to_json(f)::text as row from totp_factor f`)
  assert.ok(row && !row.row.includes(secret) && !row.row.includes(Buffer.from(secret).toString('hex')))
})

test('a wrong code leaves a factor unverified, the right one verifies it, and then it is verified', async () => {
  await whileStepLasts()
  const { entity, sid, secret } = await enrol()
  const code = shownCode(secret)
  assert.equal((await entity.factors(sid).update({ authPayload: wrongCode(code) })).status, 'unverified')
  assert.equal((await entity.factors(sid).update({ authPayload: code })).status, 'verified')
  await assert.rejects(entity.factors(sid).update({ authPayload: code }), fault(409, 60317))
})

test('a challenge with the right code is approved at once, with a wrong one it is pending', async () => {
  const { entity, sid, secret } = await verified()
  const wrong = await entity.challenges.create({ factorSid: sid, authPayload: wrongCode(shownCode(secret)) })
  assert.equal(wrong.status, 'pending')
  assert.ok(wrong.expirationDate instanceof Date)
  const right = await entity.challenges.create({ factorSid: sid, authPayload: shownCode(secret) })
  assert.equal(right.status, 'approved')
  assert.equal((await entity.challenges(right.sid).fetch()).status, 'approved')
  assert.deepEqual(
    (await entity.challenges.list({ pageSize: 1 })).map(({ status }) => status),
    ['approved', 'pending'],
  )
})

test('challenges are listed by factor and by status, in either order, over pages', async () => {
  const { entity, sid, secret } = await verified()
  const open = await entity.challenges.create({ factorSid: sid })
  const done = await entity.challenges.create({ factorSid: sid, authPayload: shownCode(secret) })
  const over = await entity.challenges.create({ factorSid: sid })
  await server.database.query(
    `update totp_challenge set expires_at = created_at where replace(id::text, '-', '') = $1`,
    [over.sid.slice(2)],
  )
  const listed = async (filter: Parameters<typeof entity.challenges.list>[0]) =>
    (await entity.challenges.list({ ...filter, pageSize: 1 })).map((one) => one.sid)
  assert.deepEqual(await listed({}), [over.sid, done.sid, open.sid])
  assert.deepEqual(await listed({ order: 'asc' }), [open.sid, done.sid, over.sid])
  assert.deepEqual(await listed({ status: 'pending' }), [open.sid])
  assert.deepEqual(await listed({ status: 'approved' }), [done.sid])
  assert.deepEqual(await listed({ status: 'expired' }), [over.sid])
  assert.deepEqual(await listed({ status: 'denied' }), [])
  assert.equal((await listed({ factorSid: sid })).length, 3)
  assert.deepEqual(await listed({ factorSid: `YF${'0'.repeat(32)}` }), [])
  await assert.rejects(entity.challenges.list({ factorSid: 'YF1' }), fault(400, 60200))
})

test('a code that was taken is worth nothing a second time, however many try it at once', async () => {
  const { entity, sid, secret } = await verified()
  const code = shownCode(secret)
  const made = await Promise.all(
    Array.from({ length: 4 }, () => entity.challenges.create({ factorSid: sid, authPayload: code })),
  )
  assert.equal(made.filter(({ status }) => status === 'approved').length, 1)
})

test('a challenge is answered later, keeps its details, and is answered once', async () => {
  const { entity, sid, secret } = await verified()
  const made = await entity.challenges.create({
    factorSid: sid,
    'details.message': 'Sign in?',
    'details.fields': [{ label: 'Place', value: 'Bogor' }],
    hiddenDetails: { ip: '192.0.2.1' },
  })
  assert.equal(made.status, 'pending')
  assert.deepEqual(made.details.fields, [{ label: 'Place', value: 'Bogor' }])
  assert.deepEqual(made.hiddenDetails, { ip: '192.0.2.1' })
  assert.equal((await entity.challenges(made.sid).update({ authPayload: shownCode(secret) })).status, 'approved')
  await assert.rejects(entity.challenges(made.sid).update({ authPayload: shownCode(secret, 1) }), fault(403, 60322))
})

test('after five wrong codes a factor has to wait, even with the right one', async () => {
  const { entity, sid, secret } = await verified()
  for (let guess = 0; guess < 5; guess++) {
    const made = await entity.challenges.create({ factorSid: sid, authPayload: wrongCode(shownCode(secret)) })
    assert.equal(made.status, 'pending')
  }
  await assert.rejects(entity.challenges.create({ factorSid: sid, authPayload: shownCode(secret) }), fault(429, 60308))
})

test('whoever guesses codes of many apps is held up, and a person has so many apps', async () => {
  const own = await createTenant('Guessed')
  const policy = { rules: { wrong_codes: { limit: 3 } } }
  assert.equal((await server.call('PUT', '/v1/guard/policy', policy, bearer(own.key))).status, 200)
  const guesses: (string | number)[] = []
  for (let n = 0; n < 5; n++) {
    const entity = serviceOf(own).entities(newPerson())
    const made = await entity.newFactors.create({ friendlyName: 'Phone', factorType: 'totp' })
    const wrong = wrongCode(shownCode((made.binding as { secret: string }).secret))
    guesses.push(
      await entity
        .factors(made.sid)
        .update({ authPayload: wrong })
        .then(
          ({ status }) => status,
          ({ code }: { code: number }) => code,
        ),
    )
  }
  assert.deepEqual(guesses, ['unverified', 'unverified', 'unverified', 20429, 20429])

  const entity = serviceOf(own).entities(newPerson())
  for (let n = 0; n < 20; n++) await entity.newFactors.create({ friendlyName: `Phone ${n}`, factorType: 'totp' })
  await assert.rejects(
    entity.newFactors.create({ friendlyName: 'Phone', factorType: 'totp' }),
    ({ status }) => status >= 400,
  )
})

test('an unverified factor takes no challenge, and a challenge that is over no code', async () => {
  const { entity, sid } = await enrol()
  await assert.rejects(entity.challenges.create({ factorSid: sid }), fault(403, 60318))
  const one = await verified()
  const made = await one.entity.challenges.create({ factorSid: one.sid })
  await server.database.query(`update totp_challenge set expires_at = now() where id = $1`, [made.sid.slice(2)])
  assert.equal((await one.entity.challenges(made.sid).fetch()).status, 'expired')
  const late = one.entity.challenges(made.sid).update({ authPayload: shownCode(one.secret) })
  await assert.rejects(late, fault(403, 60323))
  const far = { factorSid: one.sid, expirationDate: new Date(Date.now() + 2 * 3600_000) }
  await assert.rejects(one.entity.challenges.create(far), fault(400, 60200))
})

test('a secret that comes from elsewhere, and other digits, work as they did there', async () => {
  await whileStepLasts()
  const secret = spellBase32(Buffer.from('12345678901234567890'))
  const entity = serviceOf(shop).entities(newPerson())
  const made = await entity.newFactors.create({
    friendlyName: 'Moved',
    factorType: 'totp',
    'binding.secret': secret,
    'config.codeLength': 8,
    metadata: { os: 'Android' },
  })
  assert.deepEqual([made.binding.secret, made.metadata], [secret, { os: 'Android' }])
  const factor = await entity
    .factors(made.sid)
    .update({ authPayload: shownCode(secret, 0, 8), friendlyName: 'Renamed' })
  assert.deepEqual([factor.status, factor.friendlyName], ['verified', 'Renamed'])
  const short = { friendlyName: 'Short', factorType: 'totp' as const, 'binding.secret': 'MZXW6YQ' }
  await assert.rejects(entity.newFactors.create(short), fault(400, 60200))
})

test('a factor that is deleted is gone with its challenges', async () => {
  const { entity, sid } = await verified()
  const { sid: challenge } = await entity.challenges.create({ factorSid: sid })
  assert.equal(await entity.factors(sid).remove(), true)
  await assert.rejects(entity.factors(sid).fetch(), fault(404, 20404))
  await assert.rejects(entity.challenges(challenge).fetch(), fault(404, 60391))
})

test("another business sees none of them, not even under this one's service", async () => {
  const { identity, sid } = await verified()
  await assert.rejects(serviceOf(stranger).entities(identity).fetch(), fault(404, 20404))
  const crossed = serviceOf({ key: stranger.key, sids: { ...stranger.sids, service_sid: shop.sids.service_sid } })
  await assert.rejects(crossed.entities(identity).factors(sid).fetch(), fault(404, 20404))
  // The same name is another person there.
  assert.equal((await serviceOf(stranger).entities.create({ identity })).identity, identity)
  assert.deepEqual(await serviceOf(stranger).entities(identity).factors.list(), [])
})

test('push factors, their notifications and access tokens, and passkeys are refused as not enabled', async () => {
  const { entity, sid, identity } = await verified()
  const push = entity.newFactors.create({ friendlyName: 'Push', factorType: 'push' })
  await assert.rejects(push, fault(403, 60204))
  const { sid: challenge } = await entity.challenges.create({ factorSid: sid })
  await assert.rejects(entity.challenges(challenge).notifications.create(), fault(403, 60204))
  await assert.rejects(serviceOf(shop).accessTokens.create({ identity, factorType: 'push' }), fault(403, 60204))
  const passkey = serviceOf(shop).newFactors.create({
    friendly_name: 'Key',
    identity,
    config: { relying_party: { id: 'shop.example', name: 'Shop', origins: ['https://shop.example'] } },
  } as never)
  await assert.rejects(passkey, fault(403, 60204))
})
