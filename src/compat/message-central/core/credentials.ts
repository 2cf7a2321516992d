import type { Caller } from '#platform/core/caller.ts'

/** What Message Central's clients call themselves. */
export const customerId = (businessId: string): string => `C-${businessId.replaceAll('-', '').toUpperCase()}`

export const messageCentralCredentials = ({ businessId }: Caller) => ({ customer_id: customerId(businessId) })
