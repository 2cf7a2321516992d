import type { ChatContent, ChatMessage } from '#messaging/core/chat.ts'
import type { ProviderRequest } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { messageRequest } from './request.ts'

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
