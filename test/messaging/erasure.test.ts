import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { ofMessages, textFrom, type ToldSender, toldSender } from './callback-kit.ts'

describe('a person in chats', () => {
  let server: SharedServer
  let sender: ToldSender
  before(async () => {
    server = await sharedServer()
    sender = await toldSender(server, { config: { identity_check: true } })
  })
  after(() => server.stop())

  const identityChanges = (phone: string) =>
    server.database.query(
      `select from event where business_id = $1 and kind = 'sender.identity_changed' and data ->> 'contact' = $2`,
      [server.business.rowId, phone],
    )

  it('is handed over, and goes everywhere, while what was counted stays', async () => {
    const [phone, other] = [freshNumber(), freshNumber()]
    const contacts = [
      { wa_id: phone.slice(1), user_id: 'ID.erased', profile: { name: 'Ana Secret' }, identity_key_hash: 'abcdefgh' },
    ]
    const messages = [1, 2, 3].map((n) => textFrom(phone, `wamid.E${process.pid}.${n}`, `secret ${n}`))
    assert.equal((await sender.post([ofMessages({ contacts, messages })])).status, 200)
    await sender.post([ofMessages({ messages: [textFrom(other, `wamid.E${process.pid}.o`, 'of another')] })])

    const changed = {
      id: `wamid.E${process.pid}.s`,
      status: 'delivered',
      timestamp: String(Math.floor(Date.now() / 1000) + 60),
      recipient_id: phone.slice(1),
      recipient_identity_key_hash: 'hgfedcba',
    }
    assert.equal((await sender.post([ofMessages({ statuses: [changed] })])).status, 200)
    assert.equal((await identityChanges(phone)).length, 1)

    const exported = await server.call('POST', '/v1/recipients/export', { to: phone })
    assert.equal(exported.status, 200, JSON.stringify(exported.body))
    for (const n of [1, 2, 3]) assert.ok(JSON.stringify(exported.body).includes(`secret ${n}`))
    assert.ok(!JSON.stringify(exported.body).includes('of another'))

    const erased = await server.call('POST', '/v1/recipients/erase', { to: phone })
    assert.equal(erased.status, 200, JSON.stringify(erased.body))
    for (const table of ['message', 'contact', 'contact_address', 'identity_key', 'event']) {
      const rows = await server.database.query<{ row: string }>(
        `select t::text as row from ${table} t where business_id = $1`,
        [server.business.rowId],
      )
      const left = rows.map(({ row }) => row).join('\n')
      for (const trace of [phone.slice(1), 'Ana Secret', 'ID.erased', 'secret 1', 'abcdefgh'])
        assert.ok(!left.includes(trace), `${table}: ${trace}`)
    }
    const { body } = await server.call('GET', '/v1/messages?limit=100')
    assert.equal(body.data.filter(({ text, contact }: any) => text === '' && contact === null).length, 3)
    assert.ok(body.data.some(({ text }: any) => text === 'of another'))

    await sender.post([ofMessages({ messages: [textFrom(phone, `wamid.E${process.pid}.4`, 'again')] })])
    const again = await server.call('GET', `/v1/messages?contact=${encodeURIComponent(phone)}`)
    assert.deepEqual(
      again.body.data.map(({ text }: any) => text),
      ['again'],
    )
  })

  it('is made anew by no receipt that comes afterwards, and tells of them', async () => {
    const phone = freshNumber()
    await sender.post([ofMessages({ messages: [textFrom(phone, `wamid.R${process.pid}.1`, 'hello')] })])
    const { status } = await server.call('POST', '/v1/messages', { to: phone, text: 'Hello.' })
    assert.equal(status, 201)
    const [row] = await server.database.query<{ id: string }>(
      `select id from message where business_id = $1 and direction = 'out' order by id desc limit 1`,
      [server.business.rowId],
    )
    assert.equal((await server.call('POST', '/v1/recipients/erase', { to: phone })).status, 200)
    const receipt = {
      id: `wamid.R${process.pid}.2`,
      status: 'delivered',
      timestamp: String(Math.floor(Date.now() / 1000)),
      recipient_id: phone.slice(1),
      recipient_user_id: 'ID.late',
      biz_opaque_callback_data: `m.${server.business.rowId.replaceAll('-', '')}.${row?.id.replaceAll('-', '')}`,
    }
    assert.equal((await sender.post([ofMessages({ statuses: [receipt] })])).status, 200)
    const addresses = await server.database.query<{ row: string }>(
      'select a::text as row from contact_address a where business_id = $1',
      [server.business.rowId],
    )
    const left = addresses.map((one) => one.row).join('\n')
    for (const trace of [phone.slice(1), 'ID.late']) assert.ok(!left.includes(trace), left)
  })

  it('is erased beside what comes in of the same people at the same moment', async () => {
    const people = Array.from({ length: 4 }, freshNumber)
    const told = (round: number, order: readonly string[]) =>
      sender.post([
        ofMessages({
          contacts: order.map((phone) => ({
            wa_id: phone.slice(1),
            user_id: `ID.${round}.${phone}`,
            profile: { name: `Secret ${round}` },
          })),
          messages: order.map((phone) => textFrom(phone, `wamid.P${process.pid}.${round}.${phone}`, 'secret')),
        }),
      ])
    const erase = (to: string) => server.call('POST', '/v1/recipients/erase', { to })
    for (let round = 0; round < 8; round++) {
      const [there, back] = [told(round, people), told(round + 100, people.toReversed())]
      const answers = await Promise.all([there, ...people.map(erase), back, ...people.toReversed().map(erase)])
      assert.deepEqual(
        answers.filter(({ status }) => status !== 200).map(({ body }) => body),
        [],
      )
    }
    await Promise.all(people.map(erase))
    const left = await server.database.query<{ row: string }>(
      `select m.content::text as row from message m where business_id = $1
       union all select a::text from contact_address a where business_id = $1`,
      [server.business.rowId],
    )
    for (const { row } of left) for (const phone of people) assert.ok(!row.includes(phone.slice(1)), row)
  })
})
