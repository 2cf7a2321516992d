import type { ChatContent, ChatMessage, InboundMessage } from '#messaging/core/chat.ts'
import type { ProviderRequest } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { shorten, storable } from '#platform/core/storable-text.ts'
import { messageRequest } from './request.ts'
import { type Fields, fieldsOf, timeOf } from './fields.ts'

/** `POST /{phone_number_id}/messages`: text, reply buttons, a list, or a template with quick replies. */
export function toChatRequest(message: ChatMessage, sender: Sender): ProviderRequest {
  const quote = message.quotes !== undefined && { context: { message_id: message.quotes } }
  return messageRequest(message, sender, { ...quote, ...spell(message.content) })
}

function spell(content: ChatContent): object {
  switch (content.kind) {
    case 'text':
      return { type: 'text', text: { body: content.text, preview_url: false } }
    case 'buttons':
      return interactive('button', content.text, {
        buttons: content.buttons.map(({ id, title }) => ({ type: 'reply', reply: { id, title } })),
      })
    case 'list':
      return interactive('list', content.text, { button: content.label, sections: [{ rows: content.choices }] })
    case 'template':
      return { type: 'template', template: spellTemplate(content) }
  }
}

const interactive = (type: string, text: string, action: object): object => ({
  type: 'interactive',
  interactive: { type, body: { text }, action },
})

const spellTemplate = (content: Extract<ChatContent, { kind: 'template' }>): object => ({
  name: content.name,
  language: { code: content.language },
  components: [
    ...(content.parameters.length > 0
      ? [{ type: 'body', parameters: content.parameters.map((text) => ({ type: 'text', text })) }]
      : []),
    ...content.payloads.map((payload, index) => ({
      type: 'button',
      sub_type: 'quick_reply',
      index: String(index),
      parameters: [{ type: 'payload', payload }],
    })),
  ],
})

/** Of the inbound kinds what a person says with words or a tap; of the others that they came. */
export function readMessage(message: Fields): InboundMessage[] {
  const { id, from, type } = message
  const at = timeOf(message['timestamp'])
  // A message may come without a number (Meta's ids of its own, 2026): there is nobody whom we could answer.
  if (typeof id !== 'string' || typeof from !== 'string' || !/^\d{5,20}$/.test(from) || !at) return []
  // They say nothing by themselves: a reaction, or news of the account.
  if (type === 'system' || type === 'reaction' || type === 'unsupported') return []
  const quoted = fieldsOf(message['context'])['id']
  return [
    {
      providerMessageId: id,
      from: `+${from}`,
      at,
      ...said(message),
      ...(typeof quoted === 'string' && { quotes: quoted }),
    },
  ]
}

const textMax = 4096
const text = (value: unknown): string => (typeof value === 'string' ? shorten(storable(value), textMax) : '')

function said(message: Fields): { readonly text: string; readonly choice?: string } {
  if (message['type'] === 'button') {
    const button = fieldsOf(message['button'])
    return { text: text(button['text']), choice: text(button['payload']) }
  }
  if (message['type'] === 'interactive') {
    const answer = fieldsOf(message['interactive'])
    const tapped = fieldsOf(answer['button_reply'] ?? answer['list_reply'])
    return typeof tapped['id'] === 'string' ? { text: text(tapped['title']), choice: text(tapped['id']) } : { text: '' }
  }
  return { text: text(fieldsOf(message['text'])['body']) }
}
