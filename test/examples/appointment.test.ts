import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createClinic } from '../../examples/appointment/server.ts'
import { connectChat } from '../../examples/chat.ts'
import { eventually, freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { type Example, serveExample } from './serve-example.ts'

const slots = Array.from({ length: 30 }, (_, n) => `${1 + Math.floor(n / 10)} Dec, ${9 + (n % 10)}:00`)

describe('an appointment in the chat', () => {
  let server: SharedServer
  let desk: Example
  const stopping = new AbortController()
  let following: Promise<void>
  before(async () => {
    server = await sharedServer()
    const chat = connectChat(server)
    const clinic = createClinic(chat, slots)
    following = chat.follow(clinic.hear, stopping.signal)
    desk = await serveExample(clinic.server)
  })
  after(async () => {
    stopping.abort()
    await following
    desk.stop()
    await server.stop()
  })

  const onPhone = async (phone: string): Promise<any[]> =>
    (await server.simulate('GET', `/handsets/${phone}/messages`)).body.messages.filter(
      ({ direction }: { direction: string }) => direction === 'out',
    )
  const shown = (phone: string, text: string): Promise<any> =>
    eventually(async () => (await onPhone(phone)).findLast((one) => one.text.includes(text)), 15_000)
  const press = async (phone: string, message: any, label: string): Promise<void> => {
    const { id } = message.buttons.find((one: { label: string }) => one.label === label)
    const { status } = await server.simulate('POST', `/handsets/${phone}/messages/${message.id}/press`, { button: id })
    assert.equal(status, 200)
  }
  const propose = async (slot: string): Promise<{ id: string; phone: string; proposal: any }> => {
    const phone = freshNumber()
    const { status, body } = await desk.call('POST', '/appointments', { name: 'Budi', phone, slot })
    assert.equal(status, 201, JSON.stringify(body))
    return { id: body.id, phone, proposal: await shown(phone, `appointment is on ${slot}`) }
  }
  const stateOf = async (id: string): Promise<any> =>
    (await desk.call('GET', '/appointments')).body.appointments.find((one: { id: string }) => one.id === id)

  it('is confirmed by a tap', async () => {
    const [slot = ''] = slots
    const { id, phone, proposal } = await propose(slot)
    await press(phone, proposal, 'Confirm')
    await shown(phone, `We expect you on ${slot}`)
    assert.deepEqual([(await stateOf(id)).status, (await stateOf(id)).slot], ['confirmed', slot])
    const taken = await desk.call('POST', '/appointments', { name: 'Sari', phone: freshNumber(), slot })
    assert.deepEqual([taken.status, taken.body.error], [409, 'slot_unavailable'])
  })

  it('is moved by two taps, which frees the first slot; the old button then confirms nothing', async () => {
    const [, first = '', , second = ''] = slots
    const { id, phone, proposal } = await propose(first)
    await press(phone, proposal, 'Another time')
    await press(phone, await shown(phone, 'When would suit you?'), second)
    await shown(phone, `We expect you on ${second}`)
    await press(phone, proposal, 'Confirm')
    await shown(phone, `It is on ${second} by now`)
    assert.deepEqual([(await stateOf(id)).slot, (await stateOf(id)).status], [second, 'confirmed'])
    await propose(first)
  })

  it('gives one slot to one of ten who tap it in the same moment, and asks the others again', async () => {
    const wanted = slots[15] as string
    const people = await Promise.all(slots.slice(4, 14).map((slot) => propose(slot)))
    await Promise.all(people.map(({ phone, proposal }) => press(phone, proposal, 'Another time')))
    const offers = await Promise.all(people.map(({ phone }) => shown(phone, 'When would suit you?')))
    await Promise.all(people.map(({ phone }, n) => press(phone, offers[n], wanted)))
    await Promise.all(
      people.map(({ phone }) =>
        shown(phone, '').then(() => eventually(async () => (await onPhone(phone)).length >= 3, 20_000)),
      ),
    )
    const { appointments } = (await desk.call('GET', '/appointments')).body
    assert.equal(appointments.filter(({ slot }: { slot: string }) => slot === wanted).length, 1)
    assert.equal(new Set(appointments.map(({ slot }: { slot: string }) => slot)).size, appointments.length)
    const told = await Promise.all(people.map(async ({ phone }) => (await onPhone(phone)).at(-1).text as string))
    assert.equal(told.filter((text) => text.startsWith('Thank you')).length, 1)
    assert.equal(told.filter((text) => text.startsWith('Somebody was faster')).length, 9)
  })

  it('a tap that is told twice is answered once', async () => {
    const slot = slots.at(-1) as string
    const { phone, proposal } = await propose(slot)
    await server.simulate('POST', '/faults', { kind: 'duplicate_messages', to: phone, count: 1 })
    await press(phone, proposal, 'Confirm')
    await shown(phone, `We expect you on ${slot}`)
    await new Promise((done) => setTimeout(done, 700))
    assert.equal((await onPhone(phone)).length, 2)
  })

  it('nobody else can answer for it, though they know its id', async () => {
    const { id, phone } = await propose(slots[20] as string)
    const stranger = await propose(slots[21] as string)
    const chat = connectChat(server)
    await chat.say(
      {
        to: stranger.phone,
        template: {
          name: 'appointment',
          language: 'en_US',
          parameters: ['Eve', 'now'],
          payloads: [`confirm:${id}:${slots[20]}`, 'x'],
        },
      },
      `forged ${id}`,
    )
    await press(stranger.phone, await shown(stranger.phone, 'Eve'), 'Confirm')
    await new Promise((done) => setTimeout(done, 700))
    assert.equal((await stateOf(id)).status, 'proposed')
    assert.equal((await onPhone(phone)).length, 1)
  })
})
