import type { World } from '../../world/world.ts'
import type { AccountNumber } from '../account.ts'
import { beginLife } from '../message-life.ts'
import { waIdOf } from '../wa-id.ts'
import { makeWamid } from '../wamid.ts'
import { badParameter, GraphError } from './errors.ts'
import { type Fields, textOf } from './fields.ts'
import { freeMessage } from './free-message.ts'
import { readRecipient } from './recipient.ts'
import { takeTokens } from './send-limits.ts'
import { templateMessage, wantedTemplate } from './templates/message.ts'

/** Says how an accepted message is to be answered. */
export interface SendAnswer {
  readonly body: object
  /** `fail_after_acceptance`: the answer never arrives. */
  readonly isLost: boolean
  readonly slowMs: number
}

/** `POST /{phone_number_id}/messages`. Everything is validated before anything happens. */
export function sendMessage(world: World, number: AccountNumber, body: Fields): SendAnswer | object {
  refuseForAccount(world)
  if (body['messaging_product'] !== 'whatsapp') throw badParameter('The parameter messaging_product is required.')
  if (body['status'] !== undefined) return markMessageRead(body)
  const type = textOf(body['type']) ?? 'text'
  const template = type === 'template' ? wantedTemplate(world, body) : undefined
  if (body['to'] === undefined && body['recipient'] !== undefined && template?.category === 'AUTHENTICATION')
    throw new GraphError(131062, 'Authentication templates need a phone number.')
  const { digits, contact } = readRecipient(body, world.account, number)
  const message = template
    ? templateMessage(world, number, template, body, digits)
    : freeMessage(world, number, type, body, digits)
  const reference = readReference(body)
  const { state } = world.handset(digits)
  // Nothing but the hash that is given is compared, whether or not the check is on.
  const identity = textOf(body['recipient_identity_key_hash'])
  const failsWith =
    message.failsWith ?? (identity === undefined || identity === state.identityKeyHash ? undefined : 137000)
  takeTokens(world, digits)
  if (state.refusedWith !== undefined) throw new GraphError(state.refusedWith, 'The handset says so.')
  const faults = world.takeFaults(digits, 'whatsapp')
  const { kinds, slowMs } = faults
  if (kinds.has('fail_before_acceptance'))
    throw new GraphError(131000, 'Message failed to send due to an unknown error.')
  const wamid = makeWamid(waIdOf(digits), 'out', world.random.hex(18))
  const acceptedAt = world.clock.now()
  world.record({
    providerMessageId: wamid,
    channel: 'whatsapp',
    number,
    to: digits,
    reference,
    acceptedAt,
    faults: kinds,
  })
  beginLife(world, {
    wamid,
    number,
    digits,
    reference,
    ttlSeconds: message.ttlSeconds,
    category: message.category,
    faults,
    failsWith,
    screen: { ...message.screen, providerMessageId: wamid },
  })
  const status = kinds.has('hold') ? 'held_for_quality_assessment' : 'accepted'
  return {
    body: {
      messaging_product: 'whatsapp',
      contacts: [contact],
      messages: [{ id: wamid, ...(template && { message_status: status }) }],
    },
    isLost: kinds.has('fail_after_acceptance'),
    slowMs: kinds.has('slow') ? slowMs : 0,
  }
}

function refuseForAccount({ account }: World): void {
  if (account.numberStatus !== 'CONNECTED') throw new GraphError(133010, 'The phone number is not registered.')
  if (account.refusedWith !== undefined) throw new GraphError(account.refusedWith, 'The account says so.')
}

/** The read mark and the typing indicator share the edge. */
function markMessageRead(body: Fields): object {
  if (body['status'] !== 'read' || typeof body['message_id'] !== 'string')
    throw badParameter('status must be "read" and message_id is required.')
  return { success: true }
}

function readReference(body: Fields): string | undefined {
  const reference = body['biz_opaque_callback_data']
  if (reference === undefined) return undefined
  if (typeof reference !== 'string' || reference.length > 512)
    throw badParameter('biz_opaque_callback_data must be a string of at most 512 characters.')
  return reference
}
