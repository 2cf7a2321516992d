import {
  changeHandset,
  follow,
  type Handset,
  listHandsets,
  listMessages,
  markRead,
  type Message,
  press,
  readHandset,
  reply,
} from './api.ts'
import { codeLeftMs } from './bubbles.ts'
import { chatsOf } from './chats.ts'
import { autofill, copy, heldBy } from './hand-over.ts'
import { createNumberBar, normalise } from './number-bar.ts'
import { createScreen, type Scene } from './screen.ts'
import { createSettings } from './settings.ts'
import { chooseLanguage } from './text.ts'

const query = new URLSearchParams(location.search)
const speech = chooseLanguage(query.get('lang') ?? navigator.language)
const { words } = speech
const page = document.documentElement
page.lang = speech.language
page.classList.toggle('embed', query.get('embed') === '1')
page.dataset['scheme'] = query.get('scheme') ?? ''
document.title = `${words.title} – SIMULATOR`

const part = (id: string): HTMLElement => document.getElementById(id) as HTMLElement
const phone = part('phone')
const announcer = part('announcer')
phone.setAttribute('aria-label', words.title)

const scene: Scene = {
  e164: undefined,
  handset: undefined,
  messages: [],
  view: { app: 'whatsapp', chat: undefined },
  banner: undefined,
  isLost: false,
}
/** What pressed buttons say, by message and button. */
const said = new Map<string, string>()
const saidForMs = 2500
const bannerForMs = 6000

const [settings, showSettings] = createSettings((changes) => void change(changes).catch(report), speech)
const drawScene = createScreen(
  phone,
  settings,
  {
    open(chat) {
      scene.view = { ...scene.view, chat }
      if (scene.banner?.from === chat) scene.banner = undefined
      enter(chat === undefined ? '.row' : '.bubbles')
    },
    switchTo(app) {
      scene.view = { app, chat: undefined }
      draw()
    },
    switchOn: () => void change({ online: true }).then(focusTab).catch(report),
    openMessage(message) {
      scene.banner = undefined
      scene.view = { app: message.channel, chat: message.from }
      enter('.bubbles')
    },
    press: (message, button) => void pressButton(message, button).catch(report),
    pressed: (message, button) => said.get(`${message.id} ${button}`),
    reply: (to, text) => void reply(scene.e164 ?? '', to, text).catch(report),
  },
  speech,
)
let redraw: number | undefined
function draw(): void {
  drawScene(scene)
  // Once more when the next code is over, for its buttons.
  const left = scene.messages.map((message) => codeLeftMs(message) ?? 0).filter((ms) => ms > 0)
  clearTimeout(redraw)
  if (left.length > 0) redraw = setTimeout(draw, Math.min(...left) + 50)
}
const showNumber = createNumberBar(part('bar'), words, (e164) => void choose(e164).catch(report), say)

function enter(selector: string): void {
  readOpenChat()
  draw()
  phone.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true })
}

/** Where the focus goes when what held it is gone. */
const focusTab = (): void => phone.querySelector<HTMLElement>('.tab[aria-pressed=true]')?.focus({ preventScroll: true })

async function pressButton(message: Message, button: string): Promise<void> {
  const { code, channel, id } = message
  // First the clipboard: browsers open it for the tap only, not for an answer of the server that comes later.
  const isDone = button !== 'copy_code' || code === null || (await copy(code))
  if (button === 'autofill' && code !== null && scene.e164 !== undefined) autofill(scene.e164, code)
  // A text message has no buttons of its own; it is the phone that copies.
  if (channel === 'whatsapp') await press(scene.e164 ?? '', id, button)
  if (!isDone) return say(`${words.notCopied} ${code}`)
  const kind = message.buttons.find(({ id: one }) => one === button)?.kind ?? button
  // An answer stands in the chat itself, as the person's own message.
  if (kind === 'quick_reply' || kind === 'reply' || kind === 'choice') {
    draw()
    return announce(words.answered)
  }
  const key = `${id} ${button}`
  said.set(key, button === 'copy_code' ? words.copied : button === 'autofill' ? words.filled : words.reported)
  announce(said.get(key) ?? '')
  draw()
  if (button === 'not_requested') return
  setTimeout(() => {
    said.delete(key)
    draw()
  }, saidForMs)
}

async function change(changes: Partial<Handset>): Promise<void> {
  if (scene.e164 === undefined) return
  try {
    scene.handset = await changeHandset(scene.e164, changes)
  } finally {
    // Refused, the switch goes back.
    if (scene.handset) showSettings(scene.handset)
    draw()
  }
}

function readOpenChat(): void {
  const { view, messages, e164 } = scene
  const inChat = view.chat === undefined ? undefined : chatsOf(messages, view.app).get(view.chat)
  const last = inChat?.findLast(({ direction }) => direction === 'out')
  if (e164 !== undefined && last && last.status !== 'read') void markRead(e164, last.id).catch(report)
}

/** Nobody would look for a code on a screen that says there are no messages: it gives way to the app that has one. */
const isEmptyList = (): boolean => {
  const { app, chat } = scene.view
  return app !== 'settings' && chat === undefined && chatsOf(scene.messages, app).size === 0
}

function onMessage(message: Message): void {
  scene.messages = [...scene.messages.filter(({ id }) => id !== message.id), message]
  if (message.direction === 'out') {
    announce(`${words.newMessage} ${message.brand || message.from}: ${message.text}`)
    const { app, chat } = scene.view
    if (app === message.channel && chat === message.from) readOpenChat()
    else {
      if (isEmptyList()) scene.view = { app: message.channel, chat: undefined }
      showBanner(message)
    }
  }
  draw()
}

function showBanner(message: Message): void {
  scene.banner = message
  const leave = (): void => {
    if (scene.banner !== message) return
    // Not from under a finger or the focus.
    if (phone.querySelector('.banner:is(:hover, :focus)')) return void setTimeout(leave, bannerForMs)
    scene.banner = undefined
    draw()
  }
  setTimeout(leave, bannerForMs)
}

/** Counts what was asked to be shown: of two answers that overtake each other the later question wins. */
let turn = 0
let stopFollowing = (): void => undefined

async function show(number: string): Promise<void> {
  const mine = ++turn
  const [handset, { messages }] = await Promise.all([readHandset(number), listMessages(number)])
  if (mine !== turn) return
  const { e164 } = handset
  said.clear()
  Object.assign(scene, { e164, handset, messages, banner: undefined } satisfies Partial<Scene>)
  scene.view = { app: messages.at(-1)?.channel ?? 'whatsapp', chat: undefined }
  stopFollowing()
  stopFollowing = follow(e164, {
    onOpen: () => void refresh(e164).catch(report),
    onLost,
    onEvent(kind, data) {
      if (kind === 'message') onMessage(data)
      // News of the sender's side carries no id of a message on the screen.
      if (kind === 'status' && data.id) {
        scene.messages = scene.messages.map((one) => (one.id === data.id ? { ...one, status: data.status } : one))
        draw()
      }
      if (kind === 'handset') {
        scene.handset = data
        showSettings(data)
        draw()
      }
    },
  })
  showNumber(e164)
  showSettings(handset)
  draw()
}

/** Reads what may have been missed. What came or was switched meanwhile is newer than what was read. */
async function refresh(e164: string): Promise<void> {
  const before = new Map(scene.messages.map(({ id, status }) => [id, status]))
  const handsetBefore = scene.handset
  const [handset, read] = await Promise.all([readHandset(e164), listMessages(e164)])
  if (scene.e164 !== e164) return
  const newer = new Map(
    scene.messages.filter(({ id, status }) => before.get(id) !== status).map((one) => [one.id, one]),
  )
  const messages = read.messages.map((one) => newer.get(one.id) ?? one)
  const known = new Set(messages.map(({ id }) => id))
  scene.messages = [...messages, ...[...newer.values()].filter(({ id }) => !known.has(id))]
  const newest = scene.messages.at(-1)
  if (newest && !before.has(newest.id) && isEmptyList()) scene.view = { app: newest.channel, chat: undefined }
  if (scene.handset === handsetBefore) scene.handset = handset
  scene.isLost = false
  showSettings(scene.handset ?? handset)
  readOpenChat()
  draw()
}

/** Nobody's phone yet: it becomes that of the first person who gets a message. */
function waitForAnybody(): void {
  const findNewest = async (): Promise<void> => {
    scene.isLost = false
    const written = (await listHandsets()).handsets.find(({ message_count }) => message_count > 0)
    if (scene.e164 === undefined && written) await show(written.e164)
    else draw()
  }
  stopFollowing = follow(undefined, {
    onOpen: () => void findNewest().catch(report),
    onLost,
    onEvent: (kind, { e164 }) => {
      if (kind === 'message' && scene.e164 === undefined) void show(e164).catch(report)
    },
  })
}

function onLost(): void {
  scene.isLost = true
  draw()
}

async function choose(e164: string): Promise<void> {
  await show(e164)
  // Loaded again, the page shows the same phone.
  const url = new URL(location.href)
  url.searchParams.set('to', e164)
  history.replaceState(null, '', url)
}

function announce(text: string): void {
  announcer.textContent = text
}

function say(text: string): void {
  announce(text)
  announcer.classList.add('shown')
  setTimeout(() => announcer.classList.remove('shown'), 5000)
}

function report(error: unknown): void {
  // Fetch throws a TypeError when nobody answers.
  say(error instanceof TypeError ? words.lost : (error as Error).message)
}

// The page that holds the frame tells when another number is tried. Who may hold it says the security policy.
addEventListener('message', (event: MessageEvent<{ centangPhone?: string; centangScheme?: string } | null>) => {
  if (event.source !== parent || event.data === null) return
  const { centangPhone, centangScheme } = event.data
  if (typeof centangScheme === 'string') page.dataset['scheme'] = centangScheme
  if (typeof centangPhone !== 'string') return
  heldBy(event.origin)
  if (centangPhone !== scene.e164) void show(centangPhone).catch(report)
})

draw()
const asked = query.get('to')
const wanted = asked === null ? undefined : normalise(asked)
if (asked !== null && wanted === undefined) say(words.badNumber)
if (wanted === undefined) waitForAnybody()
else await show(wanted).catch(report)
if (parent !== window) parent.postMessage({ centangPhoneReady: true }, '*')
