import { messagingIds } from '#messaging/core/ids.ts'
import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { readId } from '#platform/core/id.ts'
import { spellMessageReference } from '#messaging/core/reference.ts'
import { type Answer, eventually, freshNumber, operatorKey } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

const template = (parameters: string[], payloads: string[] = []) => ({
  name: 'appointment',
  language: 'id',
  parameters,
  payloads,
})

describe('messages', () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())

  const say = (body: object, headers: Record<string, string> = {}): Promise<Answer> =>
    server.call('POST', '/v1/messages', body, headers)
  const onPhone = async (to: string): Promise<any[]> =>
    (await server.simulate('GET', `/handsets/${to}/messages`)).body.messages
  const arrivesAt = (to: string, count = 1): Promise<any> =>
    eventually(async () => {
      const messages = (await onPhone(to)).filter(({ direction }) => direction === 'out')
      return messages.length >= count ? messages.at(-1) : undefined
    })
  const press = async (to: string, message: { id: string }, button: string): Promise<void> => {
    const { status } = await server.simulate('POST', `/handsets/${to}/messages/${message.id}/press`, { button })
    assert.equal(status, 200)
  }
  const listed = async (to: string): Promise<any[]> =>
    (await server.call('GET', `/v1/messages?contact=${encodeURIComponent(to)}`)).body.data
  /** As a server leaves it that died between the sending and the keeping, once the claim has run out. */
  const forgetKeys = () =>
    server.database.query('delete from idempotency where business_id = $1', [server.business.rowId])
  const answerOf = (to: string): Promise<any> =>
    eventually(async () => (await listed(to)).find(({ direction }) => direction === 'in'))

  it('a template reaches anybody, and its tap comes back with what it was about', async () => {
    const to = freshNumber()
    const { status, body } = await say({ to, template: template(['Budi', '1 Des 09:00'], ['yes:1', 'move:1']) })
    assert.deepEqual([status, body.direction, body.template], [201, 'out', 'appointment'])
    // A receipt may be faster than the answer.
    assert.ok(['sent', 'delivered'].includes(body.status), body.status)
    const shown = await arrivesAt(to)
    assert.equal(shown.text, 'Halo Budi, janji temu Anda 1 Des 09:00. Apakah Anda bisa datang?')
    assert.deepEqual(
      shown.buttons.map(({ label }: { label: string }) => label),
      ['Konfirmasi', 'Waktu lain'],
    )
    await press(to, shown, 'yes:1')
    const heard = await answerOf(to)
    assert.partialDeepStrictEqual(heard, {
      contact: to,
      status: 'received',
      text: 'Konfirmasi',
      choice: 'yes:1',
      reply_to: body.id,
    })
    const read = await eventually(async () => {
      const { body: now } = await server.call('GET', `/v1/messages/${body.id}`)
      return now.status === 'read' && now
    })
    assert.equal(read.failed_at, null)
    const times = [read.created_at, read.sent_at, read.delivered_at, read.read_at].map((at: string) => Date.parse(at))
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
      'receipts tell whole seconds, and time runs forward all the same',
    )
  })

  it('comes from the number for chats, never from the one for codes', async () => {
    const to = freshNumber()
    await server.call('POST', '/v1/verifications', { to })
    await say({ to, template: template(['Budi', 'x']) })
    await arrivesAt(to, 2)
    const byText = new Map((await onPhone(to)).map(({ code, from }) => [code === null ? 'chat' : 'code', from]))
    const { body: facts } = await server.simulate('GET', '/meta')
    assert.deepEqual(Object.fromEntries(byText), {
      code: facts.display_phone_number,
      chat: facts.service_display_phone_number,
    })
  })

  it('text, buttons and lists reach who has written, and a quote shows what they answer', async () => {
    const to = freshNumber()
    await say({ to, template: template(['Budi', 'x'], ['a', 'b']) })
    await press(to, await arrivesAt(to), 'a')
    const { id } = await answerOf(to)
    const choices = [
      { id: 'slot:1', title: '1 Dec, 09:00' },
      { id: 'slot:2', title: '1 Dec, 09:30', description: 'with Dr Sari' },
    ]
    const { body } = await say({ to, text: 'When?', list: { label: 'See times', choices }, reply_to: id })
    assert.equal(body.reply_to, id)
    await press(to, await arrivesAt(to, 2), 'slot:2')
    const tapped = await eventually(async () => (await listed(to)).find(({ choice }) => choice === 'slot:2'))
    assert.deepEqual([tapped.text, tapped.reply_to], ['1 Dec, 09:30', body.id])
    await say({ to, text: 'Sure?', buttons: [{ id: 'sure', title: 'Yes' }] })
    await press(to, await arrivesAt(to, 3), 'sure')
    assert.ok(await eventually(async () => (await listed(to)).find(({ choice }) => choice === 'sure')))
  })

  it('text to somebody who has not written fails, and says why', async () => {
    const { body } = await say({ to: freshNumber(), text: 'Hello?' })
    const failed = await eventually(async () => {
      const { body: now } = await server.call('GET', `/v1/messages/${body.id}`)
      return now.status === 'failed' && now
    })
    assert.deepEqual([failed.reason, failed.provider_code], ['window_closed', '131047'])
    assert.match(failed.detail, /24 hours/)
  })

  it('is sent once, however often it is asked for', async () => {
    const to = freshNumber()
    const headers = { 'idempotency-key': randomBytes(8).toString('hex') }
    const answers = await Promise.all([1, 2, 3].map(() => say({ to, template: template(['Budi', 'x']) }, headers)))
    const ids = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id))
    assert.equal(ids.size, 1)
    await arrivesAt(to)
    assert.equal((await onPhone(to)).length, 1)
  })

  it('is sent once, also when its answer was never kept and the same request comes again', async () => {
    const to = freshNumber()
    const headers = { 'idempotency-key': randomBytes(8).toString('hex') }
    const body = { to, template: template(['Budi', 'x']) }
    const first = await say(body, headers)
    await forgetKeys()
    const again = await say(body, headers)
    assert.deepEqual([again.status, again.body.id], [201, first.body.id])
    await arrivesAt(to)
    await new Promise((done) => setTimeout(done, 300))
    assert.equal((await onPhone(to)).length, 1)
    await forgetKeys()
    const another = await say({ to: freshNumber(), template: template(['Siti', 'y']) }, headers)
    assert.deepEqual([another.status, another.body.code], [422, 'idempotency_key_reused'])
    await server.database.query(
      `update message set created_at = created_at - interval '25 hours' where business_id = $1`,
      [server.business.rowId],
    )
    await forgetKeys()
    const nextDay = await say(body, headers)
    assert.notEqual(nextDay.body.id, first.body.id)
  })

  it('whose answer was lost is unknown until a receipt tells, and is not sent again', async () => {
    const to = freshNumber()
    await server.simulate('POST', '/faults', { kind: 'fail_after_acceptance', to, count: 1 })
    const { body } = await say({ to, template: template(['Budi', 'x']) })
    assert.equal(body.status, 'unknown')
    await eventually(async () => {
      const { body: now } = await server.call('GET', `/v1/messages/${body.id}`)
      return now.status === 'delivered' && now
    })
    assert.equal((await onPhone(to)).length, 1)
  })

  it('that is refused tells why at once', async () => {
    const { body } = await say({ to: freshNumber(), template: { name: 'nowhere', language: 'id' } })
    assert.deepEqual([body.status, body.reason, body.provider_code], ['failed', 'template_unavailable', '132001'])
  })

  it('what is heard is told once, live, though the provider tells it twice', async () => {
    const to = freshNumber()
    await say({ to, template: template(['Budi', 'x'], ['a', 'b']) })
    const shown = await arrivesAt(to)
    await server.simulate('POST', '/faults', { kind: 'duplicate_messages', to, count: 1 })
    const stream = await fetch(`${server.url}/v1/events/stream`, { headers: { authorization: `Bearer ${server.key}` } })
    await press(to, shown, 'b')
    const { id } = await answerOf(to)
    await new Promise((done) => setTimeout(done, 600))
    assert.equal((await listed(to)).filter(({ direction }) => direction === 'in').length, 1)
    const [counted] = await server.database.query<{ told: string; heard: string }>(
      `select (select count(*) from event where business_id = $1 and kind = 'message.received') as told,
        (select count(*) from message where business_id = $1 and direction = 'in') as heard`,
      [server.business.rowId],
    )
    assert.equal(counted?.told, counted?.heard)
    let text = ''
    for await (const chunk of stream.body as ReadableStream<Uint8Array>) {
      text += Buffer.from(chunk).toString()
      if (/data: .*message\.received.*\n/.test(text)) break
    }
    const told = JSON.parse(/data: (.*message\.received.*)/.exec(text)?.[1] ?? '')
    assert.deepEqual([told.message_id, told.choice, told.channel, told.message_type], [id, 'b', 'whatsapp', 'button'])
  })

  it('of one business is nothing to another, also where both share the number', async () => {
    const { body: other } = await server.call(
      'POST',
      '/v1/businesses',
      { name: 'Other' },
      { authorization: `Bearer ${operatorKey}` },
    )
    const as = { authorization: `Bearer ${other.api_key}` }
    const to = freshNumber()
    const { body: mine } = await say({ to, template: template(['Budi', 'x'], ['mine', 'b']) })
    const { body: theirs } = await server.call(
      'POST',
      '/v1/messages',
      { to, template: template(['Budi', 'y'], ['theirs', 'b']) },
      as,
    )
    assert.ok(['sent', 'delivered'].includes(theirs.status), theirs.status)
    await arrivesAt(to, 2)
    for (const message of await onPhone(to)) await press(to, message, message.buttons[0].id)
    await eventually(
      async () => (await server.call('GET', '/v1/messages?limit=100', undefined, as)).body.data.length === 2,
    )
    const { body: seen } = await server.call('GET', '/v1/messages?limit=100', undefined, as)
    assert.deepEqual(
      seen.data.map(({ choice }: { choice: string }) => choice),
      ['theirs', null],
    )
    assert.ok((await listed(to)).every(({ choice }) => choice !== 'theirs'))
    assert.equal((await server.call('GET', `/v1/messages/${mine.id}`, undefined, as)).status, 404)
    const stolen = await server.call('POST', '/v1/messages', { to, text: 'x', reply_to: mine.id }, as)
    assert.equal(stolen.status, 404)
  })

  it('a webhook speaks only of what its own sender sent', async () => {
    const to = freshNumber()
    const { body: sent } = await say({ to, template: template(['Budi', 'x']) })
    await arrivesAt(to)
    const ofOther = await server.call('POST', '/v1/senders', {
      channel: 'whatsapp',
      provider: 'whatsapp-cloud-api',
      purpose: 'service',
      config: { phone_number_id: '10654035224', waba_id: '102290129340398' },
      secrets: { access_token: 'a token of no use', app_secret: 'known to whoever made it', verify_token: 'any text' },
    })
    assert.equal(ofOther.status, 201, JSON.stringify(ofOther.body))
    const [found] = await server.database.query<{ business_id: string; provider_message_id: string }>(
      'select business_id, provider_message_id from message where id = $1',
      [readId(messagingIds.message, sent.id)],
    )
    const status = {
      id: found?.provider_message_id,
      status: 'read',
      timestamp: String(Math.floor(Date.now() / 1000)),
      biz_opaque_callback_data: spellMessageReference(
        found?.business_id ?? '',
        readId(messagingIds.message, sent.id) ?? '',
      ),
    }
    const news = {
      object: 'whatsapp_business_account',
      entry: [{ changes: [{ field: 'messages', value: { statuses: [status] } }] }],
    }
    const raw = JSON.stringify(news)
    const signature = createHmac('sha256', 'known to whoever made it').update(raw).digest('hex')
    const told = await fetch(ofOther.body.webhook_url, {
      method: 'POST',
      headers: { 'x-hub-signature-256': `sha256=${signature}`, 'content-type': 'application/json' },
      body: raw,
    })
    assert.equal(told.status, 200)
    const { body: now } = await server.call('GET', `/v1/messages/${sent.id}`)
    assert.deepEqual([now.read_at, now.status === 'read'], [null, false])
    assert.equal((await server.call('DELETE', `/v1/senders/${ofOther.body.id}`)).status, 204)
  })

  it('nothing that is written to a number for codes is kept', async () => {
    const to = freshNumber()
    await server.call('POST', '/v1/verifications', { to })
    const { code } = await arrivesAt(to)
    await server.simulate('POST', `/handsets/${to}/reply`, { text: code })
    await new Promise((done) => setTimeout(done, 500))
    assert.deepEqual(await listed(to), [])
  })

  for (const [what, body, path] of [
    ['neither text nor template', {}, 'body/text'],
    ['a template with a text', { text: 'x', template: { name: 'a', language: 'id' } }, 'body/template'],
    [
      'buttons and a list',
      { text: 'x', buttons: [{ id: 'a', title: 'A' }], list: { label: 'L', choices: [{ id: 'a', title: 'A' }] } },
      'body/list',
    ],
    [
      'two buttons of one id',
      {
        text: 'x',
        buttons: [
          { id: 'a', title: 'A' },
          { id: 'a', title: 'B' },
        ],
      },
      'body/buttons',
    ],
    ['a long text with buttons', { text: 'x'.repeat(1025), buttons: [{ id: 'a', title: 'A' }] }, 'body/text'],
    ['four buttons', { text: 'x', buttons: ['a', 'b', 'c', 'd'].map((id) => ({ id, title: id })) }, 'body/buttons'],
  ] as const) {
    it(`${what} is refused`, async () => {
      const { status, body: problem } = await say({ to: freshNumber(), ...body })
      assert.deepEqual([status, problem.code, problem.errors[0].path], [400, 'body_invalid', path])
    })
  }

  it('an e-mail address, and no sender for chats, are refused', async () => {
    const mail = await say({ to: 'a@example.org', text: 'x' })
    assert.deepEqual([mail.status, mail.body.code], [422, 'recipient_invalid'])
    const { body: live } = await server.call(
      'POST',
      '/v1/businesses',
      { name: 'Live', mode: 'live' },
      { authorization: `Bearer ${operatorKey}` },
    )
    const none = await server.call(
      'POST',
      '/v1/messages',
      { to: freshNumber(), text: 'x' },
      {
        authorization: `Bearer ${live.api_key}`,
      },
    )
    assert.equal(none.body.code, 'channel_unavailable')
  })
})
