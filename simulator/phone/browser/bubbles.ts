import type { Message } from './api.ts'
import { day, el, icon, rich, time } from './render.ts'
import type { Speech } from './text.ts'

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
    ...buttons.map(({ id, kind, label }) => renderButton(message, id, kind, label, acts)),
  )
}

function renderButton(message: Message, id: string, kind: string, label: string, acts: BubbleActs): HTMLElement {
  const said = acts.pressed(message, id)
  // A report is made once. It stays focusable, so that the keyboard does not lose its place.
  const isOver = kind === 'not_requested' && said !== undefined
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
    icon(said !== undefined ? 'check' : kind === 'copy_code' ? 'copy' : kind === 'autofill' ? 'fill' : 'flag'),
    said ?? label,
  )
}
