import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { curl, readPlace, serveByHand } from '../by-hand.ts'
import { type Chat, connectChat, type Heard } from '../chat.ts'
import { answer, serveJson, textOf } from '../json-server.ts'

interface Appointment {
  readonly id: string
  readonly name: string
  /** Only what comes from this phone speaks for the appointment. */
  phone: string
  slot: string
  status: 'proposed' | 'confirmed'
}

export interface Clinic {
  readonly server: Server
  readonly appointments: ReadonlyMap<string, Appointment>
  /** Where what people tap comes in. */
  readonly hear: (heard: Heard) => Promise<void>
}

/** A list of WhatsApp holds no more. */
const offeredMax = 10

/**
 * An appointment that is confirmed or moved by a tap in the chat. The slot is held from the proposal on, and taken in
 * one step: of many who tap the same one, one has it. Taps come again, late, and under messages that are long out of
 * date, so each says for which appointment and slot it is, and repeating it changes nothing.
 */
export function createClinic(chat: Chat, slots: readonly string[]): Clinic {
  const appointments = new Map<string, Appointment>()
  const times = createTimes(slots)

  const offer = async ({ id, phone }: Appointment, { id: replyTo }: Heard, why: string): Promise<void> => {
    const choices = times.free().map((slot) => ({ id: `take:${id}:${slot}`, title: slot }))
    const isFull = choices.length === 0
    await chat.say(
      {
        to: phone,
        reply_to: replyTo,
        text: isFull ? `${why}Nothing else is free; we will call you.` : `${why}When would suit you?`,
        ...(!isFull && { list: { label: 'See times', choices } }),
      },
      `offer ${replyTo}`,
    )
  }

  const confirm = async (appointment: Appointment, heard: Heard): Promise<void> => {
    appointment.status = 'confirmed'
    const text = `Thank you, ${appointment.name}. We expect you on ${appointment.slot}.`
    await chat.say({ to: appointment.phone, reply_to: heard.id, text }, `confirm ${heard.id}`)
  }

  const hear = async (heard: Heard): Promise<void> => {
    const [verb = '', id = '', slot = ''] = /^(\w+):([\w-]+):?(.*)$/.exec(heard.choice ?? '')?.slice(1) ?? []
    const appointment = appointments.get(id)
    // Ids can be guessed; a phone can not.
    if (!appointment || appointment.phone !== heard.contact) return
    if (verb === 'move') return offer(appointment, heard, '')
    if (verb === 'confirm') {
      const isCurrent = appointment.slot === slot
      return isCurrent
        ? confirm(appointment, heard)
        : offer(appointment, heard, `It is on ${appointment.slot} by now. `)
    }
    if (verb !== 'take') return
    if (!times.take(slot, id)) return offer(appointment, heard, 'Somebody was faster. ')
    if (appointment.slot !== slot) times.give(appointment.slot)
    appointment.slot = slot
    await confirm(appointment, heard)
  }

  const server = serveJson({
    'POST /appointments': async (asked) => {
      const [name, phone, slot] = [textOf(asked, 'name'), textOf(asked, 'phone'), textOf(asked, 'slot')]
      const id = randomUUID()
      if (name === '' || phone === '') return answer(400, { error: 'name_and_phone_required' })
      if (!times.take(slot, id)) return answer(409, { error: 'slot_unavailable', free: times.free() })
      const appointment: Appointment = { id, name, phone, slot, status: 'proposed' }
      appointments.set(id, appointment)
      const said = await chat.say(proposalOf(appointment), `propose ${id}`).catch((error: unknown) => {
        appointments.delete(id)
        times.give(slot)
        throw error
      })
      // As Centang spells it, and will spell it when the person answers.
      appointment.phone = said.contact
      return answer(201, { id, slot, message: said.status })
    },

    'GET /appointments': () => answer(200, { appointments: [...appointments.values()] }),
  })
  return { server, appointments, hear }
}

const proposalOf = ({ id, name, phone, slot }: Appointment) => ({
  to: phone,
  template: {
    name: 'appointment',
    language: 'en_US',
    parameters: [name, slot],
    payloads: [`confirm:${id}:${slot}`, `move:${id}`],
  },
})

interface Times {
  /** False: somebody else has it. */
  take(slot: string, id: string): boolean
  give(slot: string): void
  free(): string[]
}

/** Whose each slot is. */
function createTimes(slots: readonly string[]): Times {
  const holders = new Map<string, string>()
  return {
    // There is no `await` between the look and the taking.
    take(slot, id) {
      if (!slots.includes(slot) || (holders.get(slot) ?? id) !== id) return false
      holders.set(slot, id)
      return true
    },
    give: (slot) => void holders.delete(slot),
    free: () => slots.filter((slot) => !holders.has(slot)).slice(0, offeredMax),
  }
}

if (import.meta.main) {
  const place = await readPlace()
  const chat = connectChat(place)
  const clinic = createClinic(chat, ['1 Dec, 09:00', '1 Dec, 09:30', '1 Dec, 10:00', '2 Dec, 14:00', '2 Dec, 14:30'])
  void chat.follow(clinic.hear, new AbortController().signal)
  serveByHand(clinic.server, 4007, (own) => [
    ['Propose an appointment', curl(`${own}/appointments`, { name: 'Budi', phone: place.phone, slot: '1 Dec, 09:00' })],
    [
      `Confirm it, or move it, by a tap on the phone, ${place.url}/simulator/phone. Then see`,
      curl(`${own}/appointments`),
    ],
  ])
}
