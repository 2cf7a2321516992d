import type { FaultKind } from '../faults/faults.ts'
import type { ReceiptStatus } from '../handsets/handset-state.ts'
import type { World } from '../world/world.ts'
import { type AccountNumber, callbackUrlOf } from './account.ts'
import { userIdOf, waIdOf } from './wa-id.ts'

/** Statuses of a message in the wrong order: the first comes last. */
const reorderDelaysMs: Readonly<Partial<Record<ReceiptStatus, number>>> = { sent: 400, delivered: 200 }
const duplicateAfterMs = 50

export interface StatusNews {
  readonly status: ReceiptStatus
  readonly number: AccountNumber
  readonly digits: string
  readonly wamid: string
  readonly reference: string | undefined
  readonly faults: ReadonlySet<FaultKind>
  readonly extra: Readonly<Record<string, unknown>>
}

/** Puts the status of a message on its way to the business, with what goes wrong on the way. */
export function enqueueStatus(world: World, news: StatusNews): void {
  const { status, number, digits, wamid, reference, faults, extra } = news
  if (faults.has('drop_receipts')) return
  const { state } = world.handset(digits)
  const item = {
    id: wamid,
    status,
    timestamp: String(Math.floor(world.clock.now() / 1000)),
    recipient_id: waIdOf(digits),
    recipient_user_id: userIdOf(digits),
    ...(world.account.isIdentityCheckOn && { recipient_identity_key_hash: state.identityKeyHash }),
    ...(reference !== undefined && { biz_opaque_callback_data: reference }),
    ...extra,
  }
  const late = state.receiptDelaysMs[status] ?? 0
  const delayMs = late + (faults.has('reorder_receipts') ? (reorderDelaysMs[status] ?? 0) : 0)
  enqueueMeta(world, number, 'statuses', item, delayMs)
  if (faults.has('duplicate_receipts')) enqueueMeta(world, number, 'statuses', item, delayMs + duplicateAfterMs)
}

interface Item {
  readonly id: string
  readonly timestamp: string
  readonly status?: string
  readonly recipient_id?: string
  readonly from?: string
}

/** Puts one status or one inbound message on its way to the business. */
export function enqueueMeta(
  world: World,
  number: AccountNumber,
  kind: 'statuses' | 'messages',
  item: Item,
  delayMs = 0,
): void {
  const { account } = world
  const url = callbackUrlOf(account, number)
  if (url === undefined) return
  world.news.enqueue(
    {
      url,
      secret: account.appSecret,
      signatureHeader: 'x-hub-signature-256',
      userAgent: 'facebookexternalua',
      kind: `${kind} ${number.phoneNumberId}`,
      item,
      itemsMax: kind === 'statuses' ? 100 : 1,
      compose: (items) => ({
        object: 'whatsapp_business_account',
        entry: [
          {
            id: account.wabaId,
            changes: [{ field: 'messages', value: valueOf(world, number, kind, items as Item[]) }],
          },
        ],
      }),
    },
    delayMs,
  )
}

function valueOf(
  world: World,
  { displayPhoneNumber, phoneNumberId }: AccountNumber,
  kind: 'statuses' | 'messages',
  items: readonly Item[],
): object {
  // Each person once, however many statuses of theirs travel together; of what failed Meta tells no contact.
  const told = items.filter(({ status }) => status !== 'failed')
  const people = new Set(told.map(({ recipient_id: to, from }) => to ?? from ?? ''))
  return {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: displayPhoneNumber, phone_number_id: phoneNumberId },
    ...(people.size > 0 && { contacts: [...people].map((waId) => contactOf(world, waId, kind)) }),
    [kind]: items,
  }
}

function contactOf(world: World, waId: string, kind: 'statuses' | 'messages'): object {
  const { digits, state } = world.handset(waId)
  return {
    wa_id: waId,
    user_id: userIdOf(digits),
    profile: { name: 'Zoë \u{1f642}' },
    ...(world.account.isIdentityCheckOn && kind === 'messages' && { identity_key_hash: state.identityKeyHash }),
  }
}
