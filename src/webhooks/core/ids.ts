/** What the ids of this module begin with. */
export const webhooksIds = { webhookEndpoint: 'whe', webhookDelivery: 'whd' } as const
