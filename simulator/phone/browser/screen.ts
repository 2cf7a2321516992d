import type { Handset, Message } from './api.ts'
import { type BubbleActs, renderBubbles } from './bubbles.ts'
import { type App, appNames, avatar, badge, chatsOf, nameOf, renderRows, tick, unreadIn, type View } from './chats.ts'
import { renderEmpty, renderOff } from './idle.ts'
import { el, icon, refill, time } from './render.ts'
import { shownNumber } from './shown-number.ts'
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
  switchTo(app: App): void
  switchOn(): void
  openMessage(message: Message): void
  reply(to: string, text: string): void
}

/** Builds the phone once. What it returns draws a scene, touching only what may have changed. */
export function createScreen(
  phone: HTMLElement,
  settings: HTMLElement,
  acts: Acts,
  speech: Speech,
): (scene: Scene) => void {
  const { words, language } = speech
  const clock = el('span')
  const line = el('span', { class: 'status-line' })
  const lost = el('p', { class: 'lost', hidden: true }, words.lost)
  const banner = el('div', { class: 'banner-place' })
  const screen = el('div', { class: 'screen-place' })
  const tabs = el('div', { class: 'tabs', role: 'group', 'aria-label': words.apps })
  const number = el('bdi', { dir: 'ltr' })
  phone.replaceChildren(
    el(
      'div',
      { class: 'glass' },
      el('span', { class: 'camera' }),
      el('div', { class: 'status' }, clock, line),
      lost,
      banner,
      screen,
      tabs,
      el('p', { class: 'watermark' }, el('b', {}, 'SIMULATOR'), number),
    ),
  )
  const showTime = (): void => {
    clock.textContent = time(new Date(), language)
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
    const { e164, handset } = scene
    const isOff = handset?.online === false
    line.replaceChildren(
      ...(isOff ? [el('span', {}, words.offline), icon('power')] : [icon('signal'), icon('battery')]),
    )
    lost.hidden = !scene.isLost
    number.textContent = e164 === undefined ? '' : shownNumber(e164)
    drawBanner(scene.banner)
    drawScreen(screen, settings, scene, acts, speech)
    const apps: readonly App[] = handset ? ['whatsapp', 'sms', 'settings'] : ['whatsapp', 'sms']
    refill(tabs, ...apps.map((app) => renderTab(app, scene, acts, speech)))
  }
}

/** A screen that stays keeps its elements: what is being typed, the focus and the place it was scrolled to. */
function drawScreen(place: HTMLElement, settings: HTMLElement, scene: Scene, acts: Acts, speech: Speech): void {
  const { e164, handset, messages, view } = scene
  const chats = chatsOf(messages, view.app)
  const inChat = view.chat === undefined ? undefined : chats.get(view.chat)
  // The settings stay within reach: that is where it is switched on again.
  const isOff = handset?.online === false && view.app !== 'settings'
  const key = `${e164} ${view.app} ${isOff} ${inChat ? view.chat : ''}`
  const isOther = place.dataset['shows'] !== key
  place.dataset['shows'] = key
  if (view.app === 'settings' || isOff) {
    if (isOther) place.replaceChildren(isOff ? renderOff(() => acts.switchOn(), speech.words) : settings)
    return
  }
  if (isOther) {
    const chat = view.chat ?? ''
    place.replaceChildren(inChat ? chatScreen(chat, view.app, acts, speech) : listScreen(view.app, speech))
  }
  const box = place.querySelector<HTMLElement>('.bubbles, .list') as HTMLElement
  if (!inChat) {
    const rows = renderRows(chats, (chat) => acts.open(chat), speech)
    refill(box, ...(rows.length > 0 ? rows : [renderEmpty(e164, view.app, messages, acts, speech.words)]))
    return
  }
  refill(place.querySelector<HTMLElement>('.chat-head') as HTMLElement, ...renderHead(inChat, acts, speech))
  box.setAttribute('aria-label', nameOf(inChat).name)
  const isAtEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 40
  refill(box, ...renderBubbles(inChat, acts, speech))
  if (isOther || isAtEnd) box.scrollTop = box.scrollHeight
}

const listScreen = (app: App, { words }: Speech): HTMLElement =>
  el(
    'div',
    { class: 'screen' },
    el('h2', { class: 'app-title' }, app === 'whatsapp' ? words.chats : words.texts),
    el('div', { class: 'list' }),
  )

const chatScreen = (chat: string, app: App, acts: Acts, { words }: Speech): HTMLElement =>
  el(
    'div',
    { class: `screen chat chat-${app}` },
    el('div', { class: 'chat-head' }),
    // Focusable, so that the keyboard can scroll it.
    el('div', { class: 'bubbles', tabindex: 0, role: 'group' }),
    app === 'whatsapp' && replyForm(chat, acts, words),
  )

/** Whose chat it is. The name is known from the first answer on, which may come while one looks. */
function renderHead(inChat: readonly Message[], acts: Acts, { words }: Speech): HTMLElement[] {
  const { name, isVerified } = nameOf(inChat)
  const onclick = (): void => acts.open(undefined)
  const back = { class: 'back', type: 'button', 'data-key': 'back', 'aria-label': words.back, onclick }
  return [
    el('button', back, icon('back')),
    avatar(name),
    el(
      'div',
      {},
      el('h2', {}, el('bdi', {}, name), isVerified && tick(words)),
      isVerified && el('small', { 'aria-hidden': 'true' }, words.verified),
    ),
  ]
}

function replyForm(chat: string, acts: Acts, words: Speech['words']): HTMLElement {
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
    if (text !== '') acts.reply(chat, text)
    input.value = ''
  }
  return el(
    'form',
    { class: 'reply', onsubmit },
    input,
    el('button', { type: 'submit', class: 'reply-send' }, words.send),
  )
}

function renderTab(app: App, { messages, view }: Scene, acts: Acts, { words }: Speech): HTMLElement {
  return el(
    'button',
    {
      class: `tab tab-${app}`,
      type: 'button',
      'data-key': app,
      'aria-pressed': String(view.app === app),
      onclick: () => acts.switchTo(app),
    },
    icon(app === 'whatsapp' ? 'chat' : app),
    app === 'settings' ? words.settings : appNames[app],
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
