import { type DeliveryStatus, deliveryStatuses } from '#platform/core/delivery-status.ts'

/** Ranks only rise, so duplicates and any order of receipts end in the same state. */
export const deliveryRank = (status: DeliveryStatus): number => deliveryStatuses.indexOf(status)

/**
 * The rule of a receipt. `failed` stands above `sent` and below `delivered`: a late `sent` changes nothing, a later
 * success overrules the failure. The model of `apply_receipts`.
 */
export const applyReceipt = (before: DeliveryStatus, news: DeliveryStatus): DeliveryStatus =>
  deliveryRank(news) > deliveryRank(before) ? news : before

export const hasArrived = (status: DeliveryStatus): boolean => status === 'delivered' || status === 'read'

/** May still arrive without anybody doing anything. */
export const mayStillArrive = (status: DeliveryStatus): boolean => status !== 'failed'
