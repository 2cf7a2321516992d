import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Handset, PhoneMessage } from './handset.ts'
import type { HandsetState } from './handset-state.ts'
import { makeWamid } from './wamid.ts'
import { enqueueMeta, markRead } from './whatsapp-life.ts'
import type { World, WorldEvent } from './world.ts'

/** Wrong use of the simulator's own routes. */
class ControlError extends Error {
  readonly statusCode: number

  constructor(statusCode: number, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}

/** The phones: what is on their screens, what their owners do, and what state they are in. */
export async function handsetRoutes(app: FastifyInstance, { world }: { world: World }): Promise<void> {
  const handsetOf = (params: unknown): Handset => world.handset(digitsOf((params as { e164: string }).e164))
  const messageOf = (handset: Handset, params: unknown): PhoneMessage => {
    const { id } = params as { id: string }
    const found = handset.messages.find((message) => message.id === id)
    if (!found) throw new ControlError(404, `There is no message ${id} on this phone.`)
    return found
  }

  app.get('/handsets', async () => ({ handsets: world.listHandsets().slice(0, 100).map(representHandset) }))
  app.get('/handsets/:e164', async (request) => representHandset(handsetOf(request.params)))
  app.put('/handsets/:e164', async (request) => {
    const handset = handsetOf(request.params)
    setState(world, handset, request.body)
    return representHandset(handset)
  })
  app.get('/handsets/:e164/messages', async (request) => ({
    messages: handsetOf(request.params).messages.map(representMessage),
  }))
  app.post('/handsets/:e164/messages/:id/read', async (request) => {
    const handset = handsetOf(request.params)
    const message = messageOf(handset, request.params)
    for (const one of handset.messages) {
      if (one.channel === message.channel && one.receivedAt <= message.receivedAt) markRead(world, handset.digits, one)
    }
    return { read: true }
  })
  app.post('/handsets/:e164/messages/:id/press', async (request) => {
    const handset = handsetOf(request.params)
    return press(world, handset, messageOf(handset, request.params), fieldsOf(request.body)['button'])
  })
  app.post('/handsets/:e164/reply', async (request) => {
    const handset = handsetOf(request.params)
    const { text } = fieldsOf(request.body)
    if (typeof text !== 'string' || text === '') throw new ControlError(400, '"text" is required.')
    writeToBusiness(world, handset, { type: 'text', text: { body: text } }, text)
    return { sent: true }
  })
  app.get('/handsets/:e164/stream', (request, reply) => {
    const { digits } = handsetOf(request.params)
    stream(app, world, reply, request.headers['last-event-id'], (event) => event.to === digits)
  })
  app.get('/stream', (request, reply) => stream(app, world, reply, request.headers['last-event-id'], () => true))
}

const fieldsOf = (body: unknown): Record<string, unknown> =>
  typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}

/** `+`, `%2B`, a space a plus became, or nothing in front of the digits. */
function digitsOf(spelled: string): string {
  const digits = spelled.replaceAll(/[\s+]/g, '')
  if (!/^[1-9]\d{6,14}$/.test(digits))
    throw new ControlError(400, 'The path must hold a number in E.164 form, for example +6281234567890.')
  return digits
}

const flags = {
  whatsapp: 'whatsapp',
  sms: 'sms',
  online: 'online',
  read_receipts: 'readReceipts',
  blocked: 'blocked',
  chat_open: 'chatOpen',
} as const

function setState(world: World, handset: Handset, body: unknown): void {
  const changes: Partial<HandsetState> = {}
  for (const [name, value] of Object.entries(fieldsOf(body))) {
    if (name in flags) {
      if (typeof value !== 'boolean') throw new ControlError(400, `"${name}" must be true or false.`)
      changes[flags[name as keyof typeof flags]] = value
    } else if (name === 'delay_ms') {
      if (typeof value !== 'number' || !(value >= 0 && value <= 3_600_000))
        throw new ControlError(400, '"delay_ms" must be 0 to 3600000.')
      changes.delayMs = value
    } else if (name === 'language' && typeof value === 'string') {
      changes.language = value
    } else if (name === 'apps' && Array.isArray(value)) {
      changes.apps = value
        .map(fieldsOf)
        .map((app) => ({ packageName: String(app['package_name']), signatureHash: String(app['signature_hash']) }))
    } else {
      throw new ControlError(
        400,
        `"${name}" is no state of a handset. There are ${Object.keys(flags).join(', ')}, delay_ms, language, apps.`,
      )
    }
  }
  Object.assign(handset.state, changes)
  handset.isSet = true
  handset.touchedAt = world.clock.now()
  world.tell(handset.digits, 'handset', representHandset(handset))
  if (handset.state.online) {
    const waiting = handset.waiting
    handset.waiting = []
    for (const { deliver } of waiting) deliver()
  }
}

function press(world: World, handset: Handset, message: PhoneMessage, wanted: unknown): object {
  const button = message.buttons.find(({ id, kind }) => id === wanted || kind === wanted)
  if (!button) {
    const offered = message.buttons.map(({ id }) => id).join(', ') || 'none'
    throw new ControlError(400, `The message has no such button. It has: ${offered}.`)
  }
  markRead(world, handset.digits, message)
  if (button.kind === 'not_requested') {
    const context = { from: message.from, id: message.providerMessageId }
    writeToBusiness(
      world,
      handset,
      { type: 'button', context, button: { payload: 'DID_NOT_REQUEST_CODE', text: button.label } },
      button.label,
    )
    return { pressed: button.id }
  }
  const app = button.kind === 'autofill' ? { app: handset.state.apps[0]?.packageName ?? null } : {}
  return { pressed: button.id, code: message.code, ...app }
}

function writeToBusiness(world: World, handset: Handset, content: object, text: string): void {
  const id = makeWamid(handset.digits, 'in', `3A${world.random.hex(18)}`)
  enqueueMeta(world, 'messages', {
    from: handset.digits,
    id,
    timestamp: String(Math.floor(world.clock.now() / 1000)),
    ...content,
  })
  world.show(handset, {
    channel: 'whatsapp',
    direction: 'in',
    from: handset.digits,
    brand: '',
    verified: false,
    text,
    textMarkup: text,
    footer: undefined,
    code: undefined,
    buttons: [],
    providerMessageId: id,
  })
}

const representHandset = ({ digits, state, messages, touchedAt }: Handset): object => ({
  e164: `+${digits}`,
  whatsapp: state.whatsapp,
  sms: state.sms,
  online: state.online,
  read_receipts: state.readReceipts,
  blocked: state.blocked,
  delay_ms: state.delayMs,
  chat_open: state.chatOpen,
  language: state.language,
  apps: state.apps.map(({ packageName, signatureHash }) => ({
    package_name: packageName,
    signature_hash: signatureHash,
  })),
  message_count: messages.length,
  touched_at: new Date(touchedAt).toISOString(),
})

const representMessage = (message: PhoneMessage): object => ({
  id: message.id,
  channel: message.channel,
  direction: message.direction,
  from: message.from,
  brand: message.brand,
  verified: message.verified,
  text: message.text,
  text_markup: message.textMarkup,
  footer: message.footer ?? null,
  code: message.code ?? null,
  buttons: message.buttons,
  status: message.isRead ? 'read' : 'delivered',
  received_at: new Date(message.receivedAt).toISOString(),
})

const heartbeatEveryMs = 15_000

/** Server-sent events; a page that comes back with Last-Event-ID gets what it missed. */
function stream(
  app: FastifyInstance,
  world: World,
  reply: FastifyReply,
  lastId: unknown,
  isWanted: (event: WorldEvent) => boolean,
): void {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-centang-simulator': '1',
  })
  raw.write('retry: 1000\n\n')
  const write = (event: WorldEvent): void => {
    if (!isWanted(event)) return
    const data =
      event.kind === 'message'
        ? { ...representMessage(event.data as PhoneMessage), to: `+${event.to}` }
        : { ...(event.data as object), to: `+${event.to}` }
    raw.write(`id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(data)}\n\n`)
  }
  if (typeof lastId === 'string' && /^\d+$/.test(lastId))
    for (const event of world.eventsAfter(Number(lastId))) write(event)
  const stop = world.listen(write)
  const heartbeat = setInterval(() => raw.write(': still here\n\n'), heartbeatEveryMs)
  heartbeat.unref()
  const close = (): void => {
    clearInterval(heartbeat)
    stop()
    raw.end()
  }
  raw.on('close', close)
  app.server.once('centang:closing', close)
}
