import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chatSender, heardOfMessages } from './heard.ts'

const contacts = [{ wa_id: '6281234567890', profile: { name: 'Budi' } }]
const inbound = (more: object) => ({ from: '6281234567890', id: 'wamid.IN1', timestamp: '1795300100', ...more })
const heard = (...messages: object[]) => heardOfMessages({ contacts, messages })
const read = {
  providerMessageId: 'wamid.IN1',
  from: { phone: '+6281234567890', name: 'Budi' },
  at: new Date(1_795_300_100_000),
}
const context = { from: '15550783882', id: 'wamid.OUT1' }

describe('what is heard in a WhatsApp chat', () => {
  it('is what the person wrote', () => {
    const { items } = heard(inbound({ type: 'text', text: { body: 'Halo' } }))
    assert.deepEqual(items, [{ kind: 'message', message: { ...read, type: 'text', text: 'Halo' } }])
  })

  it('is what they tapped: a quick reply, a button, a row of a list', () => {
    const quickReply = inbound({ type: 'button', context, button: { payload: 'yes:1', text: 'Yes' } })
    const button = { type: 'button_reply', button_reply: { id: 'pay:1', title: 'Pay' } }
    const row = { type: 'list_reply', list_reply: { id: 'a', title: 'A', description: 'first' } }
    for (const [message, type, text, choice] of [
      [quickReply, 'button', 'Yes', 'yes:1'],
      [inbound({ type: 'interactive', context, interactive: button }), 'interactive', 'Pay', 'pay:1'],
      [inbound({ type: 'interactive', context, interactive: row }), 'interactive', 'A', 'a'],
    ] as const) {
      assert.deepEqual(heard(message).messages, [{ ...read, type, text, choice, quotes: 'wamid.OUT1' }])
    }
  })

  it('is kept as what it is, with the words that stand in it', () => {
    const image = { id: '1', mime_type: 'image/jpeg', caption: 'My receipt' }
    for (const [message, wanted] of [
      [
        { type: 'image', image },
        { type: 'image', text: 'My receipt' },
      ],
      [
        { type: 'video', video: { id: '1' } },
        { type: 'video', text: '' },
      ],
      [
        { type: 'document', document: { id: '1', filename: 'a.pdf' } },
        { type: 'document', text: 'a.pdf' },
      ],
      [
        { type: 'audio', audio: { id: '1', voice: true } },
        { type: 'audio', text: '' },
      ],
      [
        { type: 'location', location: { latitude: 1, longitude: 2, name: 'Shop' } },
        { type: 'location', text: 'Shop' },
      ],
      [
        { type: 'reaction', reaction: { message_id: 'wamid.OUT1', emoji: '👍' } },
        { type: 'reaction', text: '👍', quotes: 'wamid.OUT1' },
      ],
      [
        {
          type: 'edit',
          edit: {
            original_message_id: 'wamid.IN0',
            message: { type: 'text', text: { body: 'Halo!' }, context: { id: 'M0' } },
          },
        },
        { type: 'edit', text: 'Halo!', quotes: 'wamid.IN0' },
      ],
      [
        { type: 'revoke', revoke: { original_message_id: 'wamid.IN0' } },
        { type: 'revoke', text: '', quotes: 'wamid.IN0' },
      ],
      [{ type: 'request_welcome' }, { type: 'request_welcome', text: '' }],
      [
        { type: 'text', text: { body: 'All of you' }, group_id: 'Y2FwaV9ncm91cA' },
        { type: 'text', text: 'All of you', group: 'Y2FwaV9ncm91cA' },
      ],
      [
        { type: 'unsupported', errors: [{ code: 131051 }] },
        { type: 'unsupported', text: '' },
      ],
      [
        { type: 'hologram', hologram: { body: 'x' } },
        { type: 'hologram', text: '' },
      ],
      [{}, { type: '?', text: '' }],
    ] as const)
      assert.deepEqual(heard(inbound(message)).messages, [{ ...read, ...wanted }], JSON.stringify(message))
  })

  it('is nothing of another number of the account, which is told, and nothing of nobody', () => {
    const messages = [inbound({ type: 'text', text: { body: 'Halo' } })]
    const { items, notices } = heardOfMessages({ metadata: { phone_number_id: '106540352242922' }, contacts, messages })
    assert.equal(items.length, 1)
    assert.partialDeepStrictEqual(notices, [{ kind: 'other_number', state: 'problem' }])
    assert.match(notices[0]?.detail ?? '', /106540352242922/)
    const nobody = { id: 'wamid.IN1', timestamp: '1795300100', type: 'text' }
    const { unreadable, messages: none } = heardOfMessages({ messages: [nobody] })
    assert.deepEqual([unreadable.length, none], [1, []])
  })

  it('is no message when it is the button of somebody who asked for no code', () => {
    const button = { payload: 'DID_NOT_REQUEST_CODE', text: 'x' }
    const news = heard(inbound({ type: 'button', context, button }))
    assert.deepEqual([news.denials.length, news.messages], [1, []])
  })
})

describe('who is heard', () => {
  it('has a number that can be dialled, however WhatsApp spells it', () => {
    for (const [waId, phone] of [
      ['5215512345678', '+525512345678'],
      ['557191234567', '+5571991234567'],
      ['5491112345678', '+5491112345678'],
      ['6281234567890', '+6281234567890'],
    ])
      assert.equal(heard(inbound({ from: waId, type: 'text' })).messages[0]?.from.phone, phone, waId)
  })

  it('may be known by a user id, alone or beside the number', () => {
    const person = { user_id: 'BR.1502576394655843', profile: { name: 'Ana', username: 'ana.b' } }
    const hidden = { from_user_id: 'BR.1502576394655843', id: 'wamid.IN1', timestamp: '1795300100', type: 'text' }
    const [alone] = heardOfMessages({ contacts: [person], messages: [hidden] }).messages
    assert.deepEqual(alone?.from, { userId: 'BR.1502576394655843', name: 'Ana', username: 'ana.b' })
    const both = { contacts: [{ ...person, wa_id: '5511987654321' }], messages: [inbound({ from: '5511987654321' })] }
    assert.deepEqual(heardOfMessages(both).messages[0]?.from, {
      phone: '+5511987654321',
      userId: 'BR.1502576394655843',
      name: 'Ana',
      username: 'ana.b',
    })
  })

  it('is somebody with another number or id from now on, when a system message says so', () => {
    const system = (more: object) => heard(inbound({ type: 'system', system: { body: 'changed', ...more } }))
    const before = { phone: '+6281234567890', name: 'Budi' }
    const { changes, messages } = system({ type: 'user_changed_number', wa_id: '6281234567899' })
    const [{ at: _, ...change } = {}] = changes as object[] as { at?: Date }[]
    assert.deepEqual(change, {
      providerMessageId: 'wamid.IN1',
      kind: 'number',
      before,
      after: { phone: '+6281234567899', name: 'Budi' },
    })
    assert.partialDeepStrictEqual(messages[0], { type: 'system', text: 'changed', from: { phone: '+6281234567899' } })
    const ids = { user_id: 'ID.2', previous_user_id: 'ID.1' }
    assert.partialDeepStrictEqual(system({ type: 'user_changed_user_id', ...ids }).changes[0], {
      kind: 'id',
      before: { ...before, userId: 'ID.1' },
      after: { userId: 'ID.2', name: 'Budi' },
    })
    for (const none of [{ type: 'user_changed_number' }, { type: 'customer_identity_changed', wa_id: '628' }, {}])
      assert.deepEqual(system(none).changes, [], JSON.stringify(none))
  })

  it('has an account of which the hash is told to senders that ask for it, and to no other', () => {
    const asking = { ...chatSender, config: { ...chatSender.config, identity_check: true } }
    const value = {
      contacts: [{ wa_id: '6281234567890', identity_key_hash: 'DF2lS5v2W6x=' }],
      messages: [inbound({ type: 'text' })],
      statuses: [
        {
          id: 'w',
          status: 'sent',
          timestamp: '1795300100',
          recipient_id: '5215512345678',
          recipient_identity_key_hash: 'a',
        },
      ],
    }
    const { identities } = heardOfMessages(value, asking)
    assert.deepEqual(
      identities.map(({ phone, keyHash }) => [phone, keyHash]),
      [
        ['+525512345678', 'a'],
        ['+6281234567890', 'DF2lS5v2W6x='],
      ],
    )
    assert.deepEqual(heardOfMessages(value).identities, [])
  })
})
