import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { after, before, test } from 'node:test'
import { formatApiKey, plainSpelling } from '#access/core/api-key.ts'
import { createLog } from '#platform/log.ts'
import { addKey } from '../kit/keys.ts'
import { bearer, freshNumber } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'

const givenKey = 'ck_test_of-the_demo-1'
let server: TestServer
let names: any
let application: string
/** As keys are made, with punctuation in its random part too. */
const key = formatApiKey(false, `-_${randomBytes(30).toString('base64url')}`)

before(async () => {
  server = await startTestServer({ CENTANG_DEMO_KEY: givenKey })
  const { body } = await server.call('GET', '/v1/applications', undefined, bearer(givenKey))
  application = body.data[0].id
  names = (await server.call('GET', `/v1/applications/${application}/credentials`, undefined, bearer(givenKey))).body
  await addKey(server, application, false, { key })
})
after(() => server.stop())

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})

/** Each vendor's way in, with a call that needs nothing else; true when the secret was taken. */
const doors: Readonly<Record<string, (secret: string) => Promise<boolean>>> = {
  twilio: async (secret) =>
    (await server.call('GET', '/v2/Services', undefined, basic(names.twilio.account_sid, secret))).status === 200,
  vonage: async (secret) => {
    const workflow = [{ channel: 'sms', to: freshNumber().slice(1) }]
    const headers = basic(names.vonage.api_key, secret)
    return (await server.call('POST', '/v2/verify/', { brand: 'ACME', workflow }, headers)).status === 202
  },
  'message central': async (secret) => {
    const query = new URLSearchParams({
      customerId: names.message_central.customer_id,
      key: Buffer.from(secret).toString('base64'),
    })
    return (await server.call('GET', `/auth/v1/authentication/token?${query.toString()}`)).status === 200
  },
}

for (const [door, isTaken] of Object.entries(doors)) {
  test(`${door}: a key is taken as it is and without its punctuation, made here or given`, async () => {
    for (const one of [key, givenKey]) {
      const plain = plainSpelling(one)
      assert.match(plain, /^[a-zA-Z0-9]*$/)
      assert.deepEqual([await isTaken(one), await isTaken(plain)], [true, true])
      for (const wrong of [plain.slice(0, -1), `${plain}0`, plain.replace('cktest', 'cklive'), plain.toLowerCase()])
        if (wrong !== plain) assert.equal(await isTaken(wrong), false, wrong)
    }
  })
}

test('the credentials say how the key is spelled without punctuation, and repeat none', async () => {
  assert.match(names.secret_without_punctuation, /without its _ and -/)
  assert.ok(!JSON.stringify(names).includes(plainSpelling(givenKey)))
})

test('natively a key has one spelling', async () => {
  assert.equal((await server.call('GET', '/v1/applications', undefined, bearer(plainSpelling(key)))).status, 401)
})

test('a revoked key is worth nothing in either spelling', async () => {
  const gone = await addKey(server, application, false)
  await server.database.query('update api_key set revoked_at = now() where hint = $1', [gone.slice(-4)])
  for (const secret of [gone, plainSpelling(gone)]) assert.equal(await doors['twilio']?.(secret), false)
})

test('no spelling reaches the log, also not in a path', async () => {
  await server.call('GET', `/v1/${plainSpelling(key)}`, undefined, bearer(plainSpelling(key)))
  const stream = new PassThrough()
  const log = createLog('info', stream as unknown as NodeJS.WriteStream)
  for (const one of [key, plainSpelling(key)]) log.info({ req: { method: 'GET', url: `/v2/${one}` } }, 'asked')
  const lines = server.logged.join('') + String(stream.read())
  assert.ok(lines.includes('credentials refused') && lines.includes('"asked"'), 'there was a log to look at')
  for (const one of [key, givenKey]) assert.ok(!lines.includes(plainSpelling(one)) && !lines.includes(one))
})
