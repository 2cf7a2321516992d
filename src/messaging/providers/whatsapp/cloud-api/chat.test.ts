import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import type { ChatContent } from '#messaging/core/chat.ts'
import type { Sender } from '#messaging/core/sender.ts'
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
    { reference: 'm.0.1', to: '+6281234567890', content, ...(quotes !== undefined && { quotes }) },
    sender,
  )
  assert.equal(wanted?.url, 'http://127.0.0.1:1/v24.0/106540352242933/messages')
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
})

/** Payloads of Meta's documentation ("Webhooks", messages), with our ids. */
function heard(messages: readonly object[], number = '106540352242933') {
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '15550783882', phone_number_id: number },
    contacts: [{ wa_id: '6281234567890', profile: { name: 'Budi' } }],
    messages,
  }
  const body = Buffer.from(
    JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [{ id: '102290129340398', changes: [{ field: 'messages', value }] }],
    }),
  )
  const signature = createHmac('sha256', 'app secret').update(body).digest('hex')
  return provider.readNews(
    {
      method: 'POST',
      receivedAt: new Date(),
      headers: { 'x-hub-signature-256': `sha256=${signature}` },
      query: {},
      body,
    },
    sender,
  )
}

const inbound = (more: object) => ({ from: '6281234567890', id: 'wamid.IN1', timestamp: '1795300100', ...more })
const read = { providerMessageId: 'wamid.IN1', from: '+6281234567890', at: new Date(1_795_300_100_000) }
const context = { from: '15550783882', id: 'wamid.OUT1' }

describe('what is heard in a WhatsApp chat', () => {
  it('is what the person wrote', () => {
    const news = heard([inbound({ type: 'text', text: { body: 'Halo' } })])
    assert.deepEqual(news, { receipts: [], denials: [], messages: [{ ...read, text: 'Halo' }] })
  })

  it('is what they tapped: a quick reply, a button, a row of a list', () => {
    const quickReply = inbound({ type: 'button', context, button: { payload: 'yes:1', text: 'Yes' } })
    const button = { type: 'button_reply', button_reply: { id: 'pay:1', title: 'Pay' } }
    const row = { type: 'list_reply', list_reply: { id: 'a', title: 'A', description: 'first' } }
    for (const [message, text, choice] of [
      [quickReply, 'Yes', 'yes:1'],
      [inbound({ type: 'interactive', context, interactive: button }), 'Pay', 'pay:1'],
      [inbound({ type: 'interactive', context, interactive: row }), 'A', 'a'],
    ] as const) {
      assert.deepEqual(heard([message]).messages, [{ ...read, text, choice, quotes: 'wamid.OUT1' }])
    }
  })

  it('is also that a picture came, but no reaction and no news of the account', () => {
    assert.deepEqual(heard([inbound({ type: 'image', image: { id: '1' } })]).messages, [{ ...read, text: '' }])
    for (const type of ['reaction', 'system', 'unsupported'])
      assert.equal(heard([inbound({ type })]).messages, undefined, type)
  })

  it('is nothing of another number of the account, and of nobody without a number', () => {
    const text = inbound({ type: 'text', text: { body: 'Halo' } })
    assert.equal(heard([text], '106540352242922').messages, undefined)
    assert.equal(heard([{ ...text, from: undefined }]).messages, undefined)
  })

  it('is no message when it is the button of somebody who asked for no code', () => {
    const button = { payload: 'DID_NOT_REQUEST_CODE', text: 'x' }
    const news = heard([inbound({ type: 'button', context, button })])
    assert.deepEqual([news.denials.length, news.messages], [1, undefined])
  })
})
