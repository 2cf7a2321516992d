/** What a provider echoes on receipts: whose delivery it is, and which. */
export const spellReference = (businessId: string, deliveryId: string): string =>
  `${businessId.replaceAll('-', '')}.${deliveryId.replaceAll('-', '')}`

const uuidOf = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`

/** Undefined when it is not one of ours. */
export function readReference(reference: string): { businessId: string; deliveryId: string } | undefined {
  const match = /^([0-9a-f]{32})\.([0-9a-f]{32})$/.exec(reference)
  return match ? { businessId: uuidOf(match[1] as string), deliveryId: uuidOf(match[2] as string) } : undefined
}

/** The same for a message of a chat; no delivery's reference looks like it. */
export const spellMessageReference = (businessId: string, messageId: string): string =>
  `m.${spellReference(businessId, messageId)}`

export function readMessageReference(reference: string): { businessId: string; messageId: string } | undefined {
  const read = reference.startsWith('m.') ? readReference(reference.slice(2)) : undefined
  return read && { businessId: read.businessId, messageId: read.deliveryId }
}

/** Whose message it is, of either kind. */
export const ownerOfReference = (reference: string): string | undefined =>
  (readReference(reference) ?? readMessageReference(reference))?.businessId
