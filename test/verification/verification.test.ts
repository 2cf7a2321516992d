import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { bearer, codeOn, eventually, freshNumber, operatorKey, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { addKey } from '../kit/keys.ts'

describe('a verification', () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())

  const start = async (body: object) => server.call('POST', '/v1/verifications', body)

  it('is started, arrives on the phone, and is approved once', async () => {
    const to = freshNumber()
    const started = await start({ to, locale: 'id' })
    assert.equal(started.status, 201)
    assert.equal(started.body.status, 'pending')
    assert.equal(started.body.to, to)
    assert.equal(started.body.checks_remaining, 5)
    assert.equal(started.headers.get('location'), `/v1/verifications/${started.body.id}`)
    const code = await codeOn(server, to)
    assert.match(code, /^\d{6}$/)

    const wrong = await server.call('POST', `/v1/verifications/${started.body.id}/check`, { code: wrongCode(code) })
    assert.deepEqual([wrong.status, wrong.body.valid, wrong.body.checks_remaining], [200, false, 4])
    const right = await server.call('POST', `/v1/verifications/${started.body.id}/check`, {
      code: `${code.slice(0, 3)} ${code.slice(3)}`,
    })
    assert.deepEqual([right.status, right.body.valid, right.body.status], [200, true, 'approved'])
    const again = await server.call('POST', `/v1/verifications/${started.body.id}/check`, { code })
    assert.deepEqual([again.status, again.body.code], [409, 'verification_closed'])

    const kinds = await eventually(async () => {
      const read = await server.call('GET', `/v1/verifications/${started.body.id}`)
      const told = read.body.timeline.map((one: { type: string }) => one.type) as string[]
      // A person can be faster than the receipt of what they read.
      return told.includes('delivery.delivered') && told
    })
    assert.equal(kinds[0], 'verification.started')
    assert.ok(kinds.includes('verification.approved'))
  })

  it('that is started again is another one, with the same code', async () => {
    const to = freshNumber()
    const first = await start({ to, channel: 'whatsapp' })
    const code = await codeOn(server, to)
    const second = await start({ to, channel: 'whatsapp' })
    assert.equal(second.status, 201)
    assert.notEqual(second.body.id, first.body.id)
    const bySms = await server.call('POST', `/v1/verifications/${first.body.id}/resend`, { channel: 'sms' })
    assert.equal(bySms.status, 200)
    assert.equal(bySms.body.channel, 'sms')
    assert.equal(await codeOn(server, to, 2), code)
  })

  it('of another purpose is another one', async () => {
    const to = freshNumber()
    const first = await start({ to, purpose: 'login' })
    const second = await start({ to, purpose: 'payment' })
    assert.notEqual(first.body.id, second.body.id)
    assert.equal(second.status, 201)
  })

  it('tells when it may be sent again, and refuses before', async () => {
    const to = freshNumber()
    const { body } = await start({ to })
    assert.equal(Date.parse(body.resend_after) - Date.parse(body.created_at), 30_000)
    const soon = await server.call('POST', `/v1/verifications/${body.id}/resend`, {})
    assert.deepEqual([soon.status, soon.body.code], [429, 'resend_too_soon'])
    const retryAfter = Number(soon.headers.get('retry-after'))
    assert.ok(retryAfter > 25 && retryAfter <= 30, String(retryAfter))
  })

  it('frees the recipient when it is canceled, but what was sent still counts', async () => {
    const to = freshNumber()
    for (let sends = 1; sends <= 5; sends++) {
      const { status, body } = await start({ to })
      assert.equal(status, 201)
      assert.equal(body.sends_remaining, 5 - sends)
      const canceled = await server.call('POST', `/v1/verifications/${body.id}/cancel`)
      assert.equal(canceled.body.status, 'canceled')
    }
    const sixth = await start({ to })
    assert.deepEqual([sixth.status, sixth.body.code], [429, 'send_limit_reached'])
    assert.ok(Number(sixth.headers.get('retry-after')) > 500)
  })

  it('gives the same answer for the same Idempotency-Key, and refuses the key for another request', async () => {
    const to = freshNumber()
    const headers = { 'idempotency-key': `start ${to}` }
    const first = await server.call('POST', '/v1/verifications', { to }, headers)
    const second = await server.call('POST', '/v1/verifications', { to }, headers)
    assert.equal(second.body.id, first.body.id)
    const other = await server.call('POST', '/v1/verifications', { to, purpose: 'other' }, headers)
    assert.deepEqual([other.status, other.body.code], [422, 'idempotency_key_reused'])

    const code = await codeOn(server, to)
    const check = () =>
      server.call(
        'POST',
        `/v1/verifications/${first.body.id}/check`,
        { code: wrongCode(code) },
        { 'idempotency-key': `check ${to}` },
      )
    const answers = [await check(), await check(), await check()]
    assert.deepEqual(
      answers.map(({ body }) => body.checks_remaining),
      [4, 4, 4],
    )
  })

  it("takes a caller's own code and never shows it", async () => {
    const to = freshNumber()
    const { status, body } = await start({ to, code: '٤٨٣٩٢٠١' })
    assert.equal(status, 201)
    assert.equal(await codeOn(server, to), '4839201')
    const right = await server.call('POST', `/v1/verifications/${body.id}/check`, { code: '4839201' })
    assert.equal(right.body.valid, true)
    const [row] = await server.database.query('select code_sealed, code_mac from verification where recipient = $1', [
      to,
    ])
    assert.deepEqual(row, { code_sealed: null, code_mac: null })
  })

  it('has no fewer digits than its application wants', async () => {
    for (const [body, code] of [
      [{ code_length: 5 }, 'code_too_short'],
      [{ code: '12345' }, 'code_unsuitable'],
    ] as const) {
      const refused = await start({ to: freshNumber(), ...body })
      assert.deepEqual([refused.status, refused.body.code], [422, code])
    }
    const to = freshNumber()
    assert.equal((await start({ to, code_length: 8 })).status, 201)
    assert.match(await codeOn(server, to), /^\d{8}$/)
  })

  it('that was bound to a payment opens no other', async () => {
    const to = freshNumber()
    const transaction = { amount: '120.00', currency: 'BRL', payee: 'Padaria Sol' }
    const { body } = await start({ to, transaction, channel: 'sms' })
    const code = await codeOn(server, to)
    const check = (bound?: object) =>
      server.call('POST', `/v1/verifications/${body.id}/check`, { code, ...(bound && { transaction: bound }) })
    assert.equal((await check({ ...transaction, amount: '1120.00' })).body.valid, false)
    assert.equal((await check()).body.valid, false)
    assert.equal((await check(transaction)).body.valid, true)
  })

  it('is over when the person says it was not them', async () => {
    const to = freshNumber()
    const { body } = await start({ to, channel: 'whatsapp' })
    await codeOn(server, to)
    const { body: inbox } = await server.simulate('GET', `/handsets/${to}/messages`)
    await server.simulate('POST', `/handsets/${to}/messages/${inbox.messages[0].id}/press`, { button: 'not_requested' })
    const ended = await eventually(async () => {
      const read = await server.call('GET', `/v1/verifications/${body.id}`)
      return read.body.status === 'blocked' ? read.body : undefined
    })
    assert.equal(ended.timeline.at(-1).reason, 'not_requested')
  })

  it('belongs to one business and one mode', async () => {
    const to = freshNumber()
    const { body } = await start({ to })
    const other = await server.call(
      'POST',
      '/v1/businesses',
      { name: 'Other' },
      { authorization: `Bearer ${operatorKey}` },
    )
    assert.equal(other.status, 201)
    const asOther = { authorization: `Bearer ${other.body.api_key}` }
    const calls = [
      ['GET', '', undefined],
      ['POST', '/check', { code: '123456' }],
      ['POST', '/resend', {}],
      ['POST', '/next', {}],
      ['POST', '/next', { channel: 'sms' }],
      ['POST', '/cancel', {}],
    ] as const
    for (const [method, path, sent] of calls) {
      const answer = await server.call(method, `/v1/verifications/${body.id}${path}`, sent, asOther)
      assert.deepEqual([answer.status, answer.body.code], [404, 'verification_not_found'], path)
    }
    // A live key of the same application is another world: what one started, the other neither sees nor moves.
    const application = (await server.call('GET', '/v1/applications')).body.data[0].id
    const asLive = bearer(await addKey(server, application, true))
    const config = { url: 'https://sms.example/send', body: { to: '{{to}}', text: '{{text}}' } }
    await server.call('POST', '/v1/senders', { channel: 'sms', provider: 'sms-http', config, secrets: {} }, asLive)
    const live = await server.call('POST', '/v1/verifications', { to, channel: 'sms' }, asLive)
    assert.deepEqual([live.status, live.body.test], [201, false])
    assert.notEqual(live.body.id, body.id, 'not the pending one of the test key')
    for (const [id, headers] of [
      [body.id, asLive],
      [live.body.id, {}],
    ]) {
      for (const [method, path, sent] of calls) {
        const answer = await server.call(method, `/v1/verifications/${id}${path}`, sent, headers)
        assert.deepEqual([answer.status, answer.body.code], [404, 'verification_not_found'], path)
      }
    }
    const ids = async (headers: Record<string, string>) =>
      (await server.call('GET', `/v1/verifications?to=${encodeURIComponent(to)}`, undefined, headers)).body.data.map(
        ({ id }: { id: string }) => id,
      )
    assert.deepEqual([await ids(asLive), await ids({})], [[live.body.id], [body.id]])
    const listed = await server.call('GET', '/v1/verifications', undefined, asOther)
    assert.deepEqual(listed.body.data, [])
    const started = await server.call('POST', '/v1/verifications', { to: freshNumber() }, asOther)
    assert.equal(started.status, 201, 'every business shares the test senders')
  })

  it('is listed by recipient and status, page by page', async () => {
    const to = freshNumber()
    const ids = []
    for (const purpose of ['a', 'b', 'c']) ids.push((await start({ to, purpose })).body.id)
    const first = await server.call('GET', `/v1/verifications?to=${encodeURIComponent(to)}&limit=2`)
    assert.deepEqual(
      first.body.data.map((one: { id: string }) => one.id),
      [ids[2], ids[1]],
    )
    const second = await server.call(
      'GET',
      `/v1/verifications?to=${encodeURIComponent(to)}&limit=2&cursor=${first.body.next_cursor}`,
    )
    assert.deepEqual(
      second.body.data.map((one: { id: string }) => one.id),
      [ids[0]],
    )
    assert.equal(second.body.next_cursor, null)
    const none = await server.call('GET', `/v1/verifications?to=${encodeURIComponent(to)}&status=approved`)
    assert.deepEqual(none.body.data, [])
  })

  it('follows live as events', async () => {
    const abort = new AbortController()
    const answer = await fetch(`${server.url}/v1/events/stream`, {
      headers: { authorization: `Bearer ${server.key}` },
      signal: abort.signal,
    })
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    const to = freshNumber()
    const { body } = await start({ to, channel: 'whatsapp' })
    let text = ''
    const kinds = () =>
      [...text.matchAll(/"type":"([a-z._]+)","verification_id":"(\w+)"/g)]
        .filter((one) => one[2] === body.id)
        .map((one) => one[1])
    while (!kinds().includes('delivery.delivered')) text += Buffer.from((await reader.read()).value ?? []).toString()
    abort.abort()
    assert.deepEqual(kinds().slice(0, 2), ['verification.started', 'delivery.sent'])
  })
})
