import type { Message } from './api.ts'
import { type App, appNames } from './chats.ts'
import { el, icon } from './render.ts'
import type { Words } from './text.ts'

/** What a list says that holds nothing: where the messages are, or how the first one comes. */
export function renderEmpty(
  e164: string | undefined,
  app: App,
  messages: readonly Message[],
  acts: { switchTo(app: App): void },
  words: Words,
): HTMLElement {
  const other = messages.findLast(({ channel }) => channel !== app)?.channel
  const count = messages.filter(({ channel }) => channel === other).length
  return el(
    'div',
    { class: 'empty' },
    icon(app === 'sms' ? 'sms' : 'chat'),
    el('strong', {}, words.emptyTitle),
    other === undefined
      ? el('p', {}, e164 === undefined ? words.emptyAny : words.emptyText)
      : el(
          'button',
          { type: 'button', 'data-key': 'other', onclick: () => acts.switchTo(other) },
          words.elsewhere(count, appNames[other]),
        ),
  )
}

export const renderOff = (switchOn: () => void, words: Words): HTMLElement =>
  el(
    'div',
    { class: 'screen empty' },
    icon('power'),
    el('strong', {}, words.offline),
    el('p', {}, words.offlineAbout),
    el('button', { type: 'button', onclick: switchOn }, words.switchOn),
  )
