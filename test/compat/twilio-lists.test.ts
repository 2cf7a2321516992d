import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { shownCode } from '../kit/authenticator.ts'
import { twilioTenant, type TwilioTenant } from './twilio-tenant.ts'

/** Lists, their filters and pages, as clients of languages that we have no package of in npm ask for them. */
let server: SharedServer
let tenant: TwilioTenant
const numbers = [freshNumber(), freshNumber(), freshNumber()] as const
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'

before(async () => {
  server = await sharedServer()
  tenant = await twilioTenant(server)
  for (const To of numbers) {
    assert.equal((await tenant.post(`${tenant.base}/Verifications`, { To, Channel: 'sms' })).status, 201)
  }
})
after(() => server.stop())

const attempts = async (query: string): Promise<number | readonly [number, number]> => {
  const { status, body } = await tenant.get(`/v2/Attempts${query}`)
  return status === 200 ? body.attempts.length : ([status, body.code] as const)
}
const total = async (query: string): Promise<number> =>
  (await tenant.get(`/v2/Attempts/Summary${query}`)).body.total_attempts

test('the dot that the client for Go escapes in a name is a dot', async () => {
  const escaped = `?ChannelData%5C.To=${encodeURIComponent(numbers[0])}`
  assert.deepEqual([await attempts(escaped), await total(escaped)], [1, 1])
  assert.equal(await attempts(`?ChannelData.To=${encodeURIComponent(numbers[0])}`), 1)
})

test('a filter that cannot be read is refused in every list, never ignored', async () => {
  for (const query of ['?ChannelData%5C%5C.To=1', '?Channeldata.To=1', '?Colour=blue', '?__proto__=1']) {
    assert.deepEqual(await attempts(query), [400, 60200], query)
    assert.equal((await tenant.get(`/v2/Attempts/Summary${query}`)).body.code, 60200, query)
  }
  const identity = `${tenant.base}/Entities/customer-0001`
  await tenant.post(`${tenant.base}/Entities`, { Identity: 'customer-0001' })
  const lists = [
    '/v2/Services',
    '/v2/Templates',
    `${tenant.base}/RateLimits`,
    `${tenant.base}/MessagingConfigurations`,
    `${tenant.base}/Webhooks`,
    `${tenant.base}/Entities`,
    `${identity}/Factors`,
    `${identity}/Challenges`,
  ]
  for (const list of lists) {
    assert.equal((await tenant.get(`${list}?PageSize=5`)).status, 200, list)
    assert.deepEqual((await tenant.get(`${list}?Colour=blue`)).body.code, 60200, list)
  }
})

test('a time without a zone is UTC, whatever zone this server lives in', async () => {
  const zone = process.env['TZ']
  const iso = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString()
  try {
    // The shared server has its own zone; the reader of times is looked at in these.
    for (const one of ['America/Sao_Paulo', 'Asia/Jakarta', 'UTC']) {
      process.env['TZ'] = one
      const { timeOf } = await import('#compat/twilio/http/time.ts')
      const at = '2026-11-30T20:00:00'
      for (const text of [at, `${at}Z`, `${at} Z`, '2026-11-30 20:00:00', `${at}.000`, `${at}.000000000`, `${at},0`]) {
        assert.equal(timeOf(text)?.toISOString(), `${at}.000Z`, `${one} ${text}`)
      }
      assert.equal(timeOf('2026-11-30')?.toISOString(), '2026-11-30T00:00:00.000Z')
      assert.equal(timeOf('2026-11-30T20:00')?.toISOString(), `${at}.000Z`)
      assert.equal(timeOf('2026-11-30T20:00:00.123456789')?.getMilliseconds(), 123)
      for (const text of ['2026-11-30T22:00:00+02:00', '2026-11-30T22:00:00+0200', '2026-11-30T22:00:00 02:00']) {
        assert.equal(timeOf(text)?.toISOString(), `${at}.000Z`, text)
      }
      for (const text of ['9', '2026-02-30', '2026-02-30T00:00:00', '2026-11-30T25:00:00', 'now', '30.11.2026', '']) {
        assert.equal(timeOf(text), undefined, text)
      }
    }
  } finally {
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  }
  // Java's, without zone and fraction; PHP's and Python's with a Z; Go's with an offset.
  const bare = (seconds: number): string => iso(seconds).slice(0, 19)
  for (const spell of [bare, (seconds: number) => `${bare(seconds)}Z`, (seconds: number) => `${bare(seconds)}+00:00`]) {
    const [earlier, later] = [spell(-60), spell(60)].map(encodeURIComponent)
    assert.equal(await attempts(`?DateCreatedAfter=${earlier}`), 3)
    assert.equal(await attempts(`?DateCreatedAfter=${later}`), 0)
    assert.equal(await attempts(`?DateCreatedBefore=${later}`), 3)
    assert.equal(await attempts(`?DateCreatedBefore=${earlier}`), 0)
  }
  assert.equal(await attempts(`?DateCreatedAfter=${bare(-60)}+00:00`), 3, 'a plus that came unescaped')
})

test('a challenge ends when Java says it, and its reason is never empty', async () => {
  const identity = `${tenant.base}/Entities/customer-0002`
  const factor = (
    await tenant.post(`${identity}/Factors`, {
      FriendlyName: 'Phone',
      FactorType: 'totp',
      'Binding.Secret': secret,
      Metadata: '[]',
    })
  ).body
  assert.deepEqual(factor.metadata, {}, 'the empty map of PHP')
  await tenant.post(`${identity}/Factors/${factor.sid}`, { AuthPayload: shownCode(secret) })
  const ends = new Date(Date.now() + 1800_000).toISOString().slice(0, 19)
  const form = { FactorSid: factor.sid, ExpirationDate: ends, HiddenDetails: '[]' }
  const made = await tenant.post(`${identity}/Challenges`, form)
  assert.deepEqual([made.status, made.body.expiration_date], [201, `${ends}Z`])
  assert.equal(made.body.responded_reason, 'none')
  const listed = await tenant.get(`${identity}/Challenges`)
  assert.equal(listed.body.challenges[0].responded_reason, 'none')
})

test('an empty list is an empty map wherever a map is wanted, and only an empty one', async () => {
  const To = freshNumber()
  const start = (more: Record<string, string>) =>
    tenant.post(`${tenant.base}/Verifications`, { To, Channel: 'sms', ...more })
  const made = await start({ Tags: '[]', RateLimits: '[]' })
  assert.equal(made.status, 201)
  assert.equal((await start({ Tags: '["a"]' })).status, 400)
})

test('pages go forward and back, by number too', async () => {
  const all = (await tenant.get('/v2/Attempts')).body.attempts.map(({ sid }: { sid: string }) => sid)
  const walk = async (path: string) => {
    const { body } = await tenant.get(path.replace(server.url, ''))
    return { sids: body.attempts.map(({ sid }: { sid: string }) => sid), meta: body.meta }
  }
  const first = await walk('/v2/Attempts?PageSize=2')
  assert.deepEqual([first.sids, first.meta.previous_page_url], [all.slice(0, 2), null])
  const second = await walk(first.meta.next_page_url)
  assert.deepEqual([second.sids, second.meta.page], [all.slice(2, 4), 1])
  const back = await walk(second.meta.previous_page_url)
  assert.deepEqual([back.sids, back.meta.page, back.meta.previous_page_url], [all.slice(0, 2), 0, null])
  assert.deepEqual((await walk('/v2/Attempts?PageSize=2&Page=1')).sids, all.slice(2, 4))
  assert.deepEqual((await walk(back.meta.next_page_url)).sids, all.slice(2, 4))
  for (const path of ['RateLimits', 'Entities']) {
    for (const name of ['alpha-0001', 'beta-00001', 'gamma-0001']) {
      await tenant.post(`${tenant.base}/${path}`, { UniqueName: name, Identity: name })
    }
    const page = async (number: number) => (await tenant.get(`${tenant.base}/${path}?PageSize=1&Page=${number}`)).body
    const pages = await Promise.all([0, 1, 2].map(page))
    const key = pages[0].meta.key
    assert.equal(new Set(pages.map((one) => one[key][0].sid)).size, 3, path)
    assert.ok(pages[1].meta.previous_page_url && pages[1].meta.next_page_url)
  }
  assert.equal((await tenant.get('/v2/Attempts?PageSize=1000&Page=999')).body.code, 60200)
})

test('a country is told by the number, also where several share a calling code', async () => {
  const counted = await twilioTenant(server)
  // 416 is Toronto, 212 New York; Guernsey's mobile numbers lie within Britain's.
  const places = {
    CA: '+14165550123',
    US: '+12125550123',
    GG: '+447781100123',
    GB: '+447400123456',
    KZ: '+77010001234',
  }
  const sent = Object.entries({ ...places, ID: freshNumber() })
  for (const [, To] of sent) {
    const { status, body } = await counted.post(`${counted.base}/Verifications`, { To, Channel: 'sms' })
    assert.equal(status, 201, `${To} ${JSON.stringify(body)}`)
  }
  const all = (await counted.get('/v2/Attempts')).body.attempts as { channel_data: { to: string; country: string } }[]
  assert.deepEqual(
    new Map(all.map(({ channel_data: { to, country } }) => [to, country])),
    new Map(sent.map(([country, to]) => [to, country])),
  )
  for (const [country, to] of sent) {
    const { body } = await counted.get(`/v2/Attempts?Country=${country}`)
    assert.deepEqual([body.attempts.length, body.attempts[0]?.channel_data.to], [1, to], country)
    const summary = (await counted.get(`/v2/Attempts/Summary?Country=${country.toLowerCase()}`)).body
    assert.equal(summary.total_attempts, 1, country)
    assert.equal(
      (await counted.get(`/v2/Attempts?Country=${country}&DestinationPrefix=%2B999`)).body.attempts.length,
      0,
    )
  }
  assert.equal((await counted.get('/v2/Attempts?Country=RU')).body.attempts.length, 0)
  assert.equal((await counted.get('/v2/Attempts?Country=CA&PageSize=1')).body.meta.next_page_url, null)
})
