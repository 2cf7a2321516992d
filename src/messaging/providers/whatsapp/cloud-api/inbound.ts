import type { InboundMessage } from '#messaging/core/chat.ts'
import type { PersonChange, PersonTold } from '#messaging/core/contact.ts'
import type { NewsItem } from '#messaging/core/news.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { vendorId } from '#messaging/providers/vendor-text.ts'
import { shorten } from '#platform/core/storable-text.ts'
import { configOf } from './config.ts'
import { type Fields, fieldsOf, listOf, timeOf, wordOf } from './fields.ts'
import { isSomebody, toldOf } from './person.ts'

/** Payload of the button under authentication messages. */
const denialPayload = 'DID_NOT_REQUEST_CODE'

/** `contacts` of a POST: names, and what else is told of each person, by number and by id. */
export type Contacts = ReadonlyMap<string, Fields>

export const contactsOf = (contacts: readonly unknown[]): Contacts =>
  new Map(
    contacts
      .map(fieldsOf)
      .flatMap((one) =>
        [one['wa_id'], one['user_id']].flatMap((id) => (typeof id === 'string' ? [[id, one] as const] : [])),
      ),
  )

/** What a person wrote, tapped, or is called from now on; the contact of the same POST tells more of them. */
export function* readInbound(message: Fields, contacts: Contacts, sender: Sender): Generator<NewsItem> {
  const { id } = message
  const at = timeOf(message['timestamp'])
  if (isDenial(message)) {
    const { id: denied } = fieldsOf(message['context'])
    if (typeof denied === 'string' && at) yield { kind: 'denial', denial: { providerMessageId: vendorId(denied), at } }
    else yield { kind: 'unreadable', what: 'a denial that names no message' }
    return
  }
  const contact = contactOf(message, contacts)
  const from = fromOf(message, contact)
  if (typeof id !== 'string' || id === '' || !at || !isSomebody(from)) {
    yield { kind: 'unreadable', what: `a message of type ${typeOf(message)} without id, time or writer` }
    return
  }
  if (configOf(sender).identity_check === true) yield* readIdentity(message, from, contact, at)
  const change = changeOf(message, from)
  const providerMessageId = vendorId(id)
  if (change) yield { kind: 'person', change: { ...change, providerMessageId, before: from, at } }
  yield { kind: 'message', message: { providerMessageId, from: change?.after ?? from, at, ...contentOf(message) } }
}

/** Where a message says nothing of its writer, the one person of the POST wrote it. */
function contactOf({ from, from_user_id: userId }: Fields, contacts: Contacts): Fields {
  const found = contacts.get(wordOf(from)) ?? contacts.get(wordOf(userId))
  const people = new Set(contacts.values())
  const [only] = people
  return found ?? (from === undefined && userId === undefined && people.size === 1 ? only : undefined) ?? {}
}

const isDenial = (message: Fields): boolean => fieldsOf(message['button'])['payload'] === denialPayload

const nameMax = 200

function fromOf(message: Fields, contact: Fields): PersonTold {
  const profile = fieldsOf(contact['profile'])
  const told = (value: unknown): string | undefined =>
    typeof value === 'string' && value !== '' ? shorten(value, nameMax) : undefined
  const [name, username] = [told(profile['name']), told(profile['username'])]
  return {
    ...toldOf(
      message['from'] ?? contact['wa_id'],
      fieldsOf(message['system'])['previous_user_id'] ?? message['from_user_id'] ?? contact['user_id'],
    ),
    ...(name !== undefined && { name }),
    ...(username !== undefined && { username }),
  }
}

/** Who somebody is from now on, when a message of type `system` says so. */
function changeOf(message: Fields, { name, username }: PersonTold): Pick<PersonChange, 'kind' | 'after'> | undefined {
  if (message['type'] !== 'system') return undefined
  const system = fieldsOf(message['system'])
  const [, kind] = /^(?:user|customer)_changed_(number|user_id)$/.exec(wordOf(system['type'])) ?? []
  const after = toldOf(system['wa_id'] ?? system['new_wa_id'], system['user_id'])
  if (kind === undefined || !isSomebody(after)) return undefined
  const called = { ...(name !== undefined && { name }), ...(username !== undefined && { username }) }
  return { kind: kind === 'number' ? 'number' : 'id', after: { ...after, ...called } }
}

function* readIdentity(message: Fields, { phone }: PersonTold, contact: Fields, at: Date): Generator<NewsItem> {
  const keyHash = contact['identity_key_hash'] ?? fieldsOf(message['identity'])['hash']
  if (phone !== undefined && typeof keyHash === 'string') yield { kind: 'identity', identity: { phone, keyHash, at } }
}

const wordMax = 40
const textMax = 4096

const typeOf = (message: Fields): string => shorten(wordOf(message['type']), wordMax)

const textOf = (value: unknown): string => (typeof value === 'string' ? shorten(value, textMax) : '')

type Content = Pick<InboundMessage, 'type' | 'text' | 'choice' | 'quotes' | 'group'>

function contentOf(message: Fields): Content {
  const { type } = message
  const about =
    fieldsOf(message['context'])['id'] ??
    fieldsOf(message['edit'])['original_message_id'] ??
    fieldsOf(message['revoke'])['original_message_id'] ??
    fieldsOf(message['reaction'])['message_id']
  const group = message['group_id']
  const choice = choiceOf(message)
  return {
    type: typeOf(message),
    text: type === 'edit' ? saidIn(fieldsOf(fieldsOf(message['edit'])['message'])) : saidIn(message),
    ...(choice !== undefined && { choice }),
    ...(typeof about === 'string' && { quotes: vendorId(about) }),
    ...(typeof group === 'string' && { group: vendorId(group) }),
  }
}

function choiceOf(message: Fields): string | undefined {
  const answer = fieldsOf(message['interactive'])
  const id =
    message['type'] === 'button'
      ? fieldsOf(message['button'])['payload']
      : message['type'] === 'interactive'
        ? fieldsOf(answer['button_reply'] ?? answer['list_reply'])['id']
        : undefined
  return typeof id === 'string' ? textOf(id) : undefined
}

/** What a person says with words, whatever kind of message they stand in. */
function saidIn(message: Fields): string {
  const of = (name: string): Fields => fieldsOf(message[name])
  switch (message['type']) {
    case 'text':
      return textOf(of('text')['body'])
    case 'button':
      return textOf(of('button')['text'])
    case 'interactive': {
      const { button_reply: button, list_reply: row, nfm_reply: form } = of('interactive')
      return textOf(fieldsOf(button ?? row)['title'] ?? fieldsOf(form)['body'])
    }
    case 'image':
    case 'video':
    case 'document':
      return textOf(of(message['type'])['caption'] ?? of(message['type'])['filename'])
    case 'location':
      return textOf(of('location')['name'] ?? of('location')['address'])
    case 'contacts':
      return textOf(
        listOf(message['contacts'])
          .map((one) => wordOf(fieldsOf(one['name'])['formatted_name']))
          .join(', '),
      )
    case 'order':
      return textOf(of('order')['text'])
    case 'reaction':
      return textOf(of('reaction')['emoji'])
    case 'system':
      return textOf(of('system')['body'])
    default:
      return textOf(of('text')['body'])
  }
}
