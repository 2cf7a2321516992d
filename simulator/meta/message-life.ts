import type { TakenFaults } from '../faults/faults.ts'
import type { ReceiptStatus } from '../handsets/handset-state.ts'
import type { PhoneMessage } from '../handsets/handset.ts'
import type { World } from '../world/world.ts'
import type { AccountNumber } from './account.ts'
import { knownError } from './graph/error-catalogue.ts'
import { enqueueStatus } from './message-news.ts'

/** A WhatsApp message that the Graph API has accepted. */
export interface Accepted {
  readonly wamid: string
  readonly number: AccountNumber
  readonly digits: string
  readonly reference: string | undefined
  /** Seconds it waits for a phone that is off; after that it is dropped without a word. */
  readonly ttlSeconds: number
  readonly category: 'authentication' | 'utility' | 'marketing' | 'service'
  readonly faults: TakenFaults
  /** Code it fails with, instead of arriving; absent: what the handset says. */
  readonly failsWith?: number | undefined
  readonly screen: Omit<PhoneMessage, 'id' | 'receivedAt' | 'isRead'>
}

const sentAfterMs = 20
const arrivesAfterMs = 60

/** What happens after the answer: sent, delivered, read, failed, or silence. */
export function beginLife(world: World, message: Accepted): void {
  const { kinds, holdMs, isReleased } = message.faults
  if (kinds.has('hold')) {
    const end = (): void => (isReleased ? goOut(world, message) : fail(world, message, 132015))
    world.clock.setTimer(world.clock.now() + holdMs, end)
  } else {
    goOut(world, message)
  }
}

function goOut(world: World, message: Accepted): void {
  if (message.faults.kinds.has('silence')) return
  const { clock } = world
  const now = clock.now()
  const { state } = world.handset(message.digits)
  const unreachable = state.whatsapp && !state.blocked ? undefined : 131026
  const failsWith = message.failsWith ?? state.failsWith ?? unreachable
  if (failsWith === undefined || state.failsAfterSent)
    clock.setTimer(now + sentAfterMs, () => report(world, message, 'sent', pricingOf(message)))
  if (failsWith !== undefined) {
    clock.setTimer(now + arrivesAfterMs, () => fail(world, message, failsWith))
    return
  }
  const expiresAt = now + message.ttlSeconds * 1000
  clock.setTimer(now + arrivesAfterMs + state.delayMs, () => arrive(world, message, expiresAt))
}

function arrive(world: World, message: Accepted, expiresAt: number): void {
  const handset = world.handset(message.digits)
  if (!handset.state.online) {
    world.hold(handset, { expiresAt, deliver: () => arrive(world, message, expiresAt) })
    return
  }
  if (world.clock.now() >= expiresAt) return
  const shown = world.show(handset, message.screen)
  const { chatOpen, readReceipts, changesHands } = handset.state
  // With the chat on the screen WhatsApp skips `delivered`; without read receipts it can't.
  shown.isRead = chatOpen
  report(world, message, chatOpen && readReceipts ? 'read' : 'delivered', pricingOf(message))
  if (changesHands) handset.state.identityKeyHash = world.random.hex(12)
}

/** The person has seen it. */
export function markRead(world: World, digits: string, shown: PhoneMessage): void {
  if (shown.isRead) return
  shown.isRead = true
  world.announce(digits, 'status', { id: shown.id, status: 'read' })
  const found = world.outbound.findLast(({ providerMessageId }) => providerMessageId === shown.providerMessageId)
  if (!found?.number || !world.handset(digits).state.readReceipts) return
  const { providerMessageId: wamid, number, reference, faults } = found
  enqueueStatus(world, { status: 'read', number, digits, wamid, reference, faults, extra: {} })
}

function fail(world: World, message: Accepted, code: number): void {
  const { title } = knownError(code)
  report(world, message, 'failed', {
    errors: [
      {
        code,
        title,
        message: title,
        error_data: { details: `Message failed to send: ${title}.` },
        href: '/documentation/business-messaging/whatsapp/support/error-codes',
      },
    ],
  })
}

const pricingOf = ({ category }: Accepted): object => ({
  pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category },
})

function report(world: World, message: Accepted, status: ReceiptStatus, extra: object): void {
  const { number, digits, wamid, reference, faults } = message
  world.announce(digits, 'status', { provider_message_id: wamid, status })
  enqueueStatus(world, { status, number, digits, wamid, reference, faults: faults.kinds, extra: { ...extra } })
}
