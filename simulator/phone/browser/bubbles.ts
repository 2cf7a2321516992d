import type { Button, Message } from './api.ts'
import { day, el, icon, rich, time } from './render.ts'
import type { Speech, Words } from './text.ts'

export interface BubbleActs {
  press(message: Message, button: string): void
  /** What a button says after it was pressed. */
  pressed(message: Message, button: string): string | undefined
}

/** A chat from its oldest message to its newest, with a line where a day begins. */
export function renderBubbles(messages: readonly Message[], acts: BubbleActs, speech: Speech): HTMLElement[] {
  let before = ''
  return messages.flatMap((message) => {
    const today = day(message.received_at, speech.language)
    const isNewDay = today !== before
    before = today
    const bubble = renderBubble(message, acts, speech)
    return isNewDay ? [el('p', { class: 'day' }, today), bubble] : [bubble]
  })
}

function renderBubble(message: Message, acts: BubbleActs, { words, language }: Speech): HTMLElement {
  const { channel, code, direction, footer, received_at: at } = message
  // A phone offers the code it finds in a text message.
  const buttons =
    channel === 'sms' && code !== null ? [{ id: 'copy_code', kind: 'copy_code', label: words.copy }] : message.buttons
  return el(
    'article',
    { class: `bubble bubble-${direction}` },
    el('p', { class: 'bubble-text', dir: 'auto' }, rich(message.text_markup, channel, code)),
    footer !== null && el('p', { class: 'bubble-footer', dir: 'auto' }, footer),
    el('time', { class: 'bubble-time', datetime: at }, time(at, language), direction === 'in' && icon('seen')),
    ...buttons.filter(({ kind }) => kind !== 'choice').map((button) => renderButton(message, button, acts, words)),
    message.list_label !== null && renderList(message, message.list_label, acts),
  )
}

/** Milliseconds until the buttons of a message hand its code over no more; undefined when that never comes. */
export const codeLeftMs = ({ code_expires_at: at }: Message): number | undefined =>
  at === null ? undefined : Math.max(0, Date.parse(at) - Date.now())

const glyphs: Readonly<Record<string, 'copy' | 'fill' | 'reply'>> = {
  copy_code: 'copy',
  autofill: 'fill',
  quick_reply: 'reply',
  reply: 'reply',
}

/** Lists that are open; a chat that is drawn again leaves them so. */
const open = new Set<string>()

function renderList(message: Message, label: string, acts: BubbleActs): HTMLElement {
  const list = el(
    'details',
    { class: 'choices', open: open.has(message.id) },
    el('summary', { class: 'act', 'data-key': `${message.id} list` }, icon('list'), label),
    ...message.buttons.map(({ id, label: title, description }) =>
      el(
        'button',
        {
          class: 'choice',
          type: 'button',
          'data-button': id,
          'data-key': `${message.id} ${id}`,
          onclick: () => {
            open.delete(message.id)
            acts.press(message, id)
          },
        },
        el('span', { dir: 'auto' }, title),
        description !== undefined && el('small', { dir: 'auto' }, description),
      ),
    ),
  )
  list.addEventListener('toggle', () => (list.open ? open.add(message.id) : open.delete(message.id)))
  return list
}

function renderButton(message: Message, { id, kind, label }: Button, acts: BubbleActs, words: Words): HTMLElement {
  const isExpired = kind !== 'not_requested' && codeLeftMs(message) === 0
  const said = isExpired ? words.expired : acts.pressed(message, id)
  // A report is made once. It stays focusable, so that the keyboard does not lose its place.
  const isOver = isExpired || (kind === 'not_requested' && said !== undefined)
  return el(
    'button',
    {
      class: `act act-${kind}`,
      type: 'button',
      'data-button': id,
      'data-key': `${message.id} ${id}`,
      'aria-disabled': isOver && 'true',
      onclick: () => {
        if (!isOver) acts.press(message, id)
      },
    },
    icon(said !== undefined && !isExpired ? 'check' : (glyphs[kind] ?? 'flag')),
    said ?? label,
  )
}
