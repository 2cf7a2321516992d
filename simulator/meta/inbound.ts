import { ControlError } from '../control/control-body.ts'
import type { Handset, PhoneButton } from '../handsets/handset.ts'
import type { World } from '../world/world.ts'
import type { AccountNumber } from './account.ts'
import { enqueueMeta } from './message-news.ts'
import { waIdOf } from './wa-id.ts'
import { makeWamid } from './wamid.ts'

/** What a person writes to a number of the business, by hand or by a button. */
export function writeToBusiness(
  world: World,
  handset: Handset,
  number: AccountNumber,
  content: object,
  text: string,
): void {
  const from = waIdOf(handset.digits)
  const id = makeWamid(from, 'in', `3A${world.random.hex(18)}`)
  const now = world.clock.now()
  handset.lastWroteAt.set(number.phoneNumberId, now)
  const item = { from, id, timestamp: String(Math.floor(now / 1000)), ...content }
  enqueueMeta(world, number, 'messages', item)
  if (world.faults.takeInbound(handset.digits)) enqueueMeta(world, number, 'messages', item)
  world.show(handset, {
    channel: 'whatsapp',
    direction: 'in',
    from: handset.digits,
    to: number.displayPhoneNumber,
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

/** The number that is written to: the one that is named, else the one whose message came last, else the first. */
export function numberTo({ account }: World, handset: Handset, named: string | undefined): AccountNumber {
  const ofDigits = (digits: string | undefined): AccountNumber | undefined =>
    account.numbers.find(({ displayPhoneNumber }) => displayPhoneNumber === digits)
  const found = ofDigits(named?.replace('+', ''))
  if (named !== undefined && !found) throw new ControlError(400, '"to" must be a number of the business.')
  const last = handset.messages.findLast(({ channel, direction }) => channel === 'whatsapp' && direction === 'out')
  return found ?? ofDigits(last?.from) ?? account.numbers[0]
}

/** What a button tells the business; undefined of those that only hand over a code. */
export function answerOf({ id, kind, label, description }: PhoneButton): object | undefined {
  const row = { id, title: label, ...(description !== undefined && { description }) }
  switch (kind) {
    case 'not_requested':
      return { type: 'button', button: { payload: 'DID_NOT_REQUEST_CODE', text: label } }
    case 'quick_reply':
      return { type: 'button', button: { payload: id, text: label } }
    case 'reply':
      return { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id, title: label } } }
    case 'choice':
      return { type: 'interactive', interactive: { type: 'list_reply', list_reply: row } }
    case 'copy_code':
    case 'autofill':
      return undefined
  }
}
