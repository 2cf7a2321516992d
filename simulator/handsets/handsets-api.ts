import type { FastifyInstance } from 'fastify'
import { ControlError, e164, type Reader, readMembers } from '../control/control-body.ts'
import { answerOf, numberTo, writeToBusiness } from '../meta/inbound.ts'
import { markRead } from '../meta/message-life.ts'
import type { World } from '../world/world.ts'
import { readHandsetState, representHandset } from './handset-settings.ts'
import { createStreams } from './handset-stream.ts'
import type { Handset, PhoneMessage } from './handset.ts'

/** As long as WhatsApp's. */
const textMax = 4096

const anyText: Reader<string> = (value, name) => {
  if (typeof value !== 'string' || value === '' || value.length > textMax)
    throw new ControlError(400, `"${name}" must be a text of 1 to ${textMax} characters.`)
  return value
}

/** The phones: what is on their screens, what their owners do, and what state they are in. */
export async function handsetRoutes(app: FastifyInstance, { world }: { world: World }): Promise<void> {
  const handsetOf = (params: unknown): Handset => world.handset(e164((params as { e164: string }).e164, 'e164'))
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
    const message = messageOf(handset, request.params)
    const { button } = readMembers(request.body, { button: anyText })
    return press(world, handset, message, button)
  })
  app.post('/handsets/:e164/reply', async (request) => {
    const handset = handsetOf(request.params)
    const {
      text,
      channel = 'whatsapp',
      to,
    } = readMembers(request.body, { text: anyText, channel: anyText, to: anyText })
    if (text === undefined) throw new ControlError(400, '"text" is required.')
    if (channel !== 'whatsapp') throw new ControlError(400, 'Only WhatsApp can be answered.')
    writeToBusiness(world, handset, numberTo(world, handset, to), { type: 'text', text: { body: text } }, text)
    return { sent: true }
  })
  const streams = createStreams(app, world, representMessage)
  app.get('/handsets/:e164/stream', (request, reply) => streams.open(request, reply, handsetOf(request.params).digits))
  app.get('/stream', (request, reply) => streams.open(request, reply, undefined))
}

function setState(world: World, handset: Handset, body: unknown): void {
  Object.assign(handset.state, readHandsetState(body))
  handset.isSet = true
  handset.touchedAt = world.clock.now()
  world.announce(handset.digits, 'handset', representHandset(handset))
  if (handset.state.online) {
    const waiting = handset.waiting
    handset.waiting = []
    for (const { deliver } of waiting) deliver()
  }
}

function press(world: World, handset: Handset, message: PhoneMessage, wanted: unknown): object {
  // A business may call a button of its own `reply`: ids come first.
  const button = message.buttons.find(({ id }) => id === wanted) ?? message.buttons.find(({ kind }) => kind === wanted)
  if (!button) {
    const offered = message.buttons.map(({ id }) => id).join(', ') || 'none'
    throw new ControlError(400, `The message has no such button. It has: ${offered}.`)
  }
  markRead(world, handset.digits, message)
  const answer = answerOf(button)
  if (answer) {
    const context = { from: message.from, id: message.providerMessageId }
    writeToBusiness(world, handset, numberTo(world, handset, message.from), { ...answer, context }, button.label)
    return { pressed: button.id }
  }
  if (message.codeExpiresAt !== undefined && world.clock.now() >= message.codeExpiresAt)
    throw new ControlError(410, 'The code has expired: the button does nothing any more.', 'code_expired')
  const app = button.kind === 'autofill' ? { app: handset.state.apps[0]?.packageName ?? null } : {}
  return { pressed: button.id, code: message.code, ...app }
}

const representMessage = (message: PhoneMessage): object => ({
  id: message.id,
  channel: message.channel,
  direction: message.direction,
  from: message.from,
  to: message.to ?? null,
  brand: message.brand,
  verified: message.verified,
  text: message.text,
  text_markup: message.textMarkup,
  footer: message.footer ?? null,
  code: message.code ?? null,
  code_expires_at: message.codeExpiresAt === undefined ? null : new Date(message.codeExpiresAt).toISOString(),
  buttons: message.buttons,
  list_label: message.listLabel ?? null,
  status: message.isRead ? 'read' : 'delivered',
  received_at: new Date(message.receivedAt).toISOString(),
})
