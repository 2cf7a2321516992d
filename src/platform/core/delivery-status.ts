/** What has become of something that was sent, in rising rank; `sending` is shown to callers as `queued`. */
export const deliveryStatuses = ['queued', 'sending', 'unknown', 'sent', 'failed', 'delivered', 'read'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]
