import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually, freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { ofMessages, textFrom, type ToldSender, toldSender } from './callback-kit.ts'

let count = 0
const nextId = (): string => `wamid.K${process.pid}.${++count}`
/** The simulated WhatsApp's id of a person. */
const userIdOf = (phone: string): string => `ZZ.${BigInt(`1${phone.slice(1)}`) * 7919n}`
const digitsOf = (length: number): string =>
  String(Math.random())
    .slice(2, 2 + length)
    .padEnd(length, '7')

describe('contacts', () => {
  let server: SharedServer
  let sender: ToldSender
  before(async () => {
    server = await sharedServer()
    sender = await toldSender(server)
  })
  after(() => server.stop())

  const tell = async (value: object): Promise<void> =>
    assert.equal((await sender.post([ofMessages(value)])).status, 200)
  const listed = async (contact: string): Promise<any[]> =>
    (await server.call('GET', `/v1/messages?limit=100&contact=${encodeURIComponent(contact)}`)).body.data
  const hidden = (userId: string, text: string, more: object = {}) => ({
    contacts: [{ user_id: userId, profile: { name: 'Ana', username: 'ana.b' } }],
    messages: [
      { from_user_id: userId, id: nextId(), timestamp: '1795300100', type: 'text', text: { body: text }, ...more },
    ],
  })
  const newest = async (text: string): Promise<any> =>
    eventually(async () => {
      const { body } = await server.call('GET', '/v1/messages?limit=100')
      return body.data.find((one: any) => one.text === text)
    })
  const onPhone = async (to: string): Promise<any[]> =>
    (await server.simulate('GET', `/handsets/${to}/messages`)).body.messages

  it('are found and answered under the number that is dialled, however WhatsApp spells it', async () => {
    for (const [waId, phone, other] of [
      [`5215512${digitsOf(6)}`, '+52', '+521'],
      [`557191${digitsOf(6)}`, '+55', '+55'],
      [`549112${digitsOf(7)}`, '+549', '+54'],
    ] as const) {
      const body = `hola ${waId}`
      await tell({ messages: [textFrom(waId, nextId(), body)] })
      const heard = await newest(body)
      const rest = waId.slice(waId.startsWith('521') ? 3 : waId.startsWith('549') ? 3 : 2)
      const dialled = phone === '+55' ? `+55${rest.slice(0, 2)}9${rest.slice(2)}` : `${phone}${rest}`
      assert.equal(heard.contact, dialled)
      for (const spelling of [dialled, `${other}${rest}`])
        assert.deepEqual(
          (await listed(spelling)).map(({ id }) => id),
          [heard.id],
          spelling,
        )
      const said = await server.call('POST', '/v1/messages', { text: 'sí', reply_to: heard.id })
      assert.deepEqual([said.status, said.body.contact_id], [201, heard.contact_id])
    }
  })

  it('without a number are answered by their id, which never is a number', async () => {
    const phone = freshNumber()
    const userId = userIdOf(phone)
    // The window is open: in the simulated world they have written before.
    await server.simulate('POST', `/handsets/${phone}/reply`, { text: 'hi', to: '+15550783882' })
    await tell(hidden(userId, `no number ${userId}`))
    const heard = await newest(`no number ${userId}`)
    assert.deepEqual([heard.contact, heard.contact_name], [null, 'Ana'])
    const said = await server.call('POST', '/v1/messages', { text: 'by your id', reply_to: heard.id })
    assert.deepEqual([said.status, said.body.contact, said.body.reply_to], [201, null, heard.id])
    await eventually(async () => (await onPhone(phone)).some(({ text }) => text === 'by your id'))
    const byContact = await server.call('POST', '/v1/messages', { text: 'again', contact_id: heard.contact_id })
    assert.equal(byContact.body.contact_id, heard.contact_id)
    assert.equal((await listed(heard.contact_id)).length, 3)
    const wrong = await server.call('POST', '/v1/messages', { text: 'x', to: freshNumber(), reply_to: heard.id })
    assert.equal(wrong.status, 404, 'an answer goes to nobody else')
  })

  it('are not reached by an id in place of a number, at any door', async () => {
    for (const to of ['BR.1502576394655843', userIdOf(freshNumber())]) {
      const chat = await server.call('POST', '/v1/messages', { to, text: 'x' })
      const code = await server.call('POST', '/v1/verifications', { to })
      for (const { status, body } of [chat, code]) assert.deepEqual([status, body.code], [422, 'recipient_invalid'], to)
    }
  })

  it('are joined when number and id are told together, and what was said before is one chat', async () => {
    const phone = freshNumber()
    const userId = userIdOf(phone)
    await tell({ messages: [textFrom(phone, nextId(), `by number ${phone}`)] })
    await tell(hidden(userId, `by id ${phone}`))
    assert.equal((await listed(phone)).length, 1)
    const both = { contacts: [{ wa_id: phone.slice(1), user_id: userId, profile: { name: 'Ana' } }] }
    await tell({ ...both, messages: [textFrom(phone, nextId(), `by both ${phone}`)] })
    const chat = await listed(phone)
    assert.equal(chat.length, 3)
    assert.equal(new Set(chat.map(({ contact_id: id }) => id)).size, 1)
    assert.ok(chat.every(({ contact }) => contact === phone))
  })

  it('are joined by the receipt of what was sent to a number', async () => {
    const phone = freshNumber()
    const said = await server.call('POST', '/v1/messages', {
      to: phone,
      template: { name: 'appointment', language: 'id', parameters: ['A', 'B'] },
    })
    const contact = said.body.contact_id
    const [row] = await server.database.query<{ business_id: string; id: string; provider_message_id: string }>(
      'select business_id, id, provider_message_id from message where business_id = $1 order by id desc limit 1',
      [server.business.rowId],
    )
    const hex = (uuid = ''): string => uuid.replaceAll('-', '')
    const status = {
      id: row?.provider_message_id,
      status: 'delivered',
      timestamp: '1795300012',
      recipient_id: phone.slice(1),
      recipient_user_id: userIdOf(phone),
      biz_opaque_callback_data: `m.${hex(row?.business_id)}.${hex(row?.id)}`,
    }
    await tell({ statuses: [status] })
    await tell(hidden(userIdOf(phone), `after the receipt ${phone}`))
    const heard = await newest(`after the receipt ${phone}`)
    assert.deepEqual([heard.contact, heard.contact_id], [phone, contact])
  })

  it('are somebody else when their number comes with another id', async () => {
    const phone = freshNumber()
    const withId = (userId: string, text: string) => ({
      contacts: [{ wa_id: phone.slice(1), user_id: userId }],
      messages: [textFrom(phone, nextId(), text)],
    })
    await tell(withId('ID.first', `first owner ${phone}`))
    await tell(withId('ID.second', `second owner ${phone}`))
    assert.deepEqual(
      (await listed(phone)).map(({ text }) => text),
      [`second owner ${phone}`],
    )
    assert.equal((await newest(`first owner ${phone}`)).contact, null)
  })

  it('are called by their new number once a system message says so, told as often as it likes', async () => {
    const [before, now] = [freshNumber(), freshNumber()]
    await tell({ messages: [textFrom(before, nextId(), `old ${before}`)] })
    const at = String(Math.floor(Date.now() / 1000) + 5)
    const system = { type: 'user_changed_number', wa_id: now.slice(1), body: 'changed' }
    const change = { from: before.slice(1), id: nextId(), timestamp: at, type: 'system', system }
    for (let time = 0; time < 2; time++) await tell({ messages: [change] })
    const chat = await listed(now)
    assert.deepEqual(
      chat.map(({ text, type }) => [text, type]),
      [
        ['changed', 'system'],
        [`old ${before}`, 'text'],
      ],
    )
    assert.deepEqual(await listed(before), [])
    // The number goes to somebody else, and Meta tells the change once more.
    await tell({ messages: [textFrom(before, nextId(), `new owner of ${before}`)] })
    await tell({ messages: [change] })
    assert.deepEqual(
      (await listed(before)).map(({ text }) => text),
      [`new owner of ${before}`],
    )
  })

  it('are who wrote, not whom the quoted message went to', async () => {
    const [asked, writer] = [freshNumber(), freshNumber()]
    const said = await server.call('POST', '/v1/messages', {
      to: asked,
      template: { name: 'appointment', language: 'id', parameters: ['A', 'B'] },
    })
    const [row] = await server.database.query<{ provider_message_id: string }>(
      `select provider_message_id from message where business_id = $1 and direction = 'out' order by id desc limit 1`,
      [server.business.rowId],
    )
    const context = { from: '15550783882', id: row?.provider_message_id }
    await tell({ messages: [textFrom(writer, nextId(), `not asked ${writer}`, { context })] })
    const [heard, ...more] = await listed(writer)
    assert.deepEqual([heard.text, heard.reply_to, more.length], [`not asked ${writer}`, null, 0])
    await tell({ messages: [textFrom(asked, nextId(), `asked ${asked}`, { context })] })
    assert.equal((await listed(asked)).find(({ direction }) => direction === 'in').reply_to, said.body.id)
  })

  it('change and take back what they said, and that is kept as what it is', async () => {
    const phone = freshNumber()
    const first = nextId()
    await tell({ messages: [textFrom(phone, first, 'Helo')] })
    const of = (type: string, more: object) => ({
      from: phone.slice(1),
      id: nextId(),
      timestamp: '1795300100',
      type,
      ...more,
    })
    await tell({
      messages: [
        of('edit', { edit: { original_message_id: first, message: { type: 'text', text: { body: 'Hello' } } } }),
        of('image', { image: { id: '1', caption: 'a receipt' }, group_id: 'Y2FwaQ' }),
        of('revoke', { revoke: { original_message_id: first } }),
        of('hologram', { hologram: {} }),
      ],
    })
    const chat = (await listed(phone)).toReversed()
    const original = chat.find(({ text }) => text === 'Helo')
    assert.deepEqual(
      new Set(chat.map(({ type, text, reply_to: about, group }) => JSON.stringify([type, text, about, group]))),
      new Set(
        [
          ['text', 'Helo', null, null],
          ['edit', 'Hello', original.id, null],
          ['image', 'a receipt', null, 'Y2FwaQ'],
          ['revoke', '', original.id, null],
          ['hologram', '', null, null],
        ].map((one) => JSON.stringify(one)),
      ),
    )
  })

  it('of one business are nothing to another', async () => {
    const phone = freshNumber()
    await tell({ messages: [textFrom(phone, nextId(), 'mine')] })
    const [{ contact_id: contactId, id }] = await listed(phone)
    const other = await server.freshBusiness()
    const as = { authorization: `Bearer ${other.key}` }
    for (const path of [contactId, phone])
      assert.deepEqual(
        (await server.call('GET', `/v1/messages?contact=${encodeURIComponent(path)}`, undefined, as)).body.data,
        [],
      )
    for (const body of [{ contact_id: contactId }, { reply_to: id }])
      assert.equal((await server.call('POST', '/v1/messages', { text: 'x', ...body }, as)).status, 404)
  })

  it('are one, however many are told of them at the same moment', async () => {
    const phone = freshNumber()
    const userId = userIdOf(phone)
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        tell({
          contacts: [{ wa_id: phone.slice(1), user_id: userId }],
          messages: [textFrom(phone, nextId(), `n${n}`)],
        }),
      ),
    )
    const chat = await listed(phone)
    assert.equal(chat.length, 12)
    assert.equal(new Set(chat.map(({ contact_id: one }) => one)).size, 1)
  })
})
