import type { Channel, Handset, Message } from './api.ts'
import { type BubbleActs, renderBubbles } from './bubbles.ts'
import { avatar, badge, chatsOf, nameOf, renderRows, tick, unreadIn, type View } from './chats.ts'
import { el, icon, refill, time } from './render.ts'
import type { Speech } from './text.ts'

/** All that can be seen of the phone. */
export interface Scene {
  /** Undefined until somebody chooses one, or the first message comes. */
  e164: string | undefined
  handset: Handset | undefined
  messages: readonly Message[]
  view: View
  banner: Message | undefined
  isLost: boolean
}

export interface Acts extends BubbleActs {
  open(chat: string | undefined): void
  switchTo(app: Channel): void
  openMessage(message: Message): void
  reply(text: string): void
}

const appNames = { whatsapp: 'WhatsApp', sms: 'SMS' } as const

/** Builds the phone once. What it returns draws a scene, touching only what may have changed. */
export function createScreen(phone: HTMLElement, acts: Acts, speech: Speech): (scene: Scene) => void {
  const { words, language } = speech
  const clock = el('span')
  const line = el('span', { class: 'status-line' })
  const lost = el('p', { class: 'lost', hidden: true }, words.lost)
  const banner = el('div', { class: 'banner-place' })
  const screen = el('div', { class: 'screen-place' })
  const tabs = el('div', { class: 'tabs', role: 'group', 'aria-label': words.apps })
  phone.replaceChildren(
    el('div', { class: 'status' }, clock, line),
    lost,
    banner,
    screen,
    tabs,
    el('p', { class: 'watermark' }, 'SIMULATOR'),
  )
  const showTime = (): void => {
    clock.textContent = time(Date.now(), language)
  }
  showTime()
  setInterval(showTime, 5000)

  let bannered: Message | undefined
  const drawBanner = (message: Message | undefined): void => {
    // The same banner drawn again would slide in again.
    if (message === bannered) return
    bannered = message
    banner.replaceChildren(...(message ? [renderBanner(message, acts)] : []))
  }
  return (scene) => {
    const isOffline = scene.handset?.online === false
    line.replaceChildren(
      isOffline ? words.offline : el('bdi', { dir: 'ltr' }, scene.e164),
      icon(isOffline ? 'plane' : 'signal'),
    )
    lost.hidden = !scene.isLost
    drawBanner(scene.banner)
    drawScreen(screen, scene, acts, speech)
    refill(tabs, ...(['whatsapp', 'sms'] as const).map((app) => renderTab(app, scene, acts, speech)))
  }
}

/** A screen that stays keeps its elements: what is being typed, the focus and the place it was scrolled to. */
function drawScreen(place: HTMLElement, { e164, messages, view }: Scene, acts: Acts, speech: Speech): void {
  const chats = chatsOf(messages, view.app)
  const inChat = view.chat === undefined ? undefined : chats.get(view.chat)
  const key = `${e164} ${view.app} ${inChat ? view.chat : ''}`
  const isOther = place.dataset['shows'] !== key
  place.dataset['shows'] = key
  if (isOther) place.replaceChildren(inChat ? chatScreen(inChat, view.app, acts, speech) : listScreen(view.app, speech))
  const box = place.querySelector<HTMLElement>('.bubbles, .list') as HTMLElement
  if (!inChat) {
    const { emptyText, emptyAny } = speech.words
    refill(box, ...renderRows(chats, (chat) => acts.open(chat), speech, e164 === undefined ? emptyAny : emptyText))
    return
  }
  const isAtEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 40
  refill(box, ...renderBubbles(inChat, acts, speech))
  if (isOther || isAtEnd) box.scrollTop = box.scrollHeight
}

const listScreen = (app: Channel, { words }: Speech): HTMLElement =>
  el(
    'div',
    { class: 'screen' },
    el('h2', { class: 'app-title' }, app === 'whatsapp' ? words.chats : words.texts),
    el('div', { class: 'list' }),
  )

function chatScreen(inChat: readonly Message[], app: Channel, acts: Acts, { words }: Speech): HTMLElement {
  const { name, isVerified } = nameOf(inChat)
  const back = { class: 'back', type: 'button', 'aria-label': words.back, onclick: () => acts.open(undefined) }
  return el(
    'div',
    { class: `screen chat chat-${app}` },
    el(
      'div',
      { class: 'chat-head' },
      el('button', back, icon('back')),
      avatar(name),
      el('h2', {}, el('bdi', {}, name), isVerified && tick(words)),
    ),
    // Focusable, so that the keyboard can scroll it.
    el('div', { class: 'bubbles', tabindex: 0, role: 'group', 'aria-label': name }),
    app === 'whatsapp' && replyForm(acts, words),
  )
}

function replyForm(acts: Acts, words: Speech['words']): HTMLElement {
  const input = el('input', {
    class: 'reply-text',
    'aria-label': words.reply,
    placeholder: words.reply,
    maxlength: 1000,
    autocomplete: 'off',
    dir: 'auto',
  })
  const onsubmit = (event: Event): void => {
    event.preventDefault()
    const text = input.value.trim()
    if (text !== '') acts.reply(text)
    input.value = ''
  }
  return el(
    'form',
    { class: 'reply', onsubmit },
    input,
    el('button', { type: 'submit', class: 'reply-send' }, words.send),
  )
}

function renderTab(app: Channel, { messages, view }: Scene, acts: Acts, { words }: Speech): HTMLElement {
  return el(
    'button',
    {
      class: `tab tab-${app}`,
      type: 'button',
      'data-key': app,
      'aria-pressed': String(view.app === app),
      onclick: () => acts.switchTo(app),
    },
    icon(app === 'sms' ? 'sms' : 'chat'),
    appNames[app],
    badge(unreadIn(messages.filter(({ channel }) => channel === app)), words),
  )
}

const renderBanner = (message: Message, acts: Acts): HTMLElement =>
  el(
    'button',
    { class: 'banner', type: 'button', onclick: () => acts.openMessage(message) },
    el('strong', {}, `${message.brand || message.from} · ${appNames[message.channel]}`),
    el('span', { dir: 'auto' }, message.text),
  )
