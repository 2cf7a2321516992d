import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Answer, bearer, callsOf, codeOn, eventually, freshNumber, operatorKey } from '../kit/api.ts'
import { addKey } from '../kit/keys.ts'
import { type Business, type SharedServer, sharedServer } from '../kit/shared.ts'
import { phoneNumberId, toldSender } from '../messaging/callback-kit.ts'

interface Own extends Business {
  readonly call: SharedServer['call']
}

describe('the guard', () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())

  /** A business of a test's own: counters are a business's. */
  async function freshBusiness(policy?: object): Promise<Own> {
    const business = await server.freshBusiness()
    const { call } = callsOf(server.url, business.key)
    if (policy) assert.equal((await call('PUT', '/v1/guard/policy', policy)).status, 200)
    return { ...business, call }
  }
  const start = ({ call }: Own, to: string, more: object = {}, headers: Record<string, string> = {}): Promise<Answer> =>
    call('POST', '/v1/verifications', { to, ...more }, headers)
  const statuses = (answers: readonly Answer[]): Record<string, number> =>
    Object.fromEntries(
      [...Map.groupBy(answers, ({ status, body }) => `${status} ${body.code ?? body.status}`)].map(([of, all]) => [
        of,
        all.length,
      ]),
    )
  const neighbours = (count: number): string[] => {
    const first = Number(freshNumber().slice(1, -4)) * 10_000
    return Array.from({ length: count }, (_, n) => `+${first + 100 + n}`)
  }
  const eventsOf = ({ rowId }: Business): Promise<{ kind: string; data: Record<string, unknown> }[]> =>
    server.database.query(
      `select kind, data from event where business_id = $1 and subject_kind = 'guard_notice' order by sequence`,
      [rowId],
    )
  const deliveriesOf = async ({ rowId }: Business): Promise<number> =>
    (
      await server.database.query<{ n: number }>('select count(*)::int as n from delivery where business_id = $1', [
        rowId,
      ])
    )[0]?.n ?? -1

  it('stops 350 starts to neighbouring numbers, and says why, once an hour', async () => {
    const business = await freshBusiness()
    const answers = await Promise.all(neighbours(350).map((to) => start(business, to)))
    assert.deepEqual(statuses(answers), { '201 pending': 25, '429 unproven_block_limit_reached': 325 })
    assert.equal(await deliveriesOf(business), 25)
    const refused = answers.find(({ status }) => status === 429) as Answer
    assert.equal(refused.body.rule, 'guard.unproven_block')
    assert.match(refused.body.remedy, /PUT \/v1\/guard\/policy/)
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
    const told = await eventually(async () => {
      const events = await eventsOf(business)
      return events.length > 0 && events
    })
    const [{ kind, data }] = told as [{ kind: string; data: Record<string, unknown> }]
    assert.deepEqual(
      [told.length, kind, data['rule'], data['country']],
      [1, 'guard.send_refused', 'unproven_block', 'ID'],
    )
  })

  it('lets them all go where the rule only records, and tells so', async () => {
    const rules = { unproven_block: { mode: 'record' }, unproven_range: { mode: 'off' } }
    const business = await freshBusiness({ rules })
    const answers = await Promise.all(neighbours(60).map((to) => start(business, to)))
    assert.deepEqual(statuses(answers), { '201 pending': 60 })
    const [event] = await eventually(async () => {
      const events = await eventsOf(business)
      return events.length > 0 && events
    })
    assert.deepEqual([event?.kind, event?.data['rule']], ['guard.send_recorded', 'unproven_block'])
  })

  it('makes room when codes are entered', async () => {
    const business = await freshBusiness({ rules: { unproven_block: { limit: 2 } } })
    const [one = '', two = '', three = ''] = neighbours(3)
    const first = await start(business, one)
    assert.equal((await start(business, two)).status, 201)
    assert.equal((await start(business, three)).status, 429)
    const checked = await business.call('POST', `/v1/verifications/${first.body.id}/check`, {
      code: await codeOn(server, one),
    })
    assert.equal(checked.body.valid, true)
    await eventually(async () => (await start(business, three)).status === 201)
  })

  it('lets in whoever has proven themselves, whatever strangers asked for, and once until they enter it', async () => {
    const business = await freshBusiness({ rules: { unproven_country: { limit: 3 }, recipient_day: { limit: 4 } } })
    const [known = '', unfinished = '', ...strangers] = Array.from({ length: 6 }, freshNumber)
    const enter = async (id: string, messages: number) => {
      const code = await codeOn(server, known, messages)
      const checked = await business.call('POST', `/v1/verifications/${id}/check`, { code })
      assert.equal(checked.body.valid, true)
    }
    await enter((await start(business, known)).body.id, 1)
    assert.equal((await start(business, unfinished)).status, 201)
    const flood = async () => Promise.all(strangers.map((to) => start(business, to, { purpose: 'flood' })))
    await eventually(async () => (await flood()).every(({ status }) => status === 429))
    assert.equal((await start(business, unfinished, { purpose: 'other' })).status, 429)

    const letIn = await start(business, known)
    assert.equal(letIn.status, 201, JSON.stringify(letIn.body))
    // Over another channel it is still the same code.
    const next = await business.call('POST', `/v1/verifications/${letIn.body.id}/next`)
    assert.equal(next.status, 200, JSON.stringify(next.body))
    assert.equal((await start(business, known, { purpose: 'other' })).body.rule, 'guard.unproven_country')
    await enter(letIn.body.id, 3)
    const again = await start(business, known, { purpose: 'other' })
    assert.equal(again.status, 201, JSON.stringify(again.body))
    await enter(again.body.id, 4)
    // The person's own limit holds for them as for anybody.
    assert.equal((await start(business, known, { purpose: 'third' })).body.rule, 'guard.recipient_day')
  })

  it('makes room too when somebody enters a code that another start of theirs sent', async () => {
    const business = await freshBusiness({ rules: { unproven_block: { limit: 2 } } })
    const [one = '', two = '', three = ''] = neighbours(3)
    await start(business, one)
    const joined = await start(business, one)
    assert.equal((await start(business, two)).status, 201)
    assert.equal((await start(business, three)).status, 429)
    const path = `/v1/verifications/${joined.body.id}/check`
    assert.equal((await business.call('POST', path, { code: await codeOn(server, one) })).body.valid, true)
    await eventually(async () => (await start(business, three)).status === 201)
  })

  it('makes room too when the one that sent has been canceled meanwhile', async () => {
    const business = await freshBusiness({ rules: { unproven_block: { limit: 2 } } })
    const [one = '', two = '', three = ''] = neighbours(3)
    const first = await start(business, one)
    const joined = await start(business, one)
    assert.equal((await business.call('POST', `/v1/verifications/${first.body.id}/cancel`)).body.status, 'canceled')
    assert.equal((await start(business, two)).status, 201)
    assert.equal((await start(business, three)).status, 429)
    const path = `/v1/verifications/${joined.body.id}/check`
    assert.equal((await business.call('POST', path, { code: await codeOn(server, one) })).body.valid, true)
    await eventually(async () => (await start(business, three)).status === 201)
  })

  it('counts old and new spellings of a number in one block', async () => {
    for (const spellings of [
      ['+541123450001', '+5491123450002'],
      ['+5215512340001', '+525512340002'],
      ['+551187650001', '+5511987650002'],
    ] as const) {
      const business = await freshBusiness({ rules: { unproven_block: { limit: 1 } } })
      const statuses = []
      for (const to of spellings) statuses.push((await start(business, to, { channel: 'whatsapp' })).status)
      assert.deepEqual(statuses, [201, 429], spellings.join(' '))
    }
  })

  it('judges codes that are checked elsewhere by how fast they come alone', async () => {
    const business = await freshBusiness({ rules: { elsewhere_block: { limit: 3 }, unproven_block: { limit: 1 } } })
    const answers: number[] = []
    for (const recipient of neighbours(5)) {
      const { status } = await business.call('POST', '/v1/gateway/auth0', { recipient, code: '482910' })
      answers.push(status)
    }
    assert.deepEqual(
      answers.map((status) => status < 300),
      [true, true, true, false, false],
    )
    assert.equal(await deliveriesOf(business), 3)
  })

  it('sends ten codes to one person in 24 hours, whatever the purpose and whoever cancels', async () => {
    const business = await freshBusiness()
    const to = freshNumber()
    const answers: Answer[] = []
    for (let turn = 0; turn < 12; turn++) {
      const answer = await start(business, to, {
        purpose: `purpose-${turn}`,
        channel: turn % 2 === 0 ? 'sms' : 'whatsapp',
      })
      if (answer.status === 201) await business.call('POST', `/v1/verifications/${answer.body.id}/cancel`)
      // Not the limit of ten minutes, which is another one.
      await server.database.query(`update recipient set sent_at = '{}' where business_id = $1`, [business.rowId])
      answers.push(answer)
    }
    assert.deepEqual(statuses(answers), { '201 pending': 10, '429 recipient_day_limit_reached': 2 })
    const after = Number(answers.at(-1)?.headers.get('retry-after'))
    assert.ok(after > 86_000 && after <= 86_400, String(after))
  })

  it('refuses nobody who only takes part in a code that is on its way, and says when it may come again', async () => {
    const business = await freshBusiness({ rules: { recipient_day: { limit: 1 } } })
    const to = freshNumber()
    const first = await start(business, to)
    const second = await start(business, to)
    assert.deepEqual([second.status, await deliveriesOf(business)], [201, 1])
    const path = `/v1/verifications/${second.body.id}/check`
    assert.notEqual(second.body.id, first.body.id)
    assert.equal((await business.call('POST', path, { code: await codeOn(server, to) })).body.valid, true)
    assert.equal((await start(business, to)).body.code, 'recipient_day_limit_reached')
  })

  it('does not count what never leaves', async () => {
    const business = await freshBusiness({ rules: { recipient_day: { limit: 1 } } })
    const to = freshNumber()
    const key = { 'idempotency-key': `guard ${to}` }
    const first = await start(business, to, {}, key)
    assert.equal(first.status, 201)
    // The answer of a request that is repeated is the first one's, though a new one would be refused.
    assert.equal((await start(business, to, {}, key)).body.id, first.body.id)
    assert.equal((await start(business, to, { purpose: 'other' })).body.code, 'recipient_day_limit_reached')
    const { body } = await business.call('GET', `/v1/verifications/${first.body.id}`)
    assert.equal(body.deliveries.length, 1)
  })

  it('is asked before a resend as well', async () => {
    const business = await freshBusiness({ rules: { recipient_day: { limit: 1 } } })
    const { body } = await start(business, freshNumber())
    const next = await business.call('POST', `/v1/verifications/${body.id}/next`)
    assert.deepEqual([next.status, next.body.code], [429, 'recipient_day_limit_reached'])
    assert.equal(await deliveriesOf(business), 1)
  })

  it('is asked before a fallback as well, and the verification goes on without it', async () => {
    const business = await freshBusiness({ rules: { recipient_day: { limit: 1 } } })
    const to = freshNumber()
    await server.simulate('PUT', `/handsets/${to}`, { whatsapp: false })
    const { body } = await start(business, to)
    const failed = await eventually(async () => {
      const { body: now } = await business.call('GET', `/v1/verifications/${body.id}`)
      return now.deliveries[0].status === 'failed' && now
    })
    assert.deepEqual([failed.status, failed.deliveries.length], ['pending', 1])
    await eventually(async () => (await eventsOf(business)).some(({ data }) => data['rule'] === 'recipient_day'))
    assert.equal(await deliveriesOf(business), 1)
  })

  it('knows the countries of an application', async () => {
    const business = await freshBusiness({ countries: ['BR', 'SG'] })
    const refused = await start(business, freshNumber())
    assert.deepEqual(
      [refused.status, refused.body.code, refused.body.rule],
      [403, 'country_not_allowed', 'guard.country'],
    )
    assert.match(refused.body.remedy, /countries/)
    assert.equal((await start(business, '+5511961234567')).status, 201)
    assert.equal((await start(business, 'somebody@example.com')).body.code, 'channel_unavailable')
    await business.call('PUT', '/v1/guard/policy', { countries: null })
    assert.equal((await start(business, freshNumber())).status, 201)
  })

  it('sends no SMS to numbers that earn or are fixed lines', async () => {
    const business = await freshBusiness()
    const refused = ['+447012345678', '+4970012345678', '+15005550006', '+442079460018', '+4930123456', '+80012345678']
    for (const to of refused) {
      const { body } = await start(business, to, { channel: 'sms' })
      assert.ok(['line_type_not_allowed', 'recipient_not_allowed'].includes(body.code), `${to} ${body.code}`)
    }
    // All of North America is "fixed line or mobile"; WhatsApp is on fixed lines too.
    assert.equal((await start(business, '+12015550123', { channel: 'sms' })).status, 201)
    // A mobile of Buenos Aires, as it stands in many address books.
    assert.equal((await start(business, '+541157919000', { channel: 'sms' })).status, 201)
    assert.equal((await start(business, '+442079460018', { channel: 'whatsapp' })).status, 201)
    await business.call('PUT', '/v1/guard/policy', { rules: { line_type: { mode: 'record' } } })
    assert.equal((await start(business, '+4930123456', { channel: 'sms' })).status, 201)
  })

  it('counts by network and device, when it is told them', async () => {
    const business = await freshBusiness({ rules: { unproven_network: { limit: 3 }, unproven_device: { limit: 2 } } })
    const by = (client: object): Promise<Answer> => start(business, freshNumber(), { client })
    const ofNetwork = [
      await by({ ip: '198.51.100.1' }),
      await by({ ip: '198.51.100.77' }),
      await by({ ip: '::ffff:198.51.100.3' }),
      await by({ ip: '198.51.100.200' }),
    ]
    assert.deepEqual(statuses(ofNetwork), { '201 pending': 3, '429 unproven_network_limit_reached': 1 })
    assert.equal((await by({ ip: '198.51.101.1' })).status, 201)
    const v6 = [
      await by({ ip: '2001:db8:1::1' }),
      await by({ ip: '2001:db8:1:2::1' }),
      await by({ ip: '2001:db8:1:ffff::' }),
      await by({ ip: '2001:0db8:0001:9::' }),
    ]
    assert.deepEqual(statuses(v6), { '201 pending': 3, '429 unproven_network_limit_reached': 1 })
    const ofDevice = [
      await by({ device_id: 'phone-1' }),
      await by({ device_id: 'phone-1' }),
      await by({ device_id: 'phone-1' }),
    ]
    assert.deepEqual(statuses(ofDevice), { '201 pending': 2, '429 unproven_device_limit_reached': 1 })
    assert.deepEqual((await by({ ip: 'localhost' })).body.errors[0].path, 'body/client/ip')
    const kept = await server.database.query<{ key: string }>('select key from guard_counter where business_id = $1', [
      business.rowId,
    ])
    assert.ok(kept.length > 10 && kept.every(({ key }) => !key.includes('phone-1') && !key.includes('100.77')))
  })

  it('holds a business to its hour and day', async () => {
    const business = await freshBusiness({ rules: { business_hour: { limit: 5 } } })
    const answers = await Promise.all(Array.from({ length: 12 }, () => start(business, freshNumber())))
    assert.deepEqual(statuses(answers), { '201 pending': 5, '429 business_hour_limit_reached': 7 })
    assert.ok(Number(answers.find(({ status }) => status === 429)?.headers.get('retry-after')) <= 3600)
  })

  it('limits messages of chats by person and by sender', async () => {
    const template = { name: 'appointment', language: 'id', parameters: ['Budi', '1 Des 09:00'], payloads: [] }
    const say = ({ call }: Own, to: string, headers = {}): Promise<Answer> =>
      call('POST', '/v1/messages', { to, template }, headers)
    const one = await freshBusiness({ rules: { message_recipient: { limit: 2 } } })
    const to = freshNumber()
    const key = { 'idempotency-key': `chat ${to}` }
    const codes = [await say(one, to, key), await say(one, to), await say(one, to), await say(one, freshNumber())]
    assert.deepEqual(
      codes.map(({ status }) => status),
      [201, 201, 429, 201],
    )
    assert.equal(codes[2]?.body.code, 'message_recipient_limit_reached')
    assert.equal((await say(one, to, key)).body.id, codes[0]?.body.id, 'a repeated request has its answer')
    const other = await freshBusiness({ rules: { message_sender: { limit: 2 } } })
    const sent = await Promise.all(Array.from({ length: 5 }, () => say(other, freshNumber())))
    assert.equal(sent.filter(({ status }) => status === 201).length, 2)
    assert.ok(sent.some(({ body }) => body.code === 'message_sender_limit_reached'))
  })

  it('speaks to vendors’ clients in their statuses', async () => {
    const business = await freshBusiness({ countries: ['BR'] })
    const { body: sids } = await business.call('GET', `/v1/applications/${business.application}/credentials`)
    const twilio = sids.twilio ?? sids
    const create = async (to: string) => {
      const answer = await fetch(`${server.url}/v2/Services/${twilio.service_sid ?? 'VA'}/Verifications`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${twilio.account_sid}:${business.key}`).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ To: to, Channel: 'sms' }).toString(),
      })
      return [answer.status, ((await answer.json()) as { code?: number }).code]
    }
    assert.deepEqual(await create(freshNumber()), [403, 60605], 'as its geo permissions')
    assert.equal(
      (await business.call('PUT', '/v1/guard/policy', { rules: { unproven_block: { limit: 1 } } })).status,
      200,
    )
    const [one = '', two = ''] = neighbours(2)
    assert.deepEqual([(await create(one))[0], await create(two)], [201, [403, 60410]], 'as its Fraud Guard')
  })

  it('slows checks down while somebody guesses codes of many people', async () => {
    const business = await freshBusiness({ rules: { wrong_codes: { limit: 10 } } })
    const started = await Promise.all(Array.from({ length: 20 }, () => start(business, freshNumber())))
    const check = ({ body }: Answer, code: string): Promise<Answer> =>
      business.call('POST', `/v1/verifications/${body.id}/check`, { code })
    const guessed = await Promise.all(started.map((one) => check(one, '000000')))
    const refused = guessed.filter(({ status }) => status === 429)
    assert.equal(refused.length, 10)
    assert.deepEqual([refused[0]?.body.code, refused[0]?.body.rule], ['checks_slowed', 'guard.wrong_codes'])
    assert.ok(Number(refused[0]?.headers.get('retry-after')) <= 60)
    // Nothing was compared, so nothing was spent.
    const untouched = started[guessed.findIndex(({ status }) => status === 429)] as Answer
    const { body } = await business.call('GET', `/v1/verifications/${untouched.body.id}`)
    assert.equal(body.checks_remaining, 5)
    await eventually(async () => (await eventsOf(business)).some(({ kind }) => kind === 'guard.checks_slowed'))
    const neighbour = await freshBusiness()
    const to = freshNumber()
    const own = await start(neighbour, to)
    const checked = await neighbour.call('POST', `/v1/verifications/${own.body.id}/check`, {
      code: await codeOn(server, to),
    })
    assert.equal(checked.body.valid, true)
  })

  it('counts a right code once, however often its answer is repeated', async () => {
    const business = await freshBusiness({ rules: { wrong_codes: { limit: 10 } } })
    const to = freshNumber()
    const own = await start(business, to)
    const code = await codeOn(server, to)
    const check = (id: string, guess: string, headers: Record<string, string> = {}): Promise<Answer> =>
      business.call('POST', `/v1/verifications/${id}/check`, { code: guess }, headers)
    const key = { 'idempotency-key': 'the same again' }
    for (let n = 0; n < 15; n++) assert.equal((await check(own.body.id, code, key)).body.valid, true)
    const started = await Promise.all(Array.from({ length: 20 }, () => start(business, freshNumber())))
    const guessed = await Promise.all(started.map(({ body }) => check(body.id, '000000')))
    // The one right code makes room for one wrong one, for a while.
    const compared = guessed.filter(({ status }) => status === 200).length
    assert.ok(compared === 10 || compared === 11, `${compared} were compared`)
  })

  describe('its policy', () => {
    it('is shown with every rule, and set by the application for its mode', async () => {
      const business = await freshBusiness()
      const before = (await business.call('GET', '/v1/guard/policy')).body
      assert.deepEqual([before.mode, before.countries, before.countries_from], ['test', null, 'unknown'])
      const rule = (body: any, name: string): any => body.rules.find((one: any) => one.rule === name)
      assert.deepEqual([rule(before, 'recipient_day').limit, rule(before, 'business_hour').limit], [10, null])
      const set = await business.call('PUT', '/v1/guard/policy', {
        countries: ['ID'],
        rules: { recipient_day: { limit: 3 }, country: { mode: 'record' } },
      })
      assert.deepEqual(
        [set.body.countries_from, rule(set.body, 'recipient_day').limit, rule(set.body, 'country').mode],
        ['named', 3, 'record'],
      )
      assert.equal(
        (await business.call('PUT', '/v1/guard/policy', { rules: { no_such_rule: { limit: 1 } } })).status,
        400,
      )
      assert.equal((await business.call('PUT', '/v1/guard/policy', { countries: ['Indonesia'] })).status, 400)
      await business.call('PUT', '/v1/guard/policy', {})
      assert.deepEqual((await business.call('GET', '/v1/guard/policy')).body, before)
    })

    it('of live traffic has the operator’s limit above it and takes its countries from the numbers it sends from', async () => {
      const business = await freshBusiness()
      const { call } = callsOf(server.url, await addKey(server, business.application, true))
      const get = async (): Promise<any> => (await call('GET', '/v1/guard/policy')).body
      const limit = (body: any, name: string): number => body.rules.find((one: any) => one.rule === name).limit
      const live = await get()
      assert.deepEqual([live.mode, live.countries_from, limit(live, 'unproven_country')], ['live', 'unknown', 100])
      const raised = (
        await call('PUT', '/v1/guard/policy', { rules: { business_hour: { limit: null }, business_day: { limit: 7 } } })
      ).body
      assert.deepEqual([limit(raised, 'business_hour'), limit(raised, 'business_day')], [10_000, 7])
      const sender = (from: string) => ({
        channel: 'sms',
        provider: 'sms-http',
        purpose: 'authentication',
        config: { url: 'https://sms.example.com/send', from, id_path: 'id', body: { to: '{{to}}', text: '{{text}}' } },
        secrets: { api: 'x' },
      })
      assert.equal((await call('POST', '/v1/senders', sender('+6281234567890'))).status, 201)
      await call('PUT', '/v1/guard/policy', {})
      assert.deepEqual([(await get()).countries, (await get()).countries_from], [['ID'], 'senders'])
      const refused = await call('POST', '/v1/verifications', { to: '+5511961234567' })
      assert.deepEqual([refused.status, refused.body.code], [403, 'country_not_allowed'])
      // A name tells of no country, so none is refused any more.
      assert.equal((await call('POST', '/v1/senders', sender('TOKOBUDI'))).status, 201)
      await call('PUT', '/v1/guard/policy', {})
      assert.equal((await get()).countries_from, 'unknown')
    })

    it('of live traffic takes the country of a WhatsApp number from what Meta tells of it', async () => {
      const business = await freshBusiness()
      const { call } = callsOf(server.url, await addKey(server, business.application, true))
      const config = { base_url: 'https://graph.facebook.com' }
      const sender = await toldSender({ ...server, call }, { purpose: 'authentication', config })
      const countriesAfter = async (id: string, shown: string): Promise<unknown> => {
        const metadata = { display_phone_number: shown, phone_number_id: id }
        assert.equal((await sender.post([{ field: 'messages', value: { metadata, statuses: [] } }])).status, 200)
        const { body } = await call('PUT', '/v1/guard/policy', {})
        return [body.countries, body.countries_from]
      }
      // What is told of another number, or is none, tells nothing of this one.
      assert.deepEqual(await countriesAfter('106540352242999', '5511961234567'), [null, 'unknown'])
      assert.deepEqual(await countriesAfter(phoneNumberId, 'Toko Budi'), [null, 'unknown'])
      assert.deepEqual(await countriesAfter(phoneNumberId, '+62 812-3456-7890'), [['ID'], 'senders'])
      assert.deepEqual(await countriesAfter(phoneNumberId, '5511961234567'), [['BR'], 'senders'])
    })

    it('is closed to the operator and to strangers', async () => {
      assert.equal((await server.call('GET', '/v1/guard/policy', undefined, bearer(operatorKey))).status, 401)
      assert.equal((await server.call('PUT', '/v1/guard/policy', {}, bearer('ck_test_nobody'))).status, 401)
    })
  })
})
