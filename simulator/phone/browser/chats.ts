import type { Message } from './api.ts'
import { bold, el, icon, time } from './render.ts'
import type { Words } from './text.ts'

export interface View {
  app: 'whatsapp' | 'sms'
  /** The chat that is open; undefined: the list. */
  chat: string | undefined
}

export interface Acts {
  open(chat: string | undefined): void
  switchTo(app: View['app']): void
  press(message: Message, button: string): void
  reply(text: string): void
  /** What a button shows for a moment after it was pressed. */
  pressed(message: Message, button: string): string | undefined
}

/** What the person wrote belongs to the chat with the business. */
export const chatOf = (message: Message, business: string | undefined): string =>
  message.direction === 'in' ? (business ?? message.from) : message.from

export function chatsOf(messages: readonly Message[], app: View['app']): Map<string, Message[]> {
  const chats = new Map<string, Message[]>()
  const business = messages.findLast((one) => one.channel === app && one.direction === 'out')?.from
  for (const message of messages.filter((one) => one.channel === app)) {
    const key = chatOf(message, business)
    chats.set(key, [...(chats.get(key) ?? []), message])
  }
  return chats
}

export const unreadIn = (messages: readonly Message[]): number =>
  messages.filter(({ direction, status }) => direction === 'out' && status !== 'read').length

const nameOf = (messages: readonly Message[]): { name: string; verified: boolean } => {
  const last = messages.findLast(({ direction }) => direction === 'out')
  return { name: last?.brand || last?.from || '', verified: last?.verified ?? false }
}

const avatar = (name: string): HTMLElement => el('span', { class: 'avatar', 'aria-hidden': 'true' }, name.slice(0, 1).toUpperCase())

export function renderList(messages: readonly Message[], view: View, acts: Acts, words: Words, language: string): HTMLElement {
  const chats = [...chatsOf(messages, view.app)].reverse()
  const list = el('div', { class: 'list' })
  if (chats.length === 0) {
    list.append(el('div', { class: 'empty' }, icon('chat'), el('strong', {}, words.emptyTitle), el('p', {}, words.emptyText)))
  }
  for (const [key, inChat] of chats) {
    const { name, verified } = nameOf(inChat)
    const last = inChat.at(-1) as Message
    const unread = unreadIn(inChat)
    list.append(
      el(
        'button', { class: 'row', type: 'button', onclick: () => acts.open(key) },
        avatar(name),
        el('span', { class: 'row-text' },
          el('span', { class: 'row-name' }, name, verified && tick(words)),
          el('span', { class: 'row-last' }, last.text),
        ),
        el('span', { class: 'row-side' }, el('span', {}, time(last.received_at, language)), unread > 0 && el('span', { class: 'badge' }, String(unread))),
      ),
    )
  }
  return el('div', { class: 'screen' }, el('h2', { class: 'app-title' }, view.app === 'whatsapp' ? words.chats : words.sms), list)
}

const tick = (words: Words): HTMLElement => el('span', { class: 'tick', role: 'img', 'aria-label': words.verified }, icon('tick'))

export function renderChat(messages: readonly Message[], acts: Acts, words: Words, language: string, app: View['app']): HTMLElement {
  const { name, verified } = nameOf(messages)
  const bubbles = el('div', { class: 'bubbles', tabindex: '0', role: 'log', 'aria-label': name })
  for (const message of messages) bubbles.append(renderBubble(message, acts, words, language))
  return el('div', { class: `screen chat chat-${app}` },
    el('div', { class: 'chat-head' },
      el('button', { class: 'back', type: 'button', 'aria-label': words.back, onclick: () => acts.open(undefined) }, icon('back')),
      avatar(name),
      el('h2', {}, name, verified && tick(words)),
    ),
    bubbles,
    app === 'whatsapp' && replyForm(acts, words),
  )
}

function renderBubble(message: Message, acts: Acts, words: Words, language: string): HTMLElement {
  const bubble = el('article', { class: `bubble bubble-${message.direction}` },
    el('p', { class: 'bubble-text' }, bold(message.text_markup)),
    message.footer !== null && el('p', { class: 'bubble-footer' }, message.footer),
    el('time', { class: 'bubble-time', datetime: message.received_at }, time(message.received_at, language)),
  )
  for (const button of message.buttons) {
    const done = acts.pressed(message, button.id)
    bubble.append(
      el('button', { class: `act act-${button.kind}`, type: 'button', 'data-button': button.id, onclick: () => acts.press(message, button.id) },
        icon(done ? 'check' : button.kind === 'copy_code' ? 'copy' : button.kind === 'autofill' ? 'fill' : 'flag'), done ?? button.label),
    )
  }
  // A phone offers the code it finds in a text message above the keyboard.
  if (message.channel === 'sms' && message.code !== null) {
    const done = acts.pressed(message, 'copy_code')
    bubble.append(el('button', { class: 'act', type: 'button', 'data-button': 'copy_code', onclick: () => acts.press(message, 'copy_code') }, icon(done ? 'check' : 'copy'), done ?? words.copy))
  }
  return bubble
}

function replyForm(acts: Acts, words: Words): HTMLElement {
  const input = el('input', { class: 'reply-text', 'aria-label': words.reply, placeholder: words.reply, maxlength: 1000 }) as HTMLInputElement
  const onsubmit = (event: Event): void => {
    event.preventDefault()
    const text = input.value.trim()
    if (text !== '') acts.reply(text)
    input.value = ''
  }
  return el('form', { class: 'reply', onsubmit }, input, el('button', { type: 'submit', class: 'reply-send' }, words.send))
}
