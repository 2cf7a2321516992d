/** What the ids of this module begin with. */
export const gatewaysIds = { gateway: 'gwy' } as const
