import { bucketsPerLimit, limitsPerService } from '#compat/twilio/core/rate-limits.ts'
import { accessIds } from '#access/core/ids.ts'
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import twilio from 'twilio'
import { readId } from '#platform/core/id.ts'
import { bearer, codeOn, eventually, freshNumber, operatorKey, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { addKey } from '../kit/keys.ts'
import { compatCases } from './cases.ts'

interface Account {
  readonly account_sid: string
  readonly api_key_sid: string
  readonly service_sid: string
}

interface Tenant {
  readonly id: string
  readonly key: string
  readonly application: string
  readonly sids: Account
}

const test = compatCases('Twilio Verify v2 (npm twilio 6.2.0)')
let server: SharedServer
let shop: Tenant
let stranger: Tenant

async function createTenant(name: string): Promise<Tenant> {
  const made = await server.call('POST', '/v1/businesses', { name, mode: 'test' }, bearer(operatorKey))
  const { id, application_id: application, api_key: key } = made.body
  const { body } = await server.call('GET', `/v1/applications/${application}/credentials`, undefined, bearer(key))
  assert.equal(body.secret, 'one of your API keys')
  return { id, key, application, sids: body.twilio }
}

const change = (body: unknown) =>
  server.call('PATCH', `/v1/applications/${shop.application}`, body, bearer(shop.key)).then(({ status }) => {
    assert.equal(status, 200)
  })

/** The vendor's client as it is, but for where it calls. */
function clientOf({ sids, key }: Tenant, user = sids.account_sid): twilio.Twilio {
  const client = user.startsWith('AC') ? twilio(user, key) : twilio(user, key, { accountSid: sids.account_sid })
  client.verify.baseUrl = server.url
  return client
}

const verify = (tenant = shop) => clientOf(tenant).verify.v2.services(tenant.sids.service_sid)

/** What the client throws when the server answers an error in Twilio's shape. */
const fault = (status: number, code: number, message?: RegExp) => (error: any) => {
  assert.equal(error.constructor.name, 'RestException', String(error))
  assert.deepEqual([error.status, error.code], [status, code], String(error))
  assert.equal(error.moreInfo, `https://www.twilio.com/docs/errors/${code}`)
  if (message) assert.match(error.message, message)
  return true
}

/** The request as the client sends it, and the bare answer. */
async function raw(method: string, path: string, form?: string, user = shop.sids.account_sid, key = shop.key) {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}`,
      ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(form !== undefined && { body: form }),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) }
}

const gone = /The requested resource \/Services\/VA[0-9a-f]{32}\/VerificationCheck was not found/
const seconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

before(async () => {
  server = await sharedServer()
  shop = await createTenant('Shop')
  stranger = await createTenant('Stranger')
  await verify().update({ customCodeEnabled: true })
})
after(() => server.stop())

test('a code is sent by SMS, a wrong one is pending, and the right one approves', async () => {
  const to = freshNumber()
  const made = await verify().verifications.create({ to, channel: 'sms' })
  assert.deepEqual([made.status, made.valid, made.to, made.channel], ['pending', false, to, 'sms'])
  assert.ok(made.dateCreated instanceof Date)
  const code = await codeOn(server, to)
  const wrong = await verify().verificationChecks.create({ to, code: wrongCode(code) })
  assert.deepEqual([wrong.status, wrong.valid, wrong.sid], ['pending', false, made.sid])
  const right = await verify().verificationChecks.create({ to, code })
  assert.deepEqual([right.status, right.valid, right.channel], ['approved', true, 'sms'])
})

test('the key sid signs in as the account sid does', async () => {
  const to = freshNumber()
  const client = clientOf(shop, shop.sids.api_key_sid)
  const made = await client.verify.v2.services(shop.sids.service_sid).verifications.create({ to, channel: 'whatsapp' })
  assert.deepEqual([made.accountSid, made.channel], [shop.sids.account_sid, 'whatsapp'])
})

test('a wrong key, and another account’s sid, are 20003', async () => {
  const to = freshNumber()
  const wrong = { ...shop, key: `${shop.key.slice(0, -1)}!` }
  await assert.rejects(verify(wrong).verifications.create({ to, channel: 'sms' }), fault(401, 20003, /Authenticate/))
  const mixed = { ...shop, sids: { ...shop.sids, account_sid: stranger.sids.account_sid } }
  await assert.rejects(verify(mixed).verifications.create({ to, channel: 'sms' }), fault(401, 20003))
})

test('the answer has Twilio’s fields in their order, times in whole seconds and an absolute URL', async () => {
  const to = freshNumber()
  const base = `/v2/Services/${shop.sids.service_sid}`
  const { status, body } = await raw('POST', `${base}/Verifications`, `To=${encodeURIComponent(to)}&Channel=sms`)
  assert.equal(status, 201)
  assert.deepEqual(
    Object.keys(body).join(),
    'sid,service_sid,account_sid,to,channel,status,valid,date_created,date_updated,lookup,amount,payee,send_code_attempts,sna,url',
  )
  assert.match(body.date_created, seconds)
  assert.match(body.date_updated, seconds)
  const [sent] = body.send_code_attempts
  assert.match(sent.time, seconds)
  assert.match(sent.attempt_sid, /^VL[0-9a-f]{32}$/)
  assert.equal(body.url, `${server.url}${base}/Verifications/${body.sid}`)
  const code = await codeOn(server, to)
  const check = await raw('POST', `${base}/VerificationCheck`, `VerificationSid=${body.sid}&Code=${code}`)
  assert.equal(check.status, 201)
  assert.deepEqual(
    Object.keys(check.body).join(),
    'sid,service_sid,account_sid,to,channel,status,valid,amount,payee,sna_attempts_error_codes,date_created,date_updated',
  )
})

test('creating again sends the same code under the same sid, also on another channel', async () => {
  await change({ policy: { resend_waits_seconds: [0] } })
  const to = freshNumber()
  const first = await verify().verifications.create({ to, channel: 'sms' })
  const code = await codeOn(server, to)
  const again = await verify().verifications.create({ to, channel: 'sms' })
  const other = await verify().verifications.create({ to, channel: 'whatsapp' })
  assert.deepEqual([again.sid, other.sid, other.channel], [first.sid, first.sid, 'whatsapp'])
  assert.deepEqual(
    (other.sendCodeAttempts as { channel: string }[]).map(({ channel }) => channel),
    ['SMS', 'SMS', 'whatsapp'],
  )
  assert.equal(await codeOn(server, to, 3), code)
})

test('creating again sends at once, five times in ten minutes, and the sixth is 429/60203', async () => {
  const to = freshNumber()
  const first = await verify(stranger).verifications.create({ to, channel: 'sms' })
  await codeOn(server, to)
  const again = await verify(stranger).verifications.create({ to, channel: 'sms' })
  assert.deepEqual([again.sid, again.status, again.sendCodeAttempts.length], [first.sid, 'pending', 2])
  for (let sends = 3; sends <= 5; sends++) await verify(stranger).verifications.create({ to, channel: 'sms' })
  await codeOn(server, to, 5)
  await assert.rejects(verify(stranger).verifications.create({ to, channel: 'sms' }), fault(429, 60203))
  const { body } = await server.simulate('GET', `/handsets/${to}/messages`)
  assert.equal(body.messages.length, 5)
})

test('of two sessions with one number the one that brings the code is approved, and the other reads nothing', async () => {
  const to = freshNumber()
  const theirs = await verify().verifications.create({ to, channel: 'sms' })
  await verify().verifications.create({ to, channel: 'sms' })
  const code = await codeOn(server, to, 2)
  assert.equal((await verify().verificationChecks.create({ to, code })).status, 'approved')
  await assert.rejects(verify().verifications(theirs.sid).fetch(), fault(404, 20404))
  await assert.rejects(verify().verificationChecks.create({ verificationSid: theirs.sid, code }), fault(404, 20404))
})

test('nothing is found here that was started at another door', async () => {
  const to = freshNumber()
  await server.call('POST', '/v1/verifications', { to, channel: 'sms' }, bearer(shop.key))
  const code = await codeOn(server, to)
  await assert.rejects(verify().verificationChecks.create({ to, code }), fault(404, 20404))
})

test('a verification is fetched by its sid and by the number, with a plus in the path', async () => {
  const to = freshNumber()
  const made = await verify().verifications.create({ to, channel: 'sms' })
  assert.equal((await verify().verifications(made.sid).fetch()).to, to)
  assert.equal((await verify().verifications(to).fetch()).sid, made.sid)
  const escaped = await raw('GET', `/v2/Services/${shop.sids.service_sid}/Verifications/${encodeURIComponent(to)}`)
  assert.equal(escaped.body.sid, made.sid)
})

test('canceling ends it: it can still be fetched, its code is worth nothing, and the number is free', async () => {
  const to = freshNumber()
  const made = await verify().verifications.create({ to, channel: 'sms' })
  const code = await codeOn(server, to)
  const canceled = await verify().verifications(made.sid).update({ status: 'canceled' })
  assert.deepEqual([canceled.status, canceled.valid], ['canceled', false])
  assert.equal((await verify().verifications(made.sid).fetch()).status, 'canceled')
  await assert.rejects(verify().verificationChecks.create({ to, code }), fault(404, 20404, gone))
  assert.notEqual((await verify().verifications.create({ to, channel: 'sms' })).sid, made.sid)
})

const eventsOf = (id: string) =>
  server.database.query<{ kind: string; data: Record<string, unknown> }>(
    `select kind, data from event where replace(subject_id::text, '-', '') = $1 and kind like 'verification.%'
      order by sequence`,
    [id.slice(2)],
  )

test('a verification is approved by the business’s word once, which gives no failure back', async () => {
  const to = freshNumber()
  const made = await verify().verifications.create({ to, channel: 'sms', customCode: '246801' })
  await codeOn(server, to)
  assert.equal((await verify().verificationChecks.create({ to, code: '135790' })).valid, false)
  const recipient = () =>
    server.database.query(
      'select failed_at, failed_consecutive, sent_at from recipient where person in (select v.person from verification v where v.recipient = $1)',
      [to],
    )
  const before = await recipient()
  // Together: one of them approves, however they race.
  const words = await Promise.allSettled(
    [made.sid, to, made.sid].map((name) => verify().verifications(name).update({ status: 'approved' })),
  )
  const approved = words.flatMap((word) => (word.status === 'fulfilled' ? [word.value] : []))
  assert.deepEqual(
    approved.map(({ sid, status, valid }) => [sid, status, valid]),
    [[made.sid, 'approved', true]],
  )
  for (const word of words) if (word.status === 'rejected') fault(404, 20404)(word.reason)
  assert.deepEqual(await recipient(), before)
  const kinds = await eventsOf(made.sid)
  assert.deepEqual(
    kinds.filter(({ kind }) => kind === 'verification.approved').map(({ data }) => data),
    [{ reason: 'approved_by_api', checks_remaining: 4 }],
  )
  const native = await server.call('GET', `/v1/verifications/ver_${made.sid.slice(2)}`, undefined, bearer(shop.key))
  const last = native.body.timeline.at(-1)
  assert.deepEqual(
    [native.body.status, last.type, last.reason],
    ['approved', 'verification.approved', 'approved_by_api'],
  )
  await assert.rejects(verify().verificationChecks.create({ to, code: '246801' }), fault(404, 20404, gone))
  await assert.rejects(verify().verifications(made.sid).fetch(), fault(404, 20404))
  const attempts = await clientOf(shop).verify.v2.verificationAttempts.list({ verificationSid: made.sid })
  assert.equal(attempts[0]?.conversionStatus, 'converted')
})

test('the word and the right code in one moment approve once', async () => {
  for (let index = 0; index < 5; index++) {
    const to = freshNumber()
    const made = await verify().verifications.create({ to, channel: 'sms', customCode: '246801' })
    const both = await Promise.allSettled([
      verify().verifications(made.sid).update({ status: 'approved' }),
      verify().verificationChecks.create({ to, code: '246801' }),
    ])
    assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1)
    const told = (await eventsOf(made.sid)).filter(({ kind }) => kind === 'verification.approved')
    assert.equal(told.length, 1)
  }
})

test('what is over, another account’s, or bound to an amount is not approved by a word', async () => {
  const word = { status: 'approved' } as const
  const start = async (more = {}) => verify().verifications.create({ to: freshNumber(), channel: 'sms', ...more })
  const canceled = await start()
  await verify().verifications(canceled.sid).update({ status: 'canceled' })
  await assert.rejects(verify().verifications(canceled.sid).update(word), fault(404, 20404))
  const expired = await start()
  await server.database.query(`update verification set expires_at = created_at where recipient = $1`, [expired.to])
  await assert.rejects(verify().verifications(expired.sid).update(word), fault(404, 20404))
  const bound = await start({ amount: '10', payee: 'Padaria' })
  await assert.rejects(verify().verifications(bound.sid).update(word), fault(403, 60204, /amount/))
  const foreign = await start()
  await assert.rejects(verify(stranger).verifications(foreign.sid).update(word), fault(404, 20404))
  for (const { sid } of [bound, foreign]) assert.equal((await verify().verifications(sid).fetch()).status, 'pending')
  for (const { sid } of [canceled, expired, bound, foreign]) {
    assert.ok((await eventsOf(sid)).every(({ kind }) => kind !== 'verification.approved'))
  }
})

test('an approved verification is gone, for a check and for a fetch', async () => {
  const to = freshNumber()
  const made = await verify().verifications.create({ to, channel: 'sms' })
  const code = await codeOn(server, to)
  await verify().verificationChecks.create({ verificationSid: made.sid, code })
  await assert.rejects(verify().verificationChecks.create({ to, code }), fault(404, 20404, gone))
  await assert.rejects(verify().verificationChecks.create({ verificationSid: made.sid, code }), fault(404, 20404, gone))
  await assert.rejects(verify().verifications(made.sid).fetch(), fault(404, 20404))
  await assert.rejects(verify().verifications(to).fetch(), fault(404, 20404))
})

test('an expired verification is gone, and its code with it', async () => {
  const to = freshNumber()
  const made = await verify().verifications.create({ to, channel: 'sms' })
  const code = await codeOn(server, to)
  await server.database.query(`update verification set expires_at = created_at where recipient = $1`, [to])
  await assert.rejects(verify().verificationChecks.create({ to, code }), fault(404, 20404, gone))
  await assert.rejects(verify().verifications(made.sid).fetch(), fault(404, 20404))
})

test('after five wrong codes the sixth check is 60202, even with the right one', async () => {
  const to = freshNumber()
  await verify().verifications.create({ to, channel: 'sms' })
  const code = await codeOn(server, to)
  for (let index = 0; index < 5; index++) {
    // The budget's waits are the person's, and not what is asked here.
    await server.database.query(
      `update recipient set failed_at = '{}', failed_consecutive = 0 where person in (select v.person from verification v where v.recipient = $1)`,
      [to],
    )
    const { status, valid } = await verify().verificationChecks.create({ to, code: wrongCode(code) })
    assert.deepEqual([status, valid], ['pending', false])
  }
  await assert.rejects(verify().verificationChecks.create({ to, code }), fault(429, 60202))
})

test('too many sends to one number are 60203, and no header makes a client sleep', async () => {
  await change({ policy: { resend_waits_seconds: [0] } })
  const to = freshNumber()
  for (let index = 0; index < 5; index++) await verify().verifications.create({ to, channel: 'sms' })
  await assert.rejects(verify().verifications.create({ to, channel: 'sms' }), fault(429, 60203))
  const form = `To=${encodeURIComponent(to)}&Channel=sms`
  const { headers, body } = await raw('POST', `/v2/Services/${shop.sids.service_sid}/Verifications`, form)
  assert.equal(headers.get('retry-after'), null)
  assert.ok(body.details.retry_after_seconds > 0)
})

test('auto starts on the first channel of the application’s workflow', async () => {
  const made = await verify().verifications.create({ to: freshNumber(), channel: 'auto' })
  assert.equal(made.channel, 'whatsapp')
})

test('an unknown channel is 60200, one without a sender and SNA are 60223', async () => {
  const to = freshNumber()
  await assert.rejects(verify().verifications.create({ to, channel: 'pigeon' }), fault(400, 60200, /Channel/))
  await assert.rejects(verify().verifications.create({ to, channel: 'call' }), fault(400, 60223))
  await assert.rejects(verify().verifications.create({ to, channel: 'sna' }), fault(400, 60223))
  const email = { to: 'budi@example.com', channel: 'email' }
  await assert.rejects(verify().verifications.create(email), fault(400, 60223))
})

test('a number that is none, and missing fields, are 60200; a check of nobody is 60221', async () => {
  await assert.rejects(verify().verifications.create({ to: '+12', channel: 'sms' }), fault(400, 60200, /To/))
  const base = `/v2/Services/${shop.sids.service_sid}`
  const missing = await raw('POST', `${base}/Verifications`, 'Channel=sms')
  assert.deepEqual([missing.status, missing.body.code, missing.body.status], [400, 60200, 400])
  await assert.rejects(verify().verificationChecks.create({ code: '123456' }), fault(400, 60221))
  const letters = { to: freshNumber(), code: 'abcdef' }
  await assert.rejects(verify().verificationChecks.create(letters), fault(400, 60200, /Code/))
})

test('a code of the caller’s own is what is sent and what approves', async () => {
  const to = freshNumber()
  await verify().verifications.create({ to, channel: 'sms', customCode: '246801' })
  assert.equal(await codeOn(server, to), '246801')
  const { valid } = await verify().verificationChecks.create({ to, code: '246801' })
  assert.equal(valid, true)
  for (const customCode of ['12', '12345']) {
    const short = { to: freshNumber(), channel: 'sms', customCode }
    await assert.rejects(verify().verifications.create(short), fault(400, 60200, /CustomCode/))
  }
})

test('the locale chooses the language, and one that there is not means the application’s', async () => {
  const textFor = async (locale: string): Promise<string> => {
    const to = freshNumber()
    await verify().verifications.create({ to, channel: 'sms', locale })
    const code = await codeOn(server, to)
    const { body } = await server.simulate('GET', `/handsets/${to}/messages`)
    return (body.messages[0].text as string).replace(code, 'CODE')
  }
  const english = await textFor('en-GB')
  assert.notEqual(await textFor('pt-br'), english)
  assert.equal(await textFor('fr'), english)
  const bad = { to: freshNumber(), channel: 'sms', locale: 'no language' }
  await assert.rejects(verify().verifications.create(bad), fault(400, 60200, /Locale/))
})

test('a code given for an amount and a payee authorises no other', async () => {
  const to = freshNumber()
  const made = await verify().verifications.create({ to, channel: 'sms', amount: 'R$ 120,00', payee: 'Padaria' })
  assert.deepEqual([made.amount, made.payee], ['R$ 120,00', 'Padaria'])
  const code = await codeOn(server, to)
  const { body } = await server.simulate('GET', `/handsets/${to}/messages`)
  assert.match(body.messages[0].text, /R\$ 120,00/)
  const other = await verify().verificationChecks.create({ to, code, amount: 'R$ 920,00', payee: 'Padaria' })
  assert.deepEqual([other.status, other.valid], ['pending', false])
  assert.equal((await verify().verificationChecks.create({ to, code })).valid, false)
  const right = await verify().verificationChecks.create({ to, code, amount: 'R$ 120,00', payee: 'Padaria' })
  assert.deepEqual([right.valid, right.amount, right.payee], [true, 'R$ 120,00', 'Padaria'])
  const half = { to: freshNumber(), channel: 'sms', amount: '1' }
  await assert.rejects(verify().verifications.create(half), fault(400, 60206))
})

test('what would change the message and is not offered here is refused, not left out', async () => {
  const wanted = { to: freshNumber(), channel: 'sms' }
  await assert.rejects(verify().verifications.create({ ...wanted, customMessage: 'Hi' }), fault(400, 60243))
  await assert.rejects(verify().verifications.create({ ...wanted, sendDigits: '12' }), fault(403, 60204))
  const named = { ...wanted, customFriendlyName: 'Other' }
  await assert.rejects(verify().verifications.create(named), fault(403, 60204, /CustomFriendlyName/))
})

test('another business’s service and verifications do not exist, nor those of the other mode', async () => {
  const to = freshNumber()
  const made = await verify().verifications.create({ to, channel: 'sms' })
  const foreign = clientOf(stranger).verify.v2.services(shop.sids.service_sid)
  await assert.rejects(foreign.verifications(made.sid).fetch(), fault(404, 20404))
  await assert.rejects(foreign.verifications.create({ to, channel: 'sms' }), fault(404, 20404))
  await assert.rejects(verify(stranger).verifications(made.sid).fetch(), fault(404, 20404))
  await assert.rejects(verify(stranger).verifications(to).fetch(), fault(404, 20404))
  const live = { ...shop, key: await addKey(server, shop.application, true) }
  await assert.rejects(verify(live).verifications(made.sid).fetch(), fault(404, 20404))
  await assert.rejects(verify(live).verifications(made.sid).update({ status: 'canceled' }), fault(404, 20404))
  assert.equal((await verify().verifications(made.sid).fetch()).status, 'pending')
})

test('what there is not is Twilio’s 404, and a strange body Twilio’s 400', async () => {
  const base = `/v2/Services/${shop.sids.service_sid}`
  const unknown = await raw('GET', `${base}/Wallets`)
  assert.deepEqual([unknown.status, unknown.body.code], [404, 20404])
  const anonymous = await fetch(`${server.url}/v2/Services`)
  assert.deepEqual([anonymous.status, anonymous.headers.get('www-authenticate')?.split(' ')[0]], [401, 'Basic'])
  const zero = await raw('POST', `${base}/Verifications`, 'To=%00&Channel=sms')
  assert.deepEqual([zero.status, zero.body.code], [400, 60200])
  const proto = await raw('POST', `${base}/Verifications`, 'To=%2B6281234567890&Channel=__proto__')
  assert.deepEqual([proto.status, proto.body.code], [400, 60200])
  const nested = await raw(
    'POST',
    `${base}/Verifications`,
    'To=%2B6281234567890&Channel=sms&Tags=%7B%22a%22%3A%7B%7D%7D',
  )
  assert.deepEqual([nested.status, nested.body.code], [400, 60200])
})

test('services are made, listed page by page, fetched, changed and deleted', async () => {
  const client = clientOf(stranger).verify.v2
  const made = await client.services.create({ friendlyName: 'Toko Budi', codeLength: 8 })
  assert.deepEqual([made.friendlyName, made.codeLength, made.accountSid], ['Toko Budi', 8, stranger.sids.account_sid])
  assert.deepEqual([made.push.apn_credential_sid, made.whatsapp.from], [null, null])
  assert.match(String(made.links['verifications']), new RegExp(`^${server.url}/v2/Services/${made.sid}/Verifications$`))
  await client.services.create({ friendlyName: 'Third' })
  const listed = await client.services.list({ pageSize: 1 })
  assert.equal(listed.length, 3)
  assert.equal(new Set(listed.map(({ sid }) => sid)).size, 3)
  const changed = await client.services(made.sid).update({ friendlyName: 'Toko Ani', codeLength: 4 })
  assert.deepEqual([changed.friendlyName, changed.codeLength], ['Toko Ani', 4])
  assert.equal((await client.services(made.sid).fetch()).friendlyName, 'Toko Ani')
  const to = freshNumber()
  const verification = await client.services(made.sid).verifications.create({ to, channel: 'sms' })
  assert.equal(verification.serviceSid, made.sid)
  assert.equal((await codeOn(server, to)).length, 4)
  assert.equal(await client.services(made.sid).remove(), true)
  await assert.rejects(client.services(made.sid).fetch(), fault(404, 20404))
})

test('a verification of one service is not seen from another of the same account', async () => {
  const { sid } = await clientOf(shop).verify.v2.services.create({ friendlyName: 'Other' })
  const other = clientOf(shop).verify.v2.services(sid)
  const to = freshNumber()
  const made = await verify().verifications.create({ to, channel: 'sms' })
  const code = await codeOn(server, to)
  await assert.rejects(other.verifications(made.sid).fetch(), fault(404, 20404))
  await assert.rejects(other.verificationChecks.create({ to, code }), fault(404, 20404, gone))
  assert.equal((await verify().verificationChecks.create({ to, code })).valid, true)
})

test('settings of a service that would not hold here are refused by name', async () => {
  const { services } = clientOf(shop).verify.v2
  const name = { friendlyName: 'Shop' }
  await assert.rejects(services.create({ ...name, lookupEnabled: true }), fault(403, 60204, /LookupEnabled/))
  await assert.rejects(services.create({ ...name, 'push.includeDate': true }), fault(403, 60204, /Push/))
  await assert.rejects(services.create({ ...name, 'totp.skew': 3 }), fault(400, 60200, /Totp.Skew/))
  await assert.rejects(services.create({ friendlyName: 'Shop 12345' }), fault(400, 60200, /FriendlyName/))
  await assert.rejects(services.create({ ...name, codeLength: 3 }), fault(400, 60200, /CodeLength/))
  const made = await services.create({ ...name, psd2Enabled: true, customCodeEnabled: true, lookupEnabled: false })
  assert.equal(made.psd2Enabled, true)
})

test('a service keeps how new authenticator apps are made, and they are made so', async () => {
  const { services } = clientOf(stranger).verify.v2
  const made = await services.create({ friendlyName: 'Apps', 'totp.issuer': 'Toko Budi', 'totp.codeLength': 8 })
  assert.deepEqual(made.totp, { issuer: 'Toko Budi', time_step: 30, code_length: 8, skew: 1 })
  const changed = await services(made.sid).update({ 'totp.timeStep': 60, 'totp.skew': 0 })
  const all = { issuer: 'Toko Budi', time_step: 60, code_length: 8, skew: 0 }
  assert.deepEqual([changed.totp, (await services(made.sid).fetch()).totp], [all, all])
  assert.deepEqual((await services.list()).find(({ sid }) => sid === made.sid)?.totp, all)
  const { newFactors } = services(made.sid).entities('customer-0001')
  const factor = await newFactors.create({ friendlyName: 'Phone', factorType: 'totp' })
  assert.deepEqual(factor.config, { alg: 'sha1', skew: 0, code_length: 8, time_step: 60 })
  assert.match(factor.binding.uri, /^otpauth:\/\/totp\/Toko%20Budi:Phone\?.*issuer=Toko%20Budi.*digits=8&period=60/)
  const own = await newFactors.create({ friendlyName: 'Own', factorType: 'totp', 'config.codeLength': 6 })
  assert.deepEqual([own.config.code_length, own.config.time_step], [6, 60])
  assert.equal(await services(made.sid).remove(), true)
})

test('a messaging configuration of each country is kept, listed page by page, changed and deleted', async () => {
  const { messagingConfigurations } = verify(stranger)
  const [one, other] = [`MG${'a'.repeat(32)}`, `MG${'b'.repeat(32)}`]
  const made = await messagingConfigurations.create({ country: 'id', messagingServiceSid: one })
  assert.deepEqual(
    [made.country, made.messagingServiceSid, made.serviceSid, made.accountSid],
    ['ID', one, stranger.sids.service_sid, stranger.sids.account_sid],
  )
  assert.ok(made.dateCreated instanceof Date)
  await messagingConfigurations.create({ country: 'all', messagingServiceSid: one })
  await assert.rejects(messagingConfigurations.create({ country: 'ID', messagingServiceSid: one }), fault(409, 60225))
  const wrong = { country: 'XX', messagingServiceSid: one }
  await assert.rejects(messagingConfigurations.create(wrong), fault(400, 60200, /Country/))
  const sid = { country: 'BR', messagingServiceSid: 'MG1' }
  await assert.rejects(messagingConfigurations.create(sid), fault(400, 60200, /MessagingServiceSid/))
  const listed = await messagingConfigurations.list({ pageSize: 1 })
  assert.deepEqual(
    listed.map(({ country }) => country),
    ['ID', 'all'],
  )
  assert.equal((await messagingConfigurations('ID').update({ messagingServiceSid: other })).messagingServiceSid, other)
  assert.equal((await messagingConfigurations('ID').fetch()).messagingServiceSid, other)
  assert.deepEqual(await verify().messagingConfigurations.list(), [])
  const foreign = clientOf(shop).verify.v2.services(stranger.sids.service_sid).messagingConfigurations('ID')
  await assert.rejects(foreign.remove(), fault(404, 20404))
  for (const country of ['ID', 'all']) assert.equal(await messagingConfigurations(country).remove(), true)
  await assert.rejects(messagingConfigurations('ID').fetch(), fault(404, 20404))
  await assert.rejects(messagingConfigurations('ID').remove(), fault(404, 20404))
})

test('a test key changes no service once the account has a live key', async () => {
  const tenant = await createTenant('Careful')
  const service = clientOf(tenant).verify.v2.services(tenant.sids.service_sid)
  await service.update({ friendlyName: 'Before' })
  await addKey(server, tenant.application, true)
  await assert.rejects(service.update({ friendlyName: 'After' }), fault(403, 20403))
  await assert.rejects(service.remove(), fault(403, 20403))
  const { safelist } = clientOf(tenant).verify.v2
  await assert.rejects(safelist.create({ phoneNumber: freshNumber() }), fault(403, 20403))
  await assert.rejects(safelist(freshNumber()).remove(), fault(403, 20403))
  const configuration = { country: 'ID', messagingServiceSid: `MG${'a'.repeat(32)}` }
  await assert.rejects(service.messagingConfigurations.create(configuration), fault(403, 20403))
})

test('the live key of one service protects the others too, by either API', async () => {
  const tenant = await createTenant('Two')
  const patch = () =>
    server.call('PATCH', `/v1/applications/${tenant.application}`, { brand: 'Changed' }, bearer(tenant.key))
  const other = await clientOf(tenant).verify.v2.services.create({ friendlyName: 'Other' })
  assert.equal((await patch()).status, 200)
  const liveKey = await addKey(server, `app_${other.sid.slice(2)}`, true)
  const refused = await patch()
  assert.deepEqual([refused.status, refused.body.code], [403, 'live_key_required'])
  await assert.rejects(verify(tenant).update({ friendlyName: 'After' }), fault(403, 20403))
  // It does make live traffic of the first one, which is why.
  assert.equal((await verify({ ...tenant, key: liveKey }).update({ friendlyName: 'Live' })).friendlyName, 'Live')
})

test('attempts are listed over pages, filtered, fetched and summed up', async () => {
  const tenant = await createTenant('Counted')
  const { v2 } = clientOf(tenant).verify
  const to = freshNumber()
  const done = await verify(tenant).verifications.create({ to, channel: 'sms' })
  await verify(tenant).verificationChecks.create({ to, code: await codeOn(server, to) })
  for (const channel of ['sms', 'whatsapp']) {
    await verify(tenant).verifications.create({ to: freshNumber(), channel })
  }
  const all = await v2.verificationAttempts.list({ pageSize: 1 })
  assert.equal(all.length, 3)
  assert.equal(new Set(all.map(({ sid }) => sid)).size, 3)
  assert.ok(all[0]?.dateCreated instanceof Date)
  const [own, ...others] = await v2.verificationAttempts.list({ 'channelData.to': to })
  assert.equal(others.length, 0)
  assert.deepEqual(
    [own?.verificationSid, own?.conversionStatus, own?.channel, own?.channelData.status],
    [done.sid, 'converted', 'sms', 'confirmed'],
  )
  assert.equal((await v2.verificationAttempts(own?.sid as string).fetch()).verificationSid, done.sid)
  const count = async (filter: object) => (await v2.verificationAttempts.list(filter)).length
  assert.equal(await count({ status: 'unconverted' }), 2)
  assert.equal(await count({ channel: 'whatsapp' }), 1)
  assert.equal(await count({ verificationSid: done.sid }), 1)
  assert.equal(await count({ verifyServiceSid: tenant.sids.service_sid, country: 'ID' }), 3)
  assert.equal(await count({ country: 'BR' }), 0)
  assert.equal(await count({ dateCreatedAfter: new Date(Date.now() + 60_000) }), 0)
  const summary = await v2.verificationAttemptsSummary().fetch({ destinationPrefix: '+62' })
  assert.deepEqual([summary.totalAttempts, summary.totalConverted, summary.totalUnconverted], [3, 1, 2])
  assert.equal(Math.round(Number(summary.conversionRatePercentage)), 33)
  await assert.rejects(
    clientOf(shop)
      .verify.v2.verificationAttempts(own?.sid as string)
      .fetch(),
    fault(404, 20404),
  )
})

test('what is not offered is found nowhere, and cannot be made', async () => {
  const { v2 } = clientOf(shop).verify
  await assert.rejects(v2.forms('form-push').fetch(), fault(403, 60204))
  const form = await raw('GET', '/v2/Forms/form-other')
  assert.deepEqual([form.status, form.body.code], [404, 20404])
  assert.equal((await raw('GET', `/v2/Services/${shop.sids.service_sid}/Passkeys/Factors`)).body.code, 60204)
})

test('rate limits and their buckets are made, listed, fetched, changed and deleted', async () => {
  const { rateLimits } = verify(stranger)
  const made = await rateLimits.create({ uniqueName: 'end_user_ip', description: 'Of the phone' })
  assert.match(made.sid, /^RK[0-9a-f]{32}$/)
  await assert.rejects(rateLimits.create({ uniqueName: 'end_user_ip' }), fault(409, 60225))
  await assert.rejects(rateLimits.create({ uniqueName: 'no spaces' }), fault(400, 60200, /UniqueName/))
  const { buckets } = rateLimits(made.sid)
  const bucket = await buckets.create({ max: 4, interval: 60 })
  assert.deepEqual([bucket.max, bucket.interval, bucket.rateLimitSid], [4, 60, made.sid])
  assert.equal((await buckets(bucket.sid).update({ max: 5 })).max, 5)
  assert.deepEqual([(await buckets(bucket.sid).fetch()).max, (await buckets.list()).length], [5, 1])
  await assert.rejects(buckets.create({ max: 0, interval: 60 }), fault(400, 60200, /Max/))
  for (let index = 1; index < 5; index++) await buckets.create({ max: 9, interval: index })
  await assert.rejects(buckets.create({ max: 9, interval: 9 }), fault(400, 60210))
  assert.equal((await rateLimits(made.sid).update({ description: 'Changed' })).description, 'Changed')
  assert.equal((await rateLimits(made.sid).fetch()).uniqueName, 'end_user_ip')
  const neighbour = verify(await createTenant('Neighbour')).rateLimits(made.sid)
  await assert.rejects(neighbour.fetch(), fault(404, 20404))
  await assert.rejects(neighbour.remove(), fault(404, 20404))
  await assert.rejects(neighbour.buckets(bucket.sid).remove(), fault(404, 20404))
  assert.equal(await buckets(bucket.sid).remove(), true)
  assert.equal(await rateLimits(made.sid).remove(), true)
  assert.deepEqual(await rateLimits.list(), [])
})

test('a full bucket is 20429 with the seconds to wait, for that value only, and empties with its interval', async () => {
  const tenant = await createTenant('Limited')
  const limit = await verify(tenant).rateLimits.create({ uniqueName: 'end_user_ip' })
  await verify(tenant).rateLimits(limit.sid).buckets.create({ max: 2, interval: 3600 })
  await verify(tenant).rateLimits(limit.sid).buckets.create({ max: 100, interval: 60 })
  const start = (ip: string) =>
    verify(tenant).verifications.create({ to: freshNumber(), channel: 'sms', rateLimits: { end_user_ip: ip } })
  // Together: what is allowed is allowed once, however they race.
  const starts = await Promise.allSettled([start('203.0.113.7'), start('203.0.113.7'), start('203.0.113.7')])
  assert.equal(starts.filter(({ status }) => status === 'fulfilled').length, 2)
  await assert.rejects(start('203.0.113.7'), fault(429, 20429))
  assert.equal((await start('203.0.113.8')).status, 'pending')
  const form = new URLSearchParams({ To: freshNumber(), Channel: 'sms', RateLimits: '{"end_user_ip": "203.0.113.7"}' })
  const path = `/v2/Services/${tenant.sids.service_sid}/Verifications`
  const { headers, body } = await raw('POST', path, form.toString(), tenant.sids.account_sid, tenant.key)
  assert.equal(headers.get('retry-after'), null)
  const wait = body.details.retry_after_seconds
  assert.ok(wait > 3500 && wait <= 3600, String(wait))
  const kept = await server.database.query<{ text: string }>('select u::text as text from rate_limit_use u')
  assert.ok(kept.length > 0 && kept.every(({ text }) => !text.includes('203.0.113')))
  await server.database.query(
    `update rate_limit_use set ends_at = now() - interval '1 second' where business_id = $1`,
    [readId(accessIds.business, tenant.id)],
  )
  assert.equal((await start('203.0.113.7')).status, 'pending')
  const unknown = { to: freshNumber(), channel: 'sms', rateLimits: { other: '1' } }
  await assert.rejects(verify(tenant).verifications.create(unknown), fault(400, 60200, /RateLimits/))
})

test('what was spent of a limit is forgotten as fast as it is made', async () => {
  const tenant = await createTenant('Many limits')
  const names = Array.from({ length: limitsPerService }, (_, n) => `limit_${n}`)
  for (const uniqueName of names) {
    const { sid } = await verify(tenant).rateLimits.create({ uniqueName })
    const { buckets } = verify(tenant).rateLimits(sid)
    for (let n = 0; n < bucketsPerLimit; n++) await buckets.create({ max: 9, interval: 60 + n })
  }
  const start = (value: string) => {
    const rateLimits = Object.fromEntries(names.map((name) => [name, value]))
    return verify(tenant).verifications.create({ to: freshNumber(), channel: 'sms', rateLimits })
  }
  const owner = [readId(accessIds.business, tenant.id)]
  await start('before')
  const { length } = await server.database.query('select from rate_limit_use where business_id = $1', owner)
  await server.database.query(
    `update rate_limit_use set ends_at = now() - interval '1 second' where business_id = $1`,
    owner,
  )
  await start('after')
  const left = await server.database.query('select from rate_limit_use where business_id = $1', owner)
  assert.deepEqual([length, left.length], [limitsPerService * bucketsPerLimit, length])
})

test('a number on the safe list is held back by no rate limit and spends none, and is itself guarded as before', async () => {
  const tenant = await createTenant('Safe')
  const { safelist } = clientOf(tenant).verify.v2
  const to = freshNumber()
  const made = await safelist.create({ phoneNumber: to })
  assert.match(made.sid, /^GN[0-9a-f]{32}$/)
  assert.deepEqual([made.phoneNumber, made.url], [to, `${server.url}/v2/SafeList/Numbers/${to}`])
  assert.equal((await safelist(to).fetch()).sid, made.sid)
  await assert.rejects(safelist.create({ phoneNumber: to }), fault(409, 60411))
  await assert.rejects(safelist.create({ phoneNumber: '+12' }), fault(400, 60200, /PhoneNumber/))
  await assert.rejects(clientOf(stranger).verify.v2.safelist(to).fetch(), fault(404, 20404))
  await assert.rejects(clientOf(stranger).verify.v2.safelist(to).remove(), fault(404, 20404))
  const limit = await verify(tenant).rateLimits.create({ uniqueName: 'ip' })
  await verify(tenant).rateLimits(limit.sid).buckets.create({ max: 1, interval: 3600 })
  const start = (number: string) =>
    verify(tenant).verifications.create({ to: number, channel: 'sms', rateLimits: { ip: '203.0.113.7' } })
  assert.equal((await start(to)).status, 'pending')
  // What the safe one did was not counted.
  assert.equal((await start(freshNumber())).status, 'pending')
  await assert.rejects(start(freshNumber()), fault(429, 20429))
  await server.call(
    'PATCH',
    `/v1/applications/${tenant.application}`,
    { policy: { resend_waits_seconds: [0] } },
    bearer(tenant.key),
  )
  await verify(tenant).verifications(to).update({ status: 'canceled' })
  for (let index = 1; index < 5; index++) await start(to)
  await assert.rejects(start(to), fault(429, 60203))
  assert.equal(await safelist(to).remove(), true)
  await assert.rejects(safelist(to).fetch(), fault(404, 20404))
  await assert.rejects(start(to), fault(429, 20429))
})

test('a slash at the end of a path, and what the client appends to a query, change nothing', async () => {
  const base = `/v2/Services/${shop.sids.service_sid}`
  const to = freshNumber()
  const made = await raw(
    'POST',
    `${base}/Verifications/?ncNeeded=undefined`,
    `To=${encodeURIComponent(to)}&Channel=sms`,
  )
  assert.equal(made.status, 201)
  const fetched = await raw('GET', `${base}/Verifications/${made.body.sid}/`)
  assert.deepEqual([fetched.status, fetched.body.sid], [200, made.body.sid])
  const code = await codeOn(server, to)
  assert.equal(
    (await raw('POST', `${base}/VerificationCheck/`, `To=${encodeURIComponent(to)}&Code=${code}`)).status,
    201,
  )
  const again = await raw('POST', `${base}/VerificationCheck/`, `To=${encodeURIComponent(to)}&Code=${code}`)
  assert.deepEqual([again.status, gone.test(again.body.message)], [404, true])
  const page = await raw('GET', '/v2/Services/?PageSize=1')
  assert.ok(String(page.body.meta.next_page_url).startsWith(`${server.url}/v2/Services?`))
  assert.equal((await raw('GET', '/v2/SafeList/Numbers/')).status, 404)
  assert.equal((await raw('GET', `/v2/Attempts/Summary/`)).status, 200)
})

test('parameters without effect are logged once, by name', async () => {
  const form = () => ({ to: freshNumber(), channel: 'sms', riskCheck: 'disable', deviceIp: '203.0.113.9' }) as const
  await verify().verifications.create(form())
  await verify().verifications.create(form())
  await raw('POST', '/v2/Services', 'FriendlyName=Shop&Colour=blue')
  // The answer is on its way before the line is written.
  const lines = await eventually(async () => {
    const found = server.logged.filter((line) => line.includes('"vendor":"twilio"'))
    return found.some((line) => line.includes('"Colour"')) && found
  })
  const names = lines.map((line) => (JSON.parse(line) as { parameter: string }).parameter)
  for (const name of ['RiskCheck', 'DeviceIp', 'Colour']) {
    assert.equal(names.filter((one) => one === name).length, 1, name)
  }
  for (const name of ['To', 'Channel', 'PageSize', 'CustomCode', 'RateLimits']) assert.ok(!names.includes(name), name)
  assert.ok(lines.every((line) => !line.includes('203.0.113') && !line.includes('blue')))
})

test('hostile sids, forms and queries are refused in Twilio’s shape and never a 5xx', async () => {
  const base = `/v2/Services/${stranger.sids.service_sid}`
  const own = `/v2/Services/${shop.sids.service_sid}`
  const paths = ['VA', 'VA%27--', '%F0%9F%98%80', `VA${'f'.repeat(32)}`, 'x'.repeat(150)]
  const sids = ['VE', 'RK', '+', '%2B', '%27', `VE${'0'.repeat(32)}`, 'a%40b', '..%2F..']
  const forms = [
    '',
    '=',
    '&&&',
    '%',
    '%FF%FE=%C3',
    'To=&Channel=',
    `To=${'9'.repeat(5000)}&Channel=sms`,
    'To=%2B6281234567890&Channel=sms&RateLimits=[1]',
    'To=%2B6281234567890&Channel=sms&RateLimits=%7B',
    'To=%2B6281234567890&Channel=sms&Tags=%7B%22a%22%3A%22%5Cu0000%22%7D',
    'To=%2B6281234567890&Channel=sms&Tags=%7B%22a%22%3A%22%5Cud800%22%7D',
    'To=%2B6281234567890&Code=%E2%91%A0%E2%91%A1',
    'FriendlyName=%0A&CodeLength=-1',
    'Max=1e9&Interval=0x10',
    'Status=__proto__&Status=constructor',
  ]
  const queries = [
    'PageSize=0',
    'PageToken=PA1',
    'Page=-1',
    'Country=%27',
    'Country=__proto__',
    'DateCreatedAfter=9',
    'Colour=blue',
  ]
  const asked = [
    ...paths.map((one) => raw('GET', `/v2/Services/${one}`)),
    ...sids.flatMap((one) => ['Verifications', 'RateLimits'].map((name) => raw('GET', `${own}/${name}/${one}`))),
    ...queries.map((one) => raw('GET', `/v2/Attempts?${one}`)),
    ...['/v2/SafeList/Numbers', `${own}/MessagingConfigurations`].flatMap((path) =>
      ['x', '%2B12', '%27', '__proto__', 'a%40b.example', '+'].map((one) => raw('GET', `${path}/${one}`)),
    ),
    ...[
      '/Verifications',
      '/VerificationCheck',
      '/RateLimits',
      '/Verifications/%2B6281234567890',
      '/MessagingConfigurations',
      '/MessagingConfigurations/ID',
    ].flatMap((path) => forms.map((form) => raw('POST', base + path, form, stranger.sids.account_sid, stranger.key))),
    ...forms
      .filter((form) => !form.includes('To='))
      .flatMap((form) => ['/v2/Services', '/v2/SafeList/Numbers'].map((path) => raw('POST', path, form))),
  ]
  for (const { status, body } of await Promise.all(asked)) {
    assert.ok(status >= 400 && status < 500, JSON.stringify(body))
    assert.deepEqual([Object.keys(body).join(), body.status], ['code,message,more_info,status', status])
  }
  const json = await fetch(`${server.url}${base}/Verifications`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${stranger.sids.account_sid}:${stranger.key}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: '{}',
  })
  assert.deepEqual([json.status, ((await json.json()) as { code: number }).code], [415, 60200])
})
