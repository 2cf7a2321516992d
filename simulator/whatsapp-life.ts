import { callbackUrlOf } from './account.ts'
import type { FaultKind } from './faults.ts'
import type { PhoneMessage } from './handset.ts'
import type { World } from './world.ts'

/** A WhatsApp message that the Graph API has accepted. */
export interface Accepted {
  readonly wamid: string
  readonly digits: string
  readonly reference: string | undefined
  /** Seconds it waits for a phone that is off; after that it is dropped without a word. */
  readonly ttlSeconds: number
  readonly category: 'authentication' | 'utility' | 'marketing' | 'service'
  readonly faults: ReadonlySet<FaultKind>
  /** Code it fails with, instead of arriving. */
  readonly failsWith?: number | undefined
  readonly screen: Omit<PhoneMessage, 'id' | 'receivedAt' | 'isRead'>
}

const sentAfterMs = 20
const arrivesAfterMs = 60
const heldForMs = 60_000

const titles: Readonly<Record<number, string>> = {
  131026: 'Message undeliverable',
  131047: 'Re-engagement message',
  132015: 'Template is paused',
  137000: 'Identity key mismatch',
}

/** What happens after the answer: sent, delivered, read, failed, or silence. */
export function beginLife(world: World, message: Accepted): void {
  const { clock } = world
  const now = clock.now()
  if (message.faults.has('hold')) {
    clock.setTimer(now + heldForMs, () => fail(world, message, 132015))
    return
  }
  if (message.faults.has('silence')) return
  const { state } = world.handset(message.digits)
  const failsWith = message.failsWith ?? (state.whatsapp && !state.blocked ? undefined : 131026)
  if (failsWith !== undefined) {
    clock.setTimer(now + arrivesAfterMs, () => fail(world, message, failsWith))
    return
  }
  clock.setTimer(now + sentAfterMs, () => tell(world, message, 'sent', { withPricing: true }))
  const expiresAt = now + message.ttlSeconds * 1000
  clock.setTimer(now + arrivesAfterMs + state.delayMs, () => arrive(world, message, expiresAt))
}

function arrive(world: World, message: Accepted, expiresAt: number): void {
  const handset = world.handset(message.digits)
  if (!handset.state.online) {
    handset.waiting.push({ expiresAt, deliver: () => arrive(world, message, expiresAt) })
    return
  }
  if (world.clock.now() >= expiresAt) return
  const shown = world.show(handset, message.screen)
  const { chatOpen, readReceipts } = handset.state
  if (!chatOpen) return tell(world, message, 'delivered', { withPricing: true })
  // With the chat on the screen WhatsApp skips `delivered`; without read receipts it can't.
  shown.isRead = true
  tell(world, message, readReceipts ? 'read' : 'delivered', { withPricing: true })
}

/** The person has seen it. */
export function markRead(world: World, digits: string, shown: PhoneMessage): void {
  if (shown.isRead) return
  shown.isRead = true
  world.tell(digits, 'status', { id: shown.id, status: 'read' })
  const found = world.outbound.findLast(({ providerMessageId }) => providerMessageId === shown.providerMessageId)
  if (shown.channel !== 'whatsapp' || !found || !world.handset(digits).state.readReceipts) return
  enqueueStatus(world, new Set(), 'read', digits, shown.providerMessageId, found.reference, {})
}

function fail(world: World, message: Accepted, code: number): void {
  const title = titles[code] ?? 'Something went wrong'
  tell(world, message, 'failed', {
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

interface Extra {
  readonly withPricing?: boolean
  readonly errors?: readonly unknown[]
}

function tell(world: World, message: Accepted, status: string, extra: Extra): void {
  const { digits, wamid, reference, faults } = message
  world.tell(digits, 'status', { provider_message_id: wamid, status })
  const pricing = extra.withPricing
    ? { pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: message.category } }
    : {}
  enqueueStatus(world, faults, status, digits, wamid, reference, {
    ...pricing,
    ...(extra.errors && { errors: extra.errors }),
  })
}

/** Statuses of a message in the wrong order: the first comes last. */
const reorderDelaysMs: Readonly<Record<string, number>> = { sent: 400, delivered: 200 }
const duplicateAfterMs = 50

function enqueueStatus(
  world: World,
  faults: ReadonlySet<FaultKind>,
  status: string,
  digits: string,
  wamid: string,
  reference: string | undefined,
  extra: Readonly<Record<string, unknown>>,
): void {
  if (faults.has('drop_receipts')) return
  const item = {
    id: wamid,
    status,
    timestamp: String(Math.floor(world.clock.now() / 1000)),
    recipient_id: digits,
    recipient_user_id: userIdOf(digits),
    ...(reference !== undefined && { biz_opaque_callback_data: reference }),
    ...extra,
  }
  const delayMs = faults.has('reorder_receipts') ? (reorderDelaysMs[status] ?? 0) : 0
  enqueueMeta(world, 'statuses', item, delayMs)
  if (faults.has('duplicate_receipts')) enqueueMeta(world, 'statuses', item, delayMs + duplicateAfterMs)
}

/** Puts one status or one inbound message on its way to the business. */
export function enqueueMeta(world: World, kind: 'statuses' | 'messages', item: unknown, delayMs = 0): void {
  const { account } = world
  const url = callbackUrlOf(account)
  if (url === undefined) return
  world.webhooks.enqueue(
    {
      url,
      secret: account.appSecret,
      signatureHeader: 'x-hub-signature-256',
      kind,
      item,
      itemsMax: kind === 'statuses' ? 100 : 1,
      compose: (items) => ({
        object: 'whatsapp_business_account',
        entry: [
          {
            id: account.wabaId,
            changes: [
              {
                field: 'messages',
                value: {
                  messaging_product: 'whatsapp',
                  metadata: {
                    display_phone_number: account.displayPhoneNumber,
                    phone_number_id: account.phoneNumberId,
                  },
                  contacts: [contactOf(items[0] as { recipient_id?: string; from?: string })],
                  [kind]: items,
                },
              },
            ],
          },
        ],
      }),
    },
    delayMs,
  )
}

/** Business-scoped user id, in the form of 2026. */
const userIdOf = (digits: string): string => `ZZ.${BigInt(`1${digits}`) * 7919n}`

const contactOf = (item: { readonly recipient_id?: string; readonly from?: string }): object => {
  const digits = item.recipient_id ?? item.from ?? ''
  return { wa_id: digits, user_id: userIdOf(digits), profile: { name: 'Zoë \u{1f642}' } }
}
