import type { Channel, Message } from './api.ts'
import { el, icon, time } from './render.ts'
import { shownNumber } from './shown-number.ts'
import type { Speech, Words } from './text.ts'

/** What stands in the bar at the bottom. */
export type App = Channel | 'settings'

export const appNames = { whatsapp: 'WhatsApp', sms: 'SMS' } as const

export interface View {
  app: App
  /** The chat that is open; undefined: the list. */
  chat: string | undefined
}

/** The number of the business, whoever wrote. */
const numberOf = ({ direction, from, to }: Message): string => (direction === 'in' ? (to ?? from) : from)

/** Messages by the number of the business, the chat with the newest message first. */
export function chatsOf(messages: readonly Message[], app: App): Map<string, Message[]> {
  const chats = new Map<string, Message[]>()
  for (const message of messages) {
    if (message.channel !== app) continue
    const key = numberOf(message)
    const inChat = chats.get(key) ?? []
    // Set anew, a key moves to the end of the map.
    chats.delete(key)
    chats.set(key, [...inChat, message])
  }
  return new Map([...chats].toReversed())
}

export const unreadIn = (messages: readonly Message[]): number =>
  messages.filter(({ direction, status }) => direction === 'out' && status !== 'read').length

export function nameOf(messages: readonly Message[]): { name: string; isVerified: boolean } {
  const last = messages.findLast(({ direction }) => direction === 'out')
  const [first] = messages
  // As long as the business has not answered, its chat has only a number.
  const number = first && shownNumber(`+${numberOf(first)}`)
  return { name: last?.brand || last?.from || number || '', isVerified: last?.verified ?? false }
}

export const avatar = (name: string): HTMLElement =>
  el('span', { class: 'avatar', 'aria-hidden': 'true' }, (/^./su.exec(name)?.[0] ?? '').toUpperCase())

export const tick = (words: Words): HTMLElement =>
  el('span', { class: 'tick', role: 'img', 'aria-label': words.verified, title: words.verified }, icon('tick'))

export const badge = (unread: number, words: Words): HTMLElement | false =>
  unread > 0 &&
  el('span', { class: 'badge' }, String(unread), el('span', { class: 'quiet' }, ` ${words.unread(unread)}`))

/** The rows of the chat list. */
export const renderRows = (
  chats: ReadonlyMap<string, readonly Message[]>,
  open: (chat: string) => void,
  { words, language }: Speech,
): HTMLElement[] =>
  [...chats].map(([key, inChat]) => {
    const { name, isVerified } = nameOf(inChat)
    const last = inChat.at(-1)
    return el(
      'button',
      { class: 'row', type: 'button', 'data-key': key, onclick: () => open(key) },
      avatar(name),
      el(
        'span',
        { class: 'row-text' },
        el('span', { class: 'row-name' }, el('bdi', {}, name), isVerified && tick(words)),
        el('span', { class: 'row-last', dir: 'auto' }, last?.text),
      ),
      el(
        'span',
        { class: 'row-side' },
        el('span', {}, last && time(last.received_at, language)),
        badge(unreadIn(inChat), words),
      ),
    )
  })
