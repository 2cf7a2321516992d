import { changeHandset, follow, type Handset, listHandsets, listMessages, markRead, type Message, press, readHandset, reply } from './api.ts'
import { type Acts, chatsOf, renderChat, renderList, unreadIn, type View } from './chats.ts'
import { el, icon, time } from './render.ts'
import { renderSettings } from './settings.ts'
import { chooseLanguage } from './text.ts'

const query = new URLSearchParams(location.search)
const { language, words } = chooseLanguage(query.get('lang') ?? navigator.language)
document.documentElement.lang = language
const isEmbedded = query.get('embed') === '1'
document.documentElement.classList.toggle('embed', isEmbedded)
document.documentElement.dataset['scheme'] = query.get('scheme') ?? ''

const bar = document.querySelector('#bar') as HTMLElement
const phone = document.querySelector('#phone') as HTMLElement
const settings = document.querySelector('#settings') as HTMLElement
const announcer = document.querySelector('#announcer') as HTMLElement
const autofill = new BroadcastChannel('centang-autofill')

let e164 = ''
let handset: Handset | undefined
let messages: Message[] = []
let view: View = { app: 'whatsapp', chat: undefined }
let banner: Message | undefined
let stopFollowing = (): void => undefined
const done = new Map<string, string>()

const acts: Acts = {
  open(chat) {
    view = { ...view, chat }
    if (banner?.from === chat) banner = undefined
    readOpenChat()
    draw()
    focusFirst(chat === undefined ? '.row' : '.bubbles')
  },
  switchTo(app) {
    view = { app, chat: undefined }
    draw()
  },
  press(message, button) {
    void pressButton(message, button).catch(report)
  },
  reply(text) {
    void reply(e164, text).catch(report)
  },
  pressed: (message, button) => done.get(`${message.id} ${button}`),
}

async function pressButton(message: Message, button: string): Promise<void> {
  // A text message has no buttons of its own: the phone copies the code it found.
  const { code } = message.channel === 'sms' ? { code: message.code ?? undefined } : await press(e164, message.id, button)
  if (button === 'copy_code' && code !== undefined) await copy(code)
  if (button === 'autofill' && code !== undefined) autofill.postMessage({ to: e164, code })
  const said = button === 'copy_code' ? words.copied : button === 'autofill' ? words.filled : words.reported
  done.set(`${message.id} ${button}`, said)
  announcer.textContent = said
  draw()
  setTimeout(() => {
    if (button === 'not_requested') return
    done.delete(`${message.id} ${button}`)
    draw()
  }, 2500)
}

/** Inside a frame or without permission the clipboard may be refused; then a selection does it. */
async function copy(code: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(code)
  } catch {
    const field = el('textarea', { class: 'quiet' }) as HTMLTextAreaElement
    field.value = code
    document.body.append(field)
    field.select()
    document.execCommand('copy')
    field.remove()
  }
}

function readOpenChat(): void {
  const last = view.chat === undefined ? undefined : chatsOf(messages, view.app).get(view.chat)?.findLast(({ direction }) => direction === 'out')
  if (last && last.status !== 'read') void markRead(e164, last.id).catch(report)
}

function draw(): void {
  // What was being typed and where the focus was survives a redraw.
  const typed = (phone.querySelector('.reply-text') as HTMLInputElement | null)?.value ?? ''
  const focused = document.activeElement?.getAttribute('class')
  const focusedButton = document.activeElement?.getAttribute('data-button')
  const chat = view.chat === undefined ? undefined : chatsOf(messages, view.app).get(view.chat)
  const screen = chat ? renderChat(chat, acts, words, language, view.app) : renderList(messages, view, acts, words, language)
  phone.replaceChildren(statusBar(), ...(banner ? [bannerOf(banner)] : []), screen, tabs(), el('p', { class: 'watermark', 'aria-hidden': 'true' }, 'SIMULATOR'))
  phone.querySelector('.bubbles')?.scrollTo({ top: 1e6 })
  const field = phone.querySelector('.reply-text') as HTMLInputElement | null
  if (field) field.value = typed
  if (focused === 'reply-text') field?.focus()
  if (focusedButton) ([...phone.querySelectorAll(`[data-button="${focusedButton}"]`)].at(-1) as HTMLElement | undefined)?.focus()
}

const statusBar = (): HTMLElement =>
  el('div', { class: 'status' }, el('span', {}, time(Date.now(), language)), el('span', {}, handset?.online === false ? words.offline : e164))

function tabs(): HTMLElement {
  const tab = (app: View['app'], label: string): HTMLElement => {
    const unread = unreadIn(messages.filter(({ channel }) => channel === app))
    return el('button', { class: `tab tab-${app}`, type: 'button', 'aria-pressed': String(view.app === app), onclick: () => acts.switchTo(app) },
      icon('chat'), app === 'whatsapp' ? 'WhatsApp' : 'SMS', unread > 0 && el('span', { class: 'badge' }, String(unread)))
  }
  return el('div', { class: 'tabs', role: 'group' }, tab('whatsapp', words.whatsapp), tab('sms', words.sms))
}

const bannerOf = (message: Message): HTMLElement =>
  el('button', { class: 'banner', type: 'button', onclick: () => openMessage(message) },
    el('strong', {}, `${message.brand || message.from} · ${message.channel === 'sms' ? 'SMS' : 'WhatsApp'}`), el('span', {}, message.text))

function openMessage(message: Message): void {
  banner = undefined
  view = { app: message.channel, chat: message.from }
  readOpenChat()
  draw()
}

function onMessage(message: Message): void {
  messages = [...messages.filter(({ id }) => id !== message.id), message]
  if (message.direction === 'out') {
    announcer.textContent = `${words.newMessage} ${message.brand || message.from}`
    const isSameApp = view.app === message.channel
    if (isSameApp && view.chat === message.from) readOpenChat()
    // In the list it is on top anyway.
    else if (!isSameApp || view.chat !== undefined) showBanner(message)
  }
  draw()
}

function showBanner(message: Message): void {
  banner = message
  setTimeout(() => {
    if (banner !== message) return
    banner = undefined
    draw()
  }, 6000)
}

let shown = 0

async function show(number: string): Promise<void> {
  const turn = ++shown
  stopFollowing()
  const [read, listed] = await Promise.all([readHandset(number), listMessages(number)])
  // Somebody asked for another number meanwhile.
  if (turn !== shown) return
  handset = read
  e164 = read.e164
  messages = listed.messages
  view = { app: messages.at(-1)?.channel ?? 'whatsapp', chat: undefined }
  const refresh = async (): Promise<void> => {
    const fresh = (await listMessages(number)).messages
    if (turn !== shown) return
    // What came over the stream while this was on its way is newer than it.
    const known = new Set(fresh.map(({ id }) => id))
    messages = [...fresh, ...messages.filter(({ id }) => !known.has(id))]
    draw()
  }
  stopFollowing = follow(e164, () => void refresh().catch(report), (kind, data) => {
    if (kind === 'message') onMessage(data)
    if (kind === 'status' && data.id) messages = messages.map((one) => (one.id === data.id ? { ...one, status: data.status } : one))
    if (kind === 'handset') {
      handset = data
      drawSettings()
    }
    if (kind !== 'message') draw()
  })
  drawBar()
  drawSettings()
  draw()
}

function drawSettings(): void {
  if (!handset) return
  settings.replaceChildren(...renderSettings(handset, (changes) => void changeHandset(e164, changes).catch(report), words))
}

function drawBar(): void {
  const input = el('input', { id: 'number', type: 'tel', value: e164, autocomplete: 'off', spellcheck: 'false', inputmode: 'tel' }) as HTMLInputElement
  const onsubmit = (event: Event): void => {
    event.preventDefault()
    void show(input.value.replaceAll(/[^\d+]/g, '')).catch(report)
  }
  bar.replaceChildren(el('h1', {}, words.title), el('form', { onsubmit }, el('label', { for: 'number' }, words.number), input, el('button', { type: 'submit' }, words.open)))
}

function report(error: unknown): void {
  announcer.textContent = (error as Error).message
  announcer.classList.add('shown')
  setTimeout(() => announcer.classList.remove('shown'), 5000)
}

function focusFirst(selector: string): void {
  ;(phone.querySelector(selector) as HTMLElement | null)?.focus({ preventScroll: true })
}

// The page that holds the frame tells when another number is tried.
addEventListener('message', (event: MessageEvent<{ centangPhone?: string; centangScheme?: string }>) => {
  if (event.origin !== location.origin) return
  const { centangPhone, centangScheme } = event.data
  if (typeof centangScheme === 'string') document.documentElement.dataset['scheme'] = centangScheme
  if (typeof centangPhone === 'string' && centangPhone !== e164) void show(centangPhone).catch(report)
})
const wanted = query.get('to') ?? (await listHandsets()).handsets[0]?.e164 ?? '+6281234567890'
await show(wanted.trim().startsWith('+') ? wanted.trim() : `+${wanted.trim()}`).catch(report)
if (parent !== window) parent.postMessage({ centangPhoneReady: true }, location.origin)
setInterval(() => {
  const clock = phone.querySelector('.status span')
  if (clock) clock.textContent = time(Date.now(), language)
}, 10_000)
