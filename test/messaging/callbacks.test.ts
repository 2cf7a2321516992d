import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually, freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { bodyOf, ofMessages, phoneNumberId, textFrom, type ToldSender, toldSender } from './callback-kit.ts'

let count = 0
const nextId = (): string => `wamid.T${process.pid}.${++count}`

describe('what Meta tells', () => {
  let server: SharedServer
  let sender: ToldSender
  before(async () => {
    server = await sharedServer()
    sender = await toldSender(server)
  })
  after(() => server.stop())

  const kept = async (contact: string): Promise<any[]> =>
    (await server.call('GET', `/v1/messages?limit=100&contact=${encodeURIComponent(contact)}`)).body.data
  const countOf = async (prefix: string): Promise<number> => {
    const [row] = await server.database.query<{ count: string }>(
      `select count(*) from message where business_id = $1 and starts_with(provider_message_id, $2)`,
      [server.business.rowId, prefix],
    )
    return Number(row?.count)
  }

  it('is kept with what can not be stored replaced, and so is everything beside it', async () => {
    const from = freshNumber()
    const long = `${'a'.repeat(4095)}🙂🙂`
    const odd = ['a\0b', 'a\ud83db', '\udc00', long]
    const messages = [
      textFrom(from, nextId(), 'before'),
      ...odd.map((text) => textFrom(from, nextId(), text)),
      textFrom(from, nextId(), 'x', { context: { id: 'wamid.\0\ud800' } }),
      textFrom(from, `${nextId()}\0\ud800`, 'odd id'),
      {
        ...textFrom(from, nextId(), ''),
        type: 'interactive',
        interactive: { type: 'button_reply', button_reply: { id: 'pay\0:1', title: 'Pay\ud800' } },
      },
      textFrom(from, nextId(), 'after'),
    ]
    const { status } = await sender.post([ofMessages({ messages })])
    assert.equal(status, 200)
    const found = (await kept(from)).toReversed()
    assert.deepEqual(
      new Set(found.map(({ text }) => text)),
      new Set(['before', 'a\ufffdb', '\ufffd', `${'a'.repeat(4095)}🙂`, 'x', 'odd id', 'Pay\ufffd', 'after']),
    )
    assert.equal(found.length, messages.length)
    assert.ok(found.some(({ choice }) => choice === 'pay\ufffd:1'))
  })

  it('keeps a receipt whose every text is odd, and the denial after it', async () => {
    const codes = await toldSender(server, { purpose: 'authentication' })
    const to = freshNumber()
    const { body: started } = await server.call('POST', '/v1/verifications', { to })
    const [delivery] = await eventually(async () => {
      const rows = await server.database.query<{ provider_message_id: string; sender_id: string }>(
        `select provider_message_id, sender_id from delivery
         where business_id = $1 and provider_message_id is not null order by id desc limit 1`,
        [server.business.rowId],
      )
      return rows.length > 0 && rows
    })
    const at = String(Math.floor(Date.now() / 1000))
    const odd = 'x\0\ud83d'
    const failed = {
      id: delivery?.provider_message_id,
      status: 'failed',
      timestamp: at,
      recipient_id: to.slice(1),
      conversation: { id: odd, [odd]: odd },
      errors: [{ code: odd, title: odd, message: odd, error_data: { details: odd } }],
    }
    const denial = {
      from: to.slice(1),
      id: nextId(),
      timestamp: at,
      type: 'button',
      context: { id: delivery?.provider_message_id },
      button: { payload: 'DID_NOT_REQUEST_CODE', text: odd },
    }
    const { status } = await codes.post([ofMessages({ statuses: [failed] }), ofMessages({ messages: [denial] })])
    assert.equal(status, 200)
    const ended = await eventually(async () => {
      const { body } = await server.call('GET', `/v1/verifications/${started.id}`)
      return body.status !== 'pending' && body
    })
    assert.equal(ended.status, 'blocked')
    const [row] = await server.database.query<{ detail: string; provider_code: string }>(
      'select detail, provider_code from delivery where business_id = $1 and provider_message_id = $2',
      [server.business.rowId, delivery?.provider_message_id],
    )
    assert.deepEqual([row?.detail, row?.provider_code], ['x\ufffd\ufffd', 'x\ufffd\ufffd'])
    assert.equal((await server.call('DELETE', `/v1/senders/${codes.id}`)).status, 204)
  })

  it('is asked for again when something passing stood in the way, and is then kept once', async () => {
    const from = freshNumber()
    const prefix = `wamid.P${process.pid}.`
    const changes = [ofMessages({ messages: [1, 2].map((n) => textFrom(from, `${prefix}${n}`, `n${n}`)) })]
    // Somebody else joins contacts of this business, and is slow.
    const held = server.database.query(
      `select pg_sleep(2.8) from (select pg_advisory_xact_lock(hashtextextended('contacts ' || $1, 0))) as held`,
      [server.business.rowId],
    )
    await eventually(async () => {
      const rows = await server.database.query(`select from pg_locks where locktype = 'advisory' and granted`)
      return rows.length > 0
    })
    const refused = await sender.post(changes)
    assert.deepEqual([refused.status, refused.body.code], [503, 'news_not_kept'])
    await held
    for (let time = 0; time < 2; time++) assert.equal((await sender.post(changes)).status, 200)
    assert.equal(await countOf(prefix), 2)
    assert.equal((await kept(from)).length, 2)
  })

  it('is kept in sets, however much one POST holds: a thousand messages and five thousand receipts', async () => {
    const people = Array.from({ length: 50 }, freshNumber)
    const prefix = `wamid.B${process.pid}.`
    const messages = Array.from({ length: 1000 }, (_, n) =>
      textFrom(people[n % people.length] as string, `${prefix}${n}`, `message ${n}`),
    )
    const statuses = Array.from({ length: 5000 }, (_, n) => ({
      id: `wamid.nobody.${n}`,
      status: 'delivered',
      timestamp: '1795300012',
      recipient_id: '6281200000000',
    }))
    const began = performance.now()
    assert.equal((await sender.post([ofMessages({ messages })])).status, 200)
    const messagesMs = performance.now() - began
    assert.equal(await countOf(prefix), 1000)
    assert.equal((await sender.post([ofMessages({ statuses })])).status, 200)
    // The order of writing is the order of reading.
    const said = (await kept(people[0] as string)).map(({ text }) => text)
    assert.equal(said.length, 20)
    assert.ok(messagesMs < 3000, `${messagesMs} ms`)
  })

  it('believes the signature over the bytes as they came, and nothing else', async () => {
    const from = freshNumber()
    const spaced = bodyOf([ofMessages({ messages: [textFrom(from, nextId(), 'é/')] })])
      .replaceAll('/', '\\/')
      .replaceAll('é', '\\u00e9')
      .replace('{', '{ ')
    assert.equal((await sender.post(spaced)).status, 200)
    assert.equal((await kept(from))[0]?.text, 'é/')
    const { status } = await fetch(sender.webhookUrl, { method: 'POST', body: spaced })
    assert.equal(status, 401)
  })

  it('tells of another number of the account beside the sender, and keeps nothing of it', async () => {
    const from = freshNumber()
    const other = { display_phone_number: '15550783883', phone_number_id: '106540352249999' }
    const message = textFrom(from, nextId(), 'for another')
    assert.equal((await sender.post([ofMessages({ metadata: other, messages: [message] })])).status, 200)
    assert.deepEqual(await kept(from), [])
    const { body } = await server.call('GET', '/v1/senders')
    const own = body.data.find(({ id }: { id: string }) => id === sender.id)
    const notice = own.notices.find(({ kind }: { kind: string }) => kind === 'other_number')
    assert.match(notice.detail, /106540352249999/)
    assert.equal(notice.state, 'problem')
    assert.ok(phoneNumberId !== other.phone_number_id)
  })

  it('of another number goes to the sender of the business that has it, under the same secret, and to nobody else', async () => {
    const facts = (await server.simulate('GET', '/meta')).body
    const other = await server.freshBusiness()
    let numbers = 106540352250000 + (process.pid % 9999)
    const add = async (id: number, appSecret: string, as?: { key: string }): Promise<string> => {
      const { status, body } = await server.call(
        'POST',
        '/v1/senders',
        {
          channel: 'whatsapp',
          provider: 'whatsapp-cloud-api',
          purpose: 'service',
          config: { phone_number_id: String(id), waba_id: facts.waba_id, base_url: `${server.url}/simulator/meta` },
          secrets: {
            access_token: facts.access_token,
            app_secret: appSecret,
            verify_token: facts.verify_token,
          },
        },
        as && { authorization: `Bearer ${as.key}` },
      )
      assert.equal(status, 201, JSON.stringify(body))
      return body.id
    }
    const [own, ofAnother, otherSecret] = [++numbers, ++numbers, ++numbers]
    const sibling = await add(own, facts.app_secret)
    await add(ofAnother, facts.app_secret, other)
    await add(otherSecret, 'a secret of another app')
    const [mine, theirs, unsure] = [freshNumber(), freshNumber(), freshNumber()]
    const told = (number: number, from: string) =>
      ofMessages({
        metadata: { display_phone_number: '15550783883', phone_number_id: String(number) },
        messages: [textFrom(from, nextId(), 'for another')],
      })
    const changes = [told(own, mine), told(ofAnother, theirs), told(otherSecret, unsure)]
    for (let time = 0; time < 2; time++) assert.equal((await sender.post(changes)).status, 200)
    const [message, ...more] = await kept(mine)
    assert.deepEqual([message.sender_id, message.text, more], [sibling, 'for another', []])
    const rows = await server.database.query<{ id: string }>(
      `select m.id from message m join contact_address a on a.business_id = m.business_id and a.contact_id = m.contact_id
       where a.address = any($1)`,
      [[theirs, unsure]],
    )
    assert.deepEqual(rows, [], 'neither another business nor a sender of another secret is written to')
    const { body } = await server.call('GET', '/v1/senders')
    const { notices } = body.data.find(({ id }: { id: string }) => id === sender.id)
    assert.match(JSON.stringify(notices), new RegExp(String(otherSecret)))
  })
})
