import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ChatAddress, ChatContent } from '#messaging/core/chat.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { CannotSend } from '#messaging/providers/cannot-send.ts'
import { provider } from './provider.ts'

const sender: Sender = {
  id: '0190a000-0000-7000-8000-000000000003',
  businessId: '0190a000-0000-7000-8000-000000000001',
  live: false,
  channel: 'whatsapp',
  provider: 'whatsapp-cloud-api',
  purpose: 'service',
  config: { phone_number_id: '106540352242933', waba_id: '102290129340398', base_url: 'http://127.0.0.1:1' },
  secrets: { access_token: 'EAAtoken-of-the-test', app_secret: 'app secret', verify_token: 'verify token' },
}

function sent(content: ChatContent, quotes?: string): any {
  const wanted = provider.toChatRequest?.(
    { reference: 'm.0.1', to: { phone: '+6281234567890' }, content, ...(quotes !== undefined && { quotes }) },
    sender,
  )
  assert.equal(wanted?.url, 'http://127.0.0.1:1/v26.0/106540352242933/messages')
  return JSON.parse(wanted.body ?? '')
}

describe('what is said in a WhatsApp chat', () => {
  it('is text, quoting what it answers', () => {
    assert.deepEqual(sent({ kind: 'text', text: 'Halo' }, 'wamid.IN1'), {
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '+6281234567890',
      biz_opaque_callback_data: 'm.0.1',
      context: { message_id: 'wamid.IN1' },
      type: 'text',
      text: { body: 'Halo', preview_url: false },
    })
  })

  it('is reply buttons, or a list', () => {
    const buttons = sent({ kind: 'buttons', text: 'Pay?', buttons: [{ id: 'pay:1', title: 'Pay' }] })
    assert.deepEqual(buttons.interactive, {
      type: 'button',
      body: { text: 'Pay?' },
      action: { buttons: [{ type: 'reply', reply: { id: 'pay:1', title: 'Pay' } }] },
    })
    const choices = [{ id: 'a', title: 'A', description: 'first' }]
    assert.deepEqual(sent({ kind: 'list', text: 'When?', label: 'Times', choices }).interactive, {
      type: 'list',
      body: { text: 'When?' },
      action: { button: 'Times', sections: [{ rows: choices }] },
    })
  })

  it('is a template with the payloads of its quick replies', () => {
    const content = {
      kind: 'template',
      name: 'a',
      language: 'id',
      parameters: ['Budi'],
      payloads: ['yes:1', 'no:1'],
    } as const
    assert.deepEqual(sent(content).template, {
      name: 'a',
      language: { code: 'id' },
      components: [
        { type: 'body', parameters: [{ type: 'text', text: 'Budi' }] },
        { type: 'button', sub_type: 'quick_reply', index: '0', parameters: [{ type: 'payload', payload: 'yes:1' }] },
        { type: 'button', sub_type: 'quick_reply', index: '1', parameters: [{ type: 'payload', payload: 'no:1' }] },
      ],
    })
    assert.deepEqual(
      sent({ kind: 'template', name: 'a', language: 'id', parameters: [], payloads: [] }).template.components,
      [],
    )
  })

  it('goes to a user id by `recipient`, and never by `to`', () => {
    const said = { reference: 'm.0.1', content: { kind: 'text', text: 'Olá' } } as const
    const bodyOf = (to: ChatAddress) => JSON.parse(provider.toChatRequest?.({ ...said, to }, sender).body ?? '')
    const { to, recipient } = bodyOf({ userId: 'BR.1502576394655843' })
    assert.deepEqual([to, recipient], [undefined, 'BR.1502576394655843'])
    assert.equal(bodyOf({ userId: 'BR.ENT.15a' }).recipient, 'BR.ENT.15a')
    for (const wrong of [{ phone: 'BR.1502576394655843' }, { userId: '+6281234567890' }, { userId: '6281234567890' }])
      assert.throws(() => bodyOf(wrong), CannotSend, JSON.stringify(wrong))
  })

  it('names the account that it is for, when that is known', () => {
    const said = { reference: 'm.0.1', to: { phone: '+6281234567890' }, content: { kind: 'text', text: 'x' } } as const
    const wanted = provider.toChatRequest?.({ ...said, identityKeyHash: 'DF2lS5v2W6x=' }, sender)
    assert.equal(JSON.parse(wanted?.body ?? '').recipient_identity_key_hash, 'DF2lS5v2W6x=')
    assert.ok(!('recipient_identity_key_hash' in sent(said.content)))
  })
})
